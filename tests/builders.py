"""Builders: centers, domains and clients as tests need them, real ones on real databases."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from ttp.app import create_app
from ttp.config import Settings
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.check_digits import CheckMethod
from ttp.core.domains import Domain, NewDomain, PseudonymForm, alphabet_named
from ttp.core.names import DomainName
from ttp.initializing import initialize
from ttp.services.access.admit_client import admit_client
from ttp.services.domains.create_domain import create_domain

PASSPHRASE = b"a passphrase for tests only"
_FORM = frozenset(field.name for field in fields(PseudonymForm) if field.init)


class ManualClock:
    """A clock that stands until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 11, 22, 10, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time it was set to."""
        return self._now

    def monotonic(self) -> float:
        """The same time in seconds."""
        return self._now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Move on instead of waiting."""
        self.skip(seconds=seconds)

    def skip(self, **amount: float) -> None:
        """Move the clock by a ``timedelta``'s arguments, such as ``minutes=6``."""
        self._now += timedelta(**amount)


def make_center(
    home: Path,
    database_url: str = "",
    *,
    name: str = "nord",
    role: str = "embedded",
    alone: bool = True,
    keyring: str = "",
) -> Center:
    """A new trust center in the folder ``home``, on the embedded or the given database."""
    settings = Settings(
        home / name,
        name=name,
        role=role,
        database=database_url,
        keyring=keyring,
        four_eyes="demo" if alone else "required",
        public_url=f"https://{name}.example",
    )
    return initialize(settings, passphrase=PASSPHRASE).center


def make_domain(
    center: Center, name: str = "diz", *, alphabet: str = "base32", length: int = 16, **more: object
) -> Domain:
    """A new domain; ``prefix``, ``check``, ``multi``, ``deletable`` and so on as further arguments."""
    shape = {name: more.pop(name) for name in _FORM & more.keys()}
    if shape.get("check") is True:
        shape["check"] = CheckMethod.ISO7064
    form = PseudonymForm(alphabet_named(alphabet), length, **shape)  # type: ignore[arg-type] # checked by the class
    new = NewDomain(DomainName(name), form, **more)  # type: ignore[arg-type] # checked by the class
    return center.work.run(lambda tx: create_domain(center, tx, OPERATOR, new))


def make_key(
    center: Center,
    *domains: str,
    name: str = "pipeline",
    role: Role = Role.PIPELINE,
    resolve: bool = True,
) -> str:
    """The API key of a new client."""
    return center.work.run(
        lambda tx: admit_client(
            center, tx, OPERATOR, name=name, role=role, domains=domains, resolve=resolve
        )
    )


def make_http(center: Center) -> FlaskClient:
    """A client of the center's web application, in this process."""
    return create_app(center).test_client()


def bearer(key: str) -> dict[str, str]:
    """The header that carries an API key."""
    return {"Authorization": f"Bearer {key}"}
