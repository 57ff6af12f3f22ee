"""Exchanges: new values for old ones, from the center of a home or from one over HTTP."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.client.answers import Failed
    from ttp.client.files.batches import Exchange, Exchanged


@dataclass(frozen=True, slots=True)
class Direction:
    """Pseudonyms for originals, or back; ``create``: draw pseudonyms for unknown originals.

    ``records``: the values are record IDs of this source, and the domain is one of persons.
    """

    backward: bool = False
    create: bool = True
    reason: str | None = None
    records: str | None = None

    def named(self, values: Sequence[str]) -> list[dict[str, str]]:
        """The values as names of records."""
        return [{"source": self.records or "", "record_id": value} for value in values]


def home_goes_before_url(ctx: click.Context) -> bool:
    """Whether ``--home`` was said, and the URL only stands in the environment."""
    said = click.core.ParameterSource.COMMANDLINE
    home = ctx.find_root().get_parameter_source("home")
    return home is said and ctx.get_parameter_source("url") is not said


def local(ctx: click.Context, direction: Direction) -> Exchange:
    """Ask the center of the home.

    Raises:
        What ``center_of`` raises.
    """
    from ttp.core.access import OPERATOR
    from ttp.services.pseudonyms.issue_person_pseudonyms import issue_person_pseudonyms
    from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
    from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms

    center = center_of(ctx)

    def issue(domain: str, values: Sequence[str], _key: str) -> list[Exchanged | Failed]:
        create = direction.create
        told = center.work.run(
            lambda tx: issue_pseudonyms(
                center, tx, OPERATOR, domain_name=domain, originals=values, create=create
            )
        )
        return [_of_service(item) for item in told]

    def issue_of_persons(domain: str, values: Sequence[str], _key: str) -> list[Exchanged | Failed]:
        persons, create = direction.named(values), direction.create
        told = center.work.run(
            lambda tx: issue_person_pseudonyms(
                center, tx, OPERATOR, domain_name=domain, persons=persons, create=create
            )
        )
        return [_of_service(item) for item in told]

    def resolve(domain: str, values: Sequence[str], _key: str) -> list[Exchanged | Failed]:
        reason = direction.reason
        told = center.work.run(
            lambda tx: resolve_pseudonyms(
                center, tx, OPERATOR, domain_name=domain, pseudonyms=values, reason=reason
            )
        )
        return [_of_service(item) for item in told]

    if direction.records is not None:
        return in_parts(issue_of_persons)
    return resolve if direction.backward else issue


def in_parts(exchange: Exchange) -> Exchange:
    """The same exchange, asked for as many values at a time as a request about persons may hold."""
    from ttp.core.person_names import MOST_PERSONS

    def whole(domain: str, values: Sequence[str], key: str) -> list[Exchanged | Failed]:
        told: list[Exchanged | Failed] = []
        for start in range(0, len(values), MOST_PERSONS):
            part = values[start : start + MOST_PERSONS]
            told += exchange(domain, part, f"{key}-{start}")
        return told

    return whole


def remote(url: str, key: str, direction: Direction, *, connections: int) -> Exchange:
    """Ask the center at a URL; every call has a key of its own, so that a repeated one is answered as before."""
    from ttp.client import Treuhandstelle

    center = Treuhandstelle(url, key, connections=connections)

    def issue(domain: str, values: Sequence[str], key: str) -> list[Exchanged | Failed]:
        told = center.pseudonyms(domain, values, create=direction.create, key=key)
        return [_of_client(item) for item in told]

    def issue_of_persons(domain: str, values: Sequence[str], key: str) -> list[Exchanged | Failed]:
        persons = direction.named(values)
        told = center.person_pseudonyms(domain, persons, create=direction.create, key=key)
        return [_of_client(item) for item in told]

    def resolve(domain: str, values: Sequence[str], key: str) -> list[Exchanged | Failed]:
        told = center.resolve(domain, values, reason=direction.reason, key=key)
        return [_of_client(item) for item in told]

    if direction.records is not None:
        return issue_of_persons
    return resolve if direction.backward else issue


def api_key(path: Path | None) -> str:
    """The API key of a file, or of ``TTP_KEY``.

    Raises:
        click.UsageError: there is none.
    """
    text = path.read_text("utf-8") if path else os.environ.get("TTP_KEY", "")
    if not text.strip():
        raise click.UsageError("Give the API key: --key-file FILE, or the variable TTP_KEY.")
    return text.strip()


def _of_service(item: Any) -> Exchanged | Failed:
    from ttp.client.answers import Failed
    from ttp.client.files.batches import Exchanged
    from ttp.core.errors import TTPError
    from ttp.core.pseudonyms import Issued

    if isinstance(item, TTPError):
        return Failed(item.code, item.detail)
    if isinstance(item, Issued):
        return Exchanged(item.pseudonym, item.created)
    return Exchanged(item[0])


def _of_client(item: Any) -> Exchanged | Failed:
    from ttp.client.answers import Failed, Resolved
    from ttp.client.files.batches import Exchanged

    if isinstance(item, Failed):
        return item
    if isinstance(item, Resolved):
        return Exchanged(item.originals[0])
    return Exchanged(item.pseudonym, item.created)
