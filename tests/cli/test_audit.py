"""Export and verify: exit code 0 only with trust, 3 without, 1 for a log that is not what was signed."""

import re
import sqlite3
from pathlib import Path

import orjson
import pytest

from tests.cli.running import made, run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("audit") / "home", "diz", "other")


@pytest.fixture(scope="module")
def log(home: Path) -> Path:
    file = home.with_name("log.ndjson")
    done = run(home, "audit", "export", file)
    assert done.exit_code == 0, done.output
    return file


def test_an_export_is_verified_with_the_trust_file_of_its_center(home: Path, log: Path) -> None:
    done = run(None, "audit", "verify", log, "--trust", home / "trust.json")
    assert done.exit_code == 0
    assert "covered by the center's signature" in done.stdout


def test_without_trust_only_consistency_is_claimed(log: Path) -> None:
    done = run(None, "audit", "verify", log)
    assert done.exit_code == 3
    assert "Only internal consistency" in done.stderr


def test_a_deleted_leaf_is_named(home: Path, log: Path, tmp_path: Path) -> None:
    lines = log.read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut"
    cut.write_bytes(b"".join(lines[:2] + lines[3:]))
    done = run(None, "audit", "verify", cut, "--trust", home / "trust.json")
    assert done.exit_code == 1
    assert re.search(r"Leaf 1 \(.{36}\): another leaf or none stands in its place", done.stderr)
    assert run(None, "audit", "verify", cut).exit_code == 1


def test_the_trust_file_of_another_center_is_no_anchor(log: Path, tmp_path: Path) -> None:
    stranger = made(tmp_path / "stranger")
    done = run(None, "audit", "verify", log, "--trust", stranger / "trust.json")
    assert done.exit_code == 1
    assert "NOT VERIFIED" in done.stderr


def test_a_trust_file_that_is_none_is_refused(log: Path, tmp_path: Path) -> None:
    (tmp_path / "trust").write_text("hello")
    done = run(None, "audit", "verify", log, "--trust", tmp_path / "trust")
    assert done.exit_code == 2
    assert "not JSON" in done.stderr


def test_every_export_covers_the_one_before(home: Path, log: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    run(home, "audit", "export", later)
    assert len(later.read_bytes().splitlines()) > len(log.read_bytes().splitlines())
    assert later.read_bytes().splitlines()[1] == log.read_bytes().splitlines()[1]


def test_what_was_done_with_an_original_can_be_asked(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text("pid\n4711\n")
    run(home, "pseudonymize", "--domain", "diz", "--column", "pid", table, "-o", tmp_path / "out")
    done = run(home, "audit", "subject", "--domain", "diz", input="4711\n")
    assert "pseudonyms.issued" in done.stdout
    assert "4711" not in done.stdout
    other = run(home, "audit", "subject", "--domain", "diz", input="4712\n")
    assert "pseudonyms.issued" not in other.stdout


def test_an_acknowledged_leaf_is_found_in_the_database_and_in_an_export(
    home: Path, log: Path
) -> None:
    digest = orjson.loads(log.read_bytes().splitlines()[2])["hash"]
    trust = ("--trust", home / "trust.json")
    for more, code in (((), 0), (("--export", log, *trust), 0), (("--export", log), 3)):
        done = run(home, "audit", "find", "--leaf-hash", digest, *more)
        assert (done.exit_code, "It is leaf 1." in done.stdout) == (code, True)
        gone = run(home, "audit", "find", "--leaf-hash", "00" * 32, *more)
        assert (gone.exit_code, "NOT IN THE LOG" in gone.stderr) == (1, True)
    assert run(home, "audit", "find", "--leaf-hash", "x").exit_code == 2


def test_a_log_that_was_changed_in_the_database_is_named(tmp_path: Path) -> None:
    home = made(tmp_path / "home", "diz")
    assert run(home, "audit", "check").exit_code == 0
    run(home, "audit", "export", tmp_path / "log")
    with sqlite3.connect(home / "ttp.db") as database:
        database.execute("DELETE FROM audit_leaf WHERE position = 1")
    done = run(home, "audit", "check")
    assert done.exit_code == 1
    assert "CHANGED: Leaf 1" in done.stderr
    assert "The audit log was changed: Leaf 1" in run(home, "doctor").stdout
