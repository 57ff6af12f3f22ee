"""What commands write is for its owner's eyes only, unless a file stands there whose mode says otherwise."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.cli.running import made, run
from ttp.cli import output
from ttp.client.files.resuming import Done, Parts, Rewriting

DIZ = ("--domain", "diz", "--column", "pid")
RESOLVE = ("--reason", "a test")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("work") / "home", "diz")


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """As on a machine where everybody may read what is not said to be private."""
    before = os.umask(0o002)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    file.write_text("pid\n4711\nbad\x01\n")
    return file


def exchanged(home: Path, source: Path, target: Path, *more: str | Path, there: bool) -> Path:
    command = ("pseudonymize",) if there else ("resolve", *RESOLVE)
    done = run(home, *command, *DIZ, source, "-o", target, *more)
    assert done.exit_code in {0, 1}, done.output
    return target


def test_originals_that_are_written_are_private(home: Path, table: Path) -> None:
    out, back, bad = (table.with_name(name) for name in ("out.csv", "back.csv", "bad.csv"))
    exchanged(home, table, out, "--rejects", bad, "--rejects-with-values", there=True)
    exchanged(home, out, back, there=False)
    assert "4711" in back.read_text()
    assert {mode(out), mode(back), mode(bad)} == {0o600}


def test_a_file_that_stands_keeps_its_mode(home: Path, table: Path) -> None:
    out, bad = table.with_name("out.csv"), table.with_name("bad.csv")
    for path, given in ((out, 0o640), (bad, 0o664)):
        path.touch()
        path.chmod(given)
    exchanged(home, table, out, "--rejects", bad, there=True)
    assert (mode(out), mode(bad)) == (0o640, 0o664)


def test_what_a_pipe_is_poured_into_is_private(home: Path, table: Path) -> None:
    out, bad = table.with_name("out.csv"), table.with_name("bad.csv")
    options = ("--format", "csv", "--rejects", bad, "--rejects-with-values")
    done = run(home, "pseudonymize", *DIZ, *options, "-", "-o", out, input=table.read_text())
    assert done.exit_code in {0, 1}, done.output
    assert {mode(out), mode(bad)} == {0o600}


def test_columns_are_private_too(home: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    parquet.write_table(pa.table({"pid": ["4711"]}), source)
    assert mode(exchanged(home, source, target, there=True)) == 0o600


def test_parts_of_interrupted_work_are_private(table: Path) -> None:
    work = Rewriting(table, table.with_name("out"), "test", table.with_name("bad"))
    parts = Parts(work)
    parts.add(b"4711\n", b"", Done())
    parts.close()
    assert work.rejects_part is not None
    assert {mode(one) for one in (work.part, work.rejects_part, work.resume)} == {0o600}


def test_a_receipt_is_private(home: Path, table: Path) -> None:
    exchanged(home, table, table.with_name("out"), "--rejects", table.with_name("b"), there=True)
    asked, receipt = table.with_name("asked"), table.with_name("receipt.json")
    asked.write_text(json.dumps(["diz", "4711"]) + "\n")
    done = run(home, "pseudonyms", "erase", asked, "-o", receipt)
    assert done.exit_code == 0, done.output
    assert mode(receipt) == 0o600


def test_rows_that_could_not_be_imported_are_listed_in_private(home: Path, table: Path) -> None:
    bad, pairs = table.with_name("bad.csv"), table.with_name("pairs.csv")
    pairs.write_text("original,pseudonym\n1,!\n")
    done = run(home, "import", "pairs", pairs, "--domain", "diz", "--rejects", bad)
    assert bad.exists(), done.output
    assert mode(bad) == 0o600


def test_folders_of_output_hold_private_files(tmp_path: Path) -> None:
    (tmp_path / "old").touch(0o644)
    output.write_all(tmp_path, {"new": "4711", "old": b"4712"})
    assert (mode(tmp_path / "new"), mode(tmp_path / "old")) == (0o600, 0o644)
