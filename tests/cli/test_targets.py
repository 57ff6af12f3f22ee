"""What a run would write is looked at before it works: nothing it reads is ever written over."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.running import run
from ttp.cli import output, refusal

HEADER = "record_id,given_name,surname,birth_date,sex,postcode,city\n"
ROWS = "1,Anna,Grünwald,1990-05-17,f,04109,Leipzig\n2,Paul,Öztürk,1985-02-28,m,,\n"
PAIRS = "source_a,record_a,source_b,record_b,score,outcome\nnord,1,sued,2,0.9,match\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("secret").write_text("0123456789abcdef\n")
    Path("links.csv").write_text(HEADER + ROWS, encoding="utf-8")
    Path("sued.csv").write_text(HEADER + ROWS, encoding="utf-8")
    Path("pairs.csv").write_text(PAIRS)
    Path("other.csv").symlink_to("links.csv")
    os.link("links.csv", "hard.csv")
    Path("used").write_bytes(b"")
    shown = run(None, "encode", "--print-schema", "default")
    Path("schema.json").write_text(shown.stdout)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


ENCODE = ("encode", "--secret-file", "secret", "links.csv")
SALTED = (*ENCODE, "--schema", "salted")
CLEAR = ("link", "--clear", "links.csv", "sued.csv")
TWICE = {
    "the input is the output": (*ENCODE, "-o", "links.csv"),
    "a link to the input is the output": (*ENCODE, "-o", "other.csv"),
    "another name of the input's file is the output": (*ENCODE, "-o", "hard.csv"),
    "the secret is the output": (*ENCODE, "-o", "./secret"),
    "the schema is the output": (*ENCODE, "--schema", "schema.json", "-o", "schema.json"),
    "rejects go into the input": (*ENCODE, "-o", "x", "--rejects", "links.csv"),
    "rejects go into the output": (*ENCODE, "-o", "x", "--rejects", "x"),
    "the memory is the output": (*SALTED, "-o", "used", "--used-tokens", "used"),
    "the memory is the input": (*SALTED, "-o", "x", "--used-tokens", "links.csv"),
    "the memory is the secret": (*SALTED, "-o", "x", "--used-tokens", "secret"),
    "links go into the input": (*CLEAR, "-o", "."),
    "a report goes into the links": (*CLEAR, "-o", ".", "--report", "report.json"),
    "two reports are one": (*CLEAR, "-o", "new", *("--report", "a.html") * 2),
    "pairs go into the input": ("dedupe", "--clear", "links.csv", "-o", ".", "--truth", "pairs.csv"),
    "a sample goes into the pairs": ("evaluate", "pairs.csv", "--sample", "1", "-o", "pairs.csv"),
    "a sample goes into the truth": (
        *("evaluate", "pairs.csv", "--truth", "links.csv", "--sample", "1", "-o", "links.csv"),
    ),
    "an attack goes into its schema": ("attack", "attack.json", "-o", "."),
}  # fmt: skip


@pytest.mark.parametrize("defect", TWICE)
def test_a_file_that_is_read_is_never_written_over(folder: Path, defect: str) -> None:
    Path("attack.json").write_bytes(Path("schema.json").read_bytes())
    before = contents(folder)
    done = run(None, *TWICE[defect])
    assert (done.exit_code, "is named twice" in done.stderr) == (2, True), done.output
    assert contents(folder) == before


PLACES = {
    "no such folder": (*ENCODE, "-o", "nowhere/x"),
    "rejects in no such folder": (*ENCODE, "-o", "x", "--rejects", "nowhere/y"),
    "a memory in no such folder": (*SALTED, "-o", "x", "--used-tokens", "nowhere/y"),
    "a file as a folder": (*ENCODE, "-o", "secret/x"),
    "links below a file": (*CLEAR, "-o", "secret/x"),
    "a device": (*ENCODE, "-o", "/dev/null"),
    "a sample in no such folder": ("evaluate", "pairs.csv", "--sample", "1", "-o", "nowhere/x"),
    "an attack below a file": ("attack", "schema.json", "-o", "secret/x"),
    "an advice below a file": ("advise", "-o", "secret/x"),
}


@pytest.mark.parametrize("defect", PLACES)
def test_a_place_that_cannot_be_written_is_refused_by_its_name(folder: Path, defect: str) -> None:
    before = contents(folder)
    done = run(None, *PLACES[defect])
    assert done.exit_code == 2, done.output
    named = next(name for name in ("nowhere", "secret", "/dev/null") if name in done.stderr)
    assert f".{named}." not in done.stderr
    assert contents(folder) == before


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_where_there_is_no_room_the_file_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    target = tmp_path / "big"
    with files_of_at_most(4096), pytest.raises(OSError, match="large") as refused:
        output.write(target, lambda path: path.write_bytes(bytes(8192)))
    assert refusal(refused.value) == f"{target}: File too large."
    with files_of_at_most(4096), pytest.raises(OSError, match="large") as refused:
        output.write_all(tmp_path, {"small": "x", "big": bytes(8192), "last": "x"})
    assert refusal(refused.value) == f"{target}: File too large."
    assert not list(tmp_path.iterdir())


def test_no_room_for_a_file_of_unknown_name_is_a_refusal_too() -> None:
    assert refusal(OSError(28, "No space left on device")) == "No space left on device."
