"""``ttp staff``: accounts are opened with a drawn or given password, listed, changed and ended."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.builders import make_center
from ttp.cli.staff import staff
from ttp.core.center import Center
from ttp.core.logins import LoginRefusal, Opened
from ttp.services.access.log_in import log_in


@pytest.fixture
def center(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Center:
    made = make_center(tmp_path)
    monkeypatch.setattr("ttp.cli.staff.center_of", lambda _: made)
    return made


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(staff, arguments)


def _login(center: Center, password: str) -> Opened | LoginRefusal:
    return log_in(center, name="anna", password=password, address="127.0.0.1")


def test_a_drawn_password_stands_alone_on_standard_output_and_works(center: Center) -> None:
    result = _run("create", "anna", "--role", "clerk", "--display-name", "Anna A.")
    assert result.exit_code == 0
    password = result.stdout.removesuffix("\n")
    assert len(password) == 43
    assert isinstance(_login(center, password), Opened)


def test_a_password_from_a_file_is_not_printed(center: Center, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("a long enough secret\nsecond line\n")
    result = _run("create", "anna", "--role", "steward", "--password-file", str(file))
    assert result.output == ""
    assert isinstance(_login(center, "a long enough secret"), Opened)


def test_a_short_password_is_refused_without_repeating_it(center: Center, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("short")
    result = _run("create", "anna", "--role", "clerk", "--password-file", str(file))
    assert result.exit_code != 0
    assert "short" not in str(result.exception) + result.output
    assert _run("list").output.count("\n") == 1
    assert center.name


def test_a_new_password_replaces_the_old_one(center: Center) -> None:
    old = _run("create", "anna", "--role", "clerk").stdout.strip()
    new = _run("password", "anna").stdout.strip()
    assert _login(center, old) is LoginRefusal.WRONG
    assert isinstance(_login(center, new), Opened)


def test_a_disabled_account_stays_listed_and_cannot_log_in(center: Center) -> None:
    password = _run("create", "anna", "--role", "clerk").stdout.strip()
    assert _run("disable", "anna").exit_code == 0
    assert _login(center, password) is LoginRefusal.WRONG
    assert "disabled" in _run("list").output
