"""Making and administering a center: every command says what it did or refuses in one sentence."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import free_port, made, run
from ttp.config import load_settings


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("cli") / "home", "diz")


def test_init_says_how_to_go_on(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a passphrase\n")
    done = run(tmp_path / "h", "init", "--name", "nord", "--passphrase-file", secret)
    assert done.exit_code == 0
    assert f"ttp --home {tmp_path / 'h'} serve" in done.stdout
    assert done.stderr == ""
    assert not (tmp_path / "h" / "unlock").exists()


def test_without_a_passphrase_one_is_written_privately_and_warned_of(tmp_path: Path) -> None:
    done = run(tmp_path / "h", "init")
    unlock = tmp_path / "h" / "unlock"
    assert "Warning" in done.stderr
    assert unlock.read_text().strip() not in done.output
    assert stat.S_IMODE(unlock.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "h").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "h" / "ttp.db").stat().st_mode) == 0o600
    assert run(tmp_path / "h", "domain", "list").exit_code == 0


def test_a_center_is_never_made_over_another(home: Path) -> None:
    before = (home / "root.json").read_bytes()
    done = run(home, "init")
    assert done.exit_code == 2
    assert "This home holds a center already." in done.stderr
    assert (home / "root.json").read_bytes() == before


def test_settings_are_those_given(tmp_path: Path) -> None:
    options = ["--role", "federated", "--port", "9000", "--four-eyes", "demo"]
    run(tmp_path / "h", "init", *options, "--public-url", "https://ttp.example")
    settings = load_settings(tmp_path / "h", {})
    assert (settings.role, settings.port, settings.four_eyes) == ("federated", 9000, "demo")
    assert settings.url == "https://ttp.example"


def test_domains_are_made_and_listed(home: Path) -> None:
    options = ["--prefix", "R-", "--length", "8", "--alphabet", "digits", "--check-character"]
    done = run(home, "domain", "create", "research", "--multi", "--deletable", *options)
    assert "100,000,000 possible pseudonyms" in done.stdout
    (line,) = [row for row in run(home, "domain", "list").stdout.splitlines() if "research" in row]
    form = ["research", "value", "several", "R-xxxxxxxxc", "0", "100000000", "yes", "active"]
    assert line.split() == form


REFUSED = {
    "name taken": (["domain", "create", "diz"], "A domain of this name or alias exists."),
    "bad name": (["domain", "create", "Ärzte"], "The name of a domain has"),
    "one letter": (["domain", "create", "x", "--alphabet", "a"], "The alphabet needs 2 to 64"),
    "length 0": (["domain", "create", "x", "--length", "0"], "The length lies between 1"),
    "odd alphabet": (
        ["domain", "create", "x", "--alphabet", "abc", "--check-character"],
        "A check character needs an alphabet with an even number",
    ),
    "unknown domain": (
        ["client", "create", "c", "--role", "pipeline", "--domain", "nowhere"],
        "No domain has this name.",
    ),
    "unknown role": (["client", "create", "c", "--role", "king"], "'king' is not one of"),
    "no role": (["client", "create", "c"], "Missing option '--role'"),
    "unknown client": (["client", "revoke", "nobody"], "No client of this name has access."),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_mistakes_are_refused_in_one_sentence(home: Path, sentence: str) -> None:
    arguments, told = REFUSED[sentence]
    done = run(home, *arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_a_command_without_a_home_asks_for_one() -> None:
    done = run(None, "domain", "list")
    assert done.exit_code == 2
    assert "--home" in done.stderr


def test_a_folder_without_a_center_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "client", "list")
    assert done.exit_code == 2
    assert "Make one with 'init'" in done.stderr


def test_the_key_of_a_client_stands_alone_on_standard_output(home: Path) -> None:
    done = run(home, "client", "create", "p", "--role", "pipeline", "--domain", "diz")
    (key,) = done.stdout.splitlines()
    assert key.startswith("ttp_")
    assert key not in done.stderr
    listed = run(home, "client", "list").stdout
    assert key not in listed
    assert "active" in listed
    assert run(home, "client", "revoke", "p").exit_code == 0
    assert "revoked" in run(home, "client", "list").stdout


def test_a_wrong_passphrase_opens_nothing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("another passphrase\n")
    done = run(home, "domain", "list", TTP_UNLOCK_FILE=str(tmp_path / "wrong"))
    assert done.exit_code == 2
    assert "another" not in done.stderr


def test_a_missing_file_with_the_passphrase_is_named(home: Path) -> None:
    done = run(home, "domain", "list", TTP_UNLOCK_FILE="/nowhere/unlock")
    assert done.exit_code == 2
    assert "TTP_UNLOCK_FILE names is missing: /nowhere/unlock" in done.stderr


def test_no_center_is_made_that_others_cannot_reach(tmp_path: Path) -> None:
    done = run(tmp_path / "h", "init", "--public-url", "nord")
    assert done.exit_code == 2
    assert "'public_url'" in done.stderr
    assert not (tmp_path / "h").exists()


def test_a_lost_database_is_said_and_not_made_anew(tmp_path: Path) -> None:
    home = made(tmp_path / "h")
    (home / "ttp.db").rename(tmp_path / "elsewhere")
    done = run(home, "domain", "list")
    assert done.exit_code == 2
    assert "ttp.db is missing" in done.stderr
    assert "ttp.db is missing" in run(home, "migrate").stderr
    assert not (home / "ttp.db").exists()


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mysql://a/b", "postgresql://u:geheim@127.0.0.1:1/x"],
    ids=["no-url", "unknown-kind", "nobody-listens"],
)
@pytest.mark.parametrize("command", ["migrate", "serve", "doctor"])
def test_a_database_that_cannot_be_opened_is_said_in_one_sentence(
    home: Path, url: str, command: str
) -> None:
    port = ["--port", str(free_port())] if command == "serve" else []
    done = run(home, command, *port, TTP_DATABASE=url)
    assert done.exit_code in {1, 2}
    assert "database cannot be opened" in done.output
    assert "geheim" not in done.output


def test_no_center_is_made_on_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    home = tmp_path / "h"
    done = subprocess.run(
        [sys.executable, "-m", "ttp.cli", "--home", str(home), "init"],
        env={**os.environ, "TTP_DATABASE": "postgresql://u:geheim@127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("ttp: The database cannot be opened")
    assert "geheim" not in done.stderr
    assert not (home / "ttp.toml").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TTP_PUBLIC_URL", "nord"),
        ("TTP_PUBLIC_URL", "https://[nord"),
        ("TTP_PORT", "99999"),
        ("TTP_ADMIN_PORT", "0"),
        ("TTP_THREADS", "0"),
        ("TTP_WEB_PROCESSES", "0"),
        ("TTP_SESSION_HOURS", "0"),
    ],
)
def test_a_setting_nothing_can_run_with_is_refused(home: Path, variable: str, value: str) -> None:
    done = run(home, "domain", "list", **{variable: value})
    assert done.exit_code == 2
    assert f"'{variable.removeprefix('TTP_').lower()}'" in done.stderr


def test_a_damaged_database_is_said_in_one_sentence(tmp_path: Path) -> None:
    home = made(tmp_path / "h")
    (home / "ttp.db").write_bytes(b"no database" * 100)
    for command in (["domain", "list"], ["migrate"], ["serve", "--port", str(free_port())]):
        done = run(home, *command)
        assert done.exit_code == 2
        assert "database cannot be opened" in done.stderr


def test_migrate_repeated_changes_nothing(home: Path) -> None:
    assert "up to date" in run(home, "migrate").stdout


@pytest.mark.postgres
def test_a_home_may_have_its_database_elsewhere(tmp_path: Path, postgres_database: str) -> None:
    home = made(tmp_path / "h", "diz", TTP_DATABASE=postgres_database)
    assert "diz" in run(home, "domain", "list").stdout  # the home remembers where
    assert not (home / "ttp.db").exists()
    assert stat.S_IMODE((home / "ttp.toml").stat().st_mode) == 0o600
