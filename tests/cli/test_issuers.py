"""Identity providers in the settings: read whole or refused by name, and never with their secret in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ttp.config import load_settings
from ttp.core.access import Role
from ttp.core.errors import TTPError
from ttp.issuers import IssuerInvalid, read_issuers

GOOD: dict[str, Any] = {
    "name": "haus",
    "url": "https://login.example.org/realms/klinikum",
    "client_id": "ttp",
    "client_secret_file": "issuer-haus",
    "audience": "https://ths.example.org",
    "role_claim": "realm_access.roles",
    "roles": {"ths-steward": "steward", "ths-clerk": "clerk"},
    "clients": {"9f0c": "etl"},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "issuer-haus").write_text("from the file\n")
    return tmp_path


def read(home: Path, *tables: dict[str, Any], **environment: str) -> Any:
    return read_issuers(list(tables), home=home, environment=environment)


def test_an_issuer_is_read_from_the_settings_file(home: Path) -> None:
    lines = [f'{name} = "{value}"' for name, value in GOOD.items() if isinstance(value, str)]
    tables = ['roles = { ths-clerk = "clerk" }', 'clients = { "9f0c" = "etl" }']
    (home / "ttp.toml").write_text("\n".join(['name = "nord"', "[[issuer]]", *lines, *tables]))
    (issuer,) = load_settings(home, environment={}).issuer
    assert (issuer.title, issuer.client_secret) == ("haus", "from the file")
    assert issuer.roles == (("ths-clerk", Role.CLERK),)
    assert "from the file" not in repr(issuer)


def test_the_variable_comes_before_the_file(home: Path) -> None:
    (issuer,) = read(home, GOOD, TTP_ISSUER_HAUS_SECRET="from outside")
    assert issuer.client_secret == "from outside"


def test_the_first_role_that_fits_counts(home: Path) -> None:
    (issuer,) = read(home, GOOD)
    assert issuer.role_in({"realm_access": {"roles": ["ths-clerk", "ths-steward"]}}) is Role.STEWARD
    assert issuer.role_in({"realm_access.roles": "ths-clerk"}) is Role.CLERK
    assert issuer.role_in({"realm_access": {"roles": [7, None, {}]}}) is None
    assert issuer.role_in({"realm_access": "ths-clerk"}) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"url": "http://login.example.org"}, id="without encryption"),
        pytest.param({"url": "login.example.org"}, id="no address"),
        pytest.param({"name": "Haus Nord"}, id="no name"),
        pytest.param({"client_secret": "here"}, id="secret in the file"),
        pytest.param({"client_secret_file": "missing"}, id="no file"),
        pytest.param({"roles": {"a": "operator"}}, id="a role that is not for people"),
        pytest.param({"roles": ["steward"]}, id="roles as a list"),
        pytest.param({"clients": {"a": 1}}, id="a number as client"),
        pytest.param({"audience": "ttp"}, id="audience that is the client"),
        pytest.param({"audience": 7}, id="number as audience"),
        pytest.param({"accounts": "all"}, id="unknown way of accounts"),
        pytest.param({"accounts": "opened", "roles": {}}, id="accounts without roles"),
        pytest.param({"color": "red"}, id="unknown setting"),
    ],
)
def test_an_issuer_that_makes_no_sense_is_refused(home: Path, change: dict[str, Any]) -> None:
    with pytest.raises(IssuerInvalid):
        read(home, GOOD | change)


@pytest.mark.parametrize("missing", ["name", "url", "client_id", "client_secret_file"])
def test_an_issuer_without_a_setting_is_refused(home: Path, missing: str) -> None:
    with pytest.raises(IssuerInvalid):
        read(home, {name: value for name, value in GOOD.items() if name != missing})


def test_two_issuers_have_two_names_and_addresses(home: Path) -> None:
    for same in ("name", "url"):
        other = {"name": "other", "url": "https://other.example.org"} | {same: GOOD[same]}
        with pytest.raises(IssuerInvalid):
            read(home, GOOD, GOOD | other)


def test_the_environment_cannot_name_issuers(home: Path) -> None:
    (home / "ttp.toml").write_text('name = "nord"')
    assert load_settings(home, environment={"TTP_ISSUER": "x"}).issuer == ()
    (home / "ttp.toml").write_text('issuer = "haus"')
    with pytest.raises(TTPError):
        load_settings(home, environment={})
