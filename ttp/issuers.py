"""Issuers: the identity providers that the settings name, each a table ``[[issuer]]``; secrets stay out of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ttp.core.access import STAFF_ROLES, Role
from ttp.core.errors import InvalidName, TTPError
from ttp.core.names import slug
from ttp.core.providers import Issuer, is_safe_url

ACCOUNTS = ("linked", "opened")
_REQUIRED = ("name", "url", "client_id")
_TABLES = ("roles", "clients")
_SECRET_FILE = "client_secret_file"  # noqa: S105 - the name of a setting
_KNOWN = {field.name for field in fields(Issuer)} - {"client_secret"} | {_SECRET_FILE}


class IssuerInvalid(TTPError):
    """A table [[issuer]] of the settings cannot be used."""

    code = "issuer-invalid"


def read_issuers(
    tables: object, *, home: Path, environment: Mapping[str, str]
) -> tuple[Issuer, ...]:
    """The issuers of the settings. The secret comes from ``TTP_ISSUER_<NAME>_SECRET`` or from ``client_secret_file``.

    Raises:
        IssuerInvalid: a setting is missing, unknown, or of a wrong type or value; two issuers have one name or URL.
    """
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise IssuerInvalid("Issuers are tables: [[issuer]].")
    issuers = tuple(_issuer(one, home=home, environment=environment) for one in tables)
    for values in ([one.name for one in issuers], [one.url for one in issuers]):
        if len(set(values)) < len(values):
            raise IssuerInvalid("Two issuers have the same name or url.")
    return issuers


def _issuer(table: Mapping[str, Any], *, home: Path, environment: Mapping[str, str]) -> Issuer:
    _check_form(table)
    name = _name(table["name"])
    given = {key: value for key, value in table.items() if key not in {*_TABLES, _SECRET_FILE}}
    issuer = Issuer(
        **{"title": name, **given},
        client_secret=_secret(name, table.get(_SECRET_FILE), home, environment),
        roles=tuple((value, _role(role)) for value, role in table.get("roles", {}).items()),
        clients=tuple(table.get("clients", {}).items()),
    )
    _check_sense(issuer)
    return issuer


def _check_form(table: Mapping[str, Any]) -> None:
    if unknown := table.keys() - _KNOWN:
        raise IssuerInvalid(f"An issuer has no setting '{min(unknown)}'.")
    if missing := [name for name in _REQUIRED if name not in table]:
        raise IssuerInvalid(f"An issuer needs the setting '{missing[0]}'.")
    for name, value in table.items():
        texts: Sequence[object] = [value]
        if name in _TABLES:
            texts = list(value.values()) if isinstance(value, dict) else [None]
        if not all(isinstance(text, str) and text for text in texts):
            raise IssuerInvalid(f"The setting '{name}' of an issuer is not of the right type.")


def _check_sense(issuer: Issuer) -> None:
    if not is_safe_url(issuer.url):
        raise IssuerInvalid("The url of an issuer begins with https://, or is on this machine.")
    if issuer.accounts not in ACCOUNTS:
        raise IssuerInvalid("The setting 'accounts' of an issuer is 'linked' or 'opened'.")
    if issuer.opens_accounts and not issuer.roles:
        raise IssuerInvalid("An issuer that opens accounts needs the table 'roles'.")
    if issuer.audience == issuer.client_id:
        raise IssuerInvalid("The audience of access tokens differs from the client_id.")
    if issuer.clients and not issuer.audience:
        raise IssuerInvalid("An issuer with 'clients' needs the setting 'audience'.")


def _name(value: str) -> str:
    try:
        return slug(value, of="issuer")
    except InvalidName as error:
        raise IssuerInvalid(error.detail) from error


def _role(value: str) -> Role:
    if value not in STAFF_ROLES:
        raise IssuerInvalid(f"Roles of an issuer are: {', '.join(sorted(STAFF_ROLES))}.")
    return Role(value)


def _secret(name: str, file: str | None, home: Path, environment: Mapping[str, str]) -> str:
    variable = f"TTP_ISSUER_{name.upper().replace('-', '_').replace('.', '_')}_SECRET"
    if secret := environment.get(variable):
        return secret
    if file is None:
        raise IssuerInvalid(f"The issuer '{name}' needs client_secret_file, or {variable}.")
    try:
        lines = (home / file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise IssuerInvalid(f"The secret of the issuer '{name}' cannot be read.") from error
    if not lines or not lines[0].strip():
        raise IssuerInvalid(f"The file with the secret of the issuer '{name}' is empty.")
    return lines[0].strip()
