"""Configuration: one file in the home, overridden by ``TTP_…`` variables; unknown settings are refused.

The home holds ``ttp.toml`` (this), ``root.json`` (the sealed root key; ``quorum.json`` where custodians hold it),
``keyring`` (the sealed key versions, unless they lie in a database of their own),
``trust.json`` (public keys of the center and its witnesses), ``ttp.db`` (the embedded database), and perhaps
``unlock`` (the passphrase, mode 0600, for homes that start without a person).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ttp.core.center import CenterRole
from ttp.core.errors import TTPError
from ttp.core.providers import Issuer
from ttp.issuers import read_issuers

SETTINGS_FILE = "ttp.toml"
ROOT_FILE = "root.json"
QUORUM_FILE = "quorum.json"
KEYRING_FILE = "keyring"
TRUST_FILE = "trust.json"
DATABASE_FILE = "ttp.db"
UNLOCK_FILE = "unlock"
ROOT_SOCKET = "root.sock"
UNSEAL_SOCKET = "unseal.sock"


class SettingsInvalid(TTPError):
    """The settings file or a TTP_… variable cannot be used."""

    code = "settings-invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults.

    name: the center's name in leaves, checkpoints and signed requests.
    role: ``local``, ``federated`` or ``embedded``.
    public_url: the URL under which others reach the center; signed requests are checked against it.
    host, port: where the web server listens.
    database: SQLAlchemy URL; empty means the embedded SQLite file in the home.
    keyring: SQLAlchemy URL of a database of its own, for several hosts; empty means the sealed file in the home.
    admin_host, admin_port: where a sealed center shows its unseal page, and nothing else.
    custody: where the root key lives, as a URI; empty means ``file:`` in the home.
    four_eyes: ``required``, or ``demo`` where one person suffices (shown as a banner and in ``/readyz``).
    second_factor: ``required`` of stewards and auditors, or ``optional``.
    session_idle_minutes, session_hours: how long a login lasts unused, and how long at most.
    webhook_targets: where webhooks may lead: ``private`` networks too, ``public`` addresses only, or ``none``.
    witness_hours: how old a peer's newest co-signed checkpoint may be before nothing is exchanged with it; 0: any age.
    second_vote_above: from how many changes on a second person has to agree to a decision; 0: never.
    decision_reasons: the reasons of decisions, in the order of their keys, at most nine, separated by commas.
    disclosure_budget: how many characters a person may uncover a day in cases, beyond the masked view.
    second_review_percent: share of decisions that a second reviewer answers blindly, 0 to 100.
    issuer: identity providers, each a table ``[[issuer]]`` (``ttp.issuers``).
    identifiers_in_urls: ``allowed`` for old clients that ask by URL, whom proxies log, or ``refused``.
    language: ``de`` or ``en``, the language of pages until a person chooses.
    web_processes: web processes (SQLite: always one). threads: request threads in each.
    """

    home: Path
    name: str = "center"
    role: str = "embedded"
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    admin_host: str = "127.0.0.1"
    admin_port: int = 8090
    database: str = ""
    keyring: str = ""
    custody: str = ""
    four_eyes: str = "required"
    second_factor: str = "optional"
    session_idle_minutes: int = 30
    session_hours: int = 12
    witness_hours: int = 24
    second_review_percent: int = 5
    second_vote_above: int = 0
    decision_reasons: str = "typing-error,name-change,relatives,other"
    disclosure_budget: int = 5000
    webhook_targets: str = "private"
    identifiers_in_urls: str = "refused"
    language: str = "de"
    web_processes: int = 2
    threads: int = 8
    issuer: tuple[Issuer, ...] = ()

    @property
    def database_url(self) -> str:
        """The URL of the database."""
        return self.database or f"sqlite:///{self.home / DATABASE_FILE}"

    @property
    def custody_uri(self) -> str:
        """Where the root key lives."""
        return self.custody or f"file:{self.home / ROOT_FILE}"

    @property
    def url(self) -> str:
        """The public URL without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def embedded_database(self) -> bool:
        """Whether the database is SQLite, which has one writer and one web process."""
        return self.database_url.startswith("sqlite")


_NO_TEXT = {"home", "issuer"}
_PERCENT = {"second_review_percent"}
_PORTS = {"port", "admin_port"}
_LEAST = {
    "port": 1,
    "admin_port": 1,
    "session_idle_minutes": 1,
    "session_hours": 1,
    "witness_hours": 0,
    "second_vote_above": 0,
    "disclosure_budget": 0,
    "web_processes": 1,
    "threads": 1,
}
LARGEST_PORT = 65535
_CHOICES = {
    "role": {role.value for role in CenterRole},
    "four_eyes": {"required", "demo"},
    "webhook_targets": {"public", "private", "none"},
    "second_factor": {"optional", "required"},
    "identifiers_in_urls": {"refused", "allowed"},
    "language": {"de", "en"},
}


def load_settings(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a home.

    Raises:
        SettingsInvalid: the file is missing or malformed, or a setting is unknown or has a wrong type or value.
        IssuerInvalid: a table [[issuer]] cannot be used.
    """
    path = home / SETTINGS_FILE
    try:
        given: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsInvalid(
            f"There is no center in this home: {path} is missing. Make one with 'init'."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path} is not valid TOML.") from error
    variables = os.environ if environment is None else environment
    issuers = read_issuers(given.pop("issuer", []), home=home, environment=variables)
    settings = _apply(Settings(home, issuer=issuers), given)
    return _apply(settings, _from_environment(variables))


def write_settings(settings: Settings) -> None:
    """Write the settings file of a new home; only what differs from the defaults and what people look for."""
    lines = [
        "# Settings of this trust center. Every setting can be overridden by a variable TTP_NAME."
    ]
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if field.name in {"database", "keyring"}:
            value = _without_password(value)
        if field.name not in _NO_TEXT and (
            value != field.default or field.name in {"name", "role", "port"}
        ):
            lines.append(f"{field.name} = {_toml(value)}")
    (settings.home / SETTINGS_FILE).write_text("\n".join(lines) + "\n", "utf-8")


def _without_password(url: str) -> str:
    """The URL as it may stand in a file: passwords come from TTP_DATABASE or the database's own means."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1)))


def _apply(settings: Settings, given: Mapping[str, Any]) -> Settings:
    kinds = {field.name: field.type for field in fields(Settings)}
    for name, value in given.items():
        if name not in kinds or name in _NO_TEXT:
            raise SettingsInvalid(f"There is no setting '{name}'.")
        wanted = int if kinds[name] == "int" else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise SettingsInvalid(f"The setting '{name}' needs a value of type {wanted.__name__}.")
        require_usable(name, value)
    return replace(settings, **given)


def require_usable(name: str, value: int | str) -> None:
    """Pass if a center can run with this value of the setting.

    Raises:
        SettingsInvalid: otherwise.
    """
    if isinstance(value, int):
        _require_within(name, value)
    elif name == "public_url" and value and not _is_web_address(value):
        raise SettingsInvalid(
            "The setting 'public_url' begins with https:// (or http://) and names a host."
        )
    elif name in _CHOICES and value not in _CHOICES[name]:
        raise SettingsInvalid(
            f"The setting '{name}' is one of: {', '.join(sorted(_CHOICES[name]))}."
        )


def _require_within(name: str, value: int) -> None:
    if name in _PERCENT and not 0 <= value <= 100:
        raise SettingsInvalid(f"The setting '{name}' is a share from 0 to 100.")
    if name in _LEAST and value < _LEAST[name]:
        raise SettingsInvalid(f"The setting '{name}' is at least {_LEAST[name]}.")
    if name in _PORTS and value > LARGEST_PORT:
        raise SettingsInvalid(f"The setting '{name}' is a port, at most {LARGEST_PORT}.")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    kinds = {field.name: field.type for field in fields(Settings)}
    given: dict[str, Any] = {}
    for variable, text in environment.items():
        name = variable.removeprefix("TTP_").lower()
        if not variable.startswith("TTP_") or name not in kinds or name in _NO_TEXT:
            continue
        if kinds[name] == "int" and not text.isdigit():
            raise SettingsInvalid(f"{variable} needs a whole number.")
        given[name] = int(text) if kinds[name] == "int" else text
    return given


def _toml(value: object) -> str:
    return (
        str(value)
        if isinstance(value, int)
        else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    )
