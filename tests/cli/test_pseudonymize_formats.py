"""``ttp pseudonymize`` and ``ttp resolve`` on every format, through pipes, and after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.running import heeding_ctrl_c, made, run, served

RULES = """
[[identifier]]
system = "https://kh.example/pid"
domain = "diz"
new_system = "https://kh.example/psn"

[[id]]
resource = "*"
domain = "ids"
"""
PATIENT = '{"resourceType":"Patient","id":"%s","identifier":[{"system":"https://kh.example/pid","value":"00%s"}]}'
OBSERVATION = (
    '{"resourceType":"Observation","id":"o1","valueQuantity":{"value":1.10},'
    '"subject":{"reference":"Patient/%s"}}'
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("work") / "home", "diz", "ids")


def both_ways(home: Path, source: Path, *options: str | Path) -> bytes:
    """Pseudonymize and resolve; gives the file between, and requires the way back to be exact."""
    out, back = source.with_name(f"out{source.suffix}"), source.with_name(f"back{source.suffix}")
    done = run(home, "pseudonymize", source, "-o", out, *options)
    assert done.exit_code == 0, done.output
    done = run(home, "resolve", out, "-o", back, *options, "--reason", "a test")
    assert done.exit_code == 0, done.output
    assert "resolved" in done.stderr
    if source.suffix != ".parquet":
        assert back.read_bytes() == source.read_bytes()
    return out.read_bytes()


def test_several_columns_with_domains_of_their_own(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes('\ufeffpid;fall;ü\r\n007;Fall-1;\r\n"008";;x\r\n'.encode())
    out = both_ways(home, source, "--column", "pid=diz", "--column", "fall=ids").decode()
    assert "007" not in out
    assert "Fall-1" not in out


def test_latin_1_stays_latin_1(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("größe,pid\nü,Ä1\n".encode("latin-1"))
    out = both_ways(home, source, "--column", "pid=diz", "--encoding", "latin-1")
    assert out.startswith("größe,pid\nü,".encode("latin-1"))


def test_ndjson_by_selectors(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.ndjson"
    source.write_text('{"a": {"b":[{"s":"x","v":"007"},{"s":"y","v":"1"}]}, "n":1.10}\n')
    out = both_ways(home, source, "--column", "a.b.where(s='x').v=diz")
    assert b"007" not in out
    assert b'"v":"1"' in out


def test_parquet(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"pid": ["007", None, "Ü"], "x": [1, 2, 3]}), source)
    both_ways(home, source, "--column", "pid=diz")
    assert pq.read_table(tmp_path / "back.parquet").equals(pq.read_table(source))


def test_fhir_references_fit_across_files(home: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    bundle, lines = tmp_path / "in.json", tmp_path / "in.ndjson"
    entry = f'{{"fullUrl":"https://kh.example/fhir/Patient/p1","resource":{PATIENT % ("p1", "7")}}}'
    bundle.write_text(f'{{"resourceType":"Bundle","entry":[\n {entry}]}}')
    lines.write_text(f"{OBSERVATION % 'p1'}\n")
    one = json.loads(both_ways(home, bundle, "--rules", rules))["entry"][0]
    two = json.loads(both_ways(home, lines, "--rules", rules))
    assert two["subject"]["reference"] == f"Patient/{one['resource']['id']}"
    assert one["fullUrl"].endswith(f"/Patient/{one['resource']['id']}")
    assert one["resource"]["identifier"][0]["system"] == "https://kh.example/psn"


def test_rules_that_come_with_the_program_are_named(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text('{"resourceType":"Patient"}')
    done = run(home, "pseudonymize", source, "-o", tmp_path / "o", "--rules", "mii", "--dry-run")
    assert done.stdout.startswith("1 rows, 0 of them bad"), done.output


def test_through_a_pipe(home: Path) -> None:
    done = run(home, "pseudonymize", "-", "-o", "-", "--column", "pid=diz", input="pid,x\n007,a\n")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("pid,x\n")
    back = run(
        home, "resolve", "-", "-o", "-", "--column", "pid=diz", "--reason", "t", input=done.stdout
    )
    assert back.stdout == "pid,x\n007,a\n"


def test_a_dry_run_counts_and_asks_nothing(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("pid,x\n007,a\n,b\nbad\n")
    done = run(None, "pseudonymize", source, "-o", "out", "--column", "pid=diz", "--dry-run")
    assert done.exit_code == 0
    assert done.stdout == "3 rows, 1 of them bad\ndiz: 1 values\nrow 4: wrong-number-of-columns\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("with_values", [False, True])
def test_rejects_hold_values_only_when_that_is_said(
    home: Path, tmp_path: Path, with_values: bool
) -> None:
    source, bad = tmp_path / "in.csv", tmp_path / "bad.csv"
    source.write_text("pid\n00815\n")
    more = ["--rejects-with-values"] if with_values else []
    options = ["--column", "pid=diz", "--no-create", "--rejects", str(bad), *more]
    assert run(home, "pseudonymize", source, "-o", tmp_path / "out", *options).exit_code == 0
    assert bad.read_text().splitlines()[1] == '2,"pid",unknown-original' + (
        ",00815" if with_values else ""
    )


MISUSED = {
    "neither columns nor rules": [],
    "a column without a domain": ["--column", "pid"],
    "a column twice": ["--column", "pid=diz", "--column", "pid=ids"],
    "FHIR without rules": ["--column", "pid=diz", "--format", "fhir"],
}


@pytest.mark.parametrize("what", MISUSED)
def test_misuse_is_said(home: Path, tmp_path: Path, what: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text("pid\n1\n")
    done = run(home, "pseudonymize", source, "-o", tmp_path / "out", *MISUSED[what])
    assert done.exit_code == 2
    assert "--" in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_stopped_work_goes_on_and_gives_the_same_bytes(
    home: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    source, out, whole = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "whole.csv"
    rows = "".join(f'{n:06d};"{n % 977:04d}"\n' for n in range(60_000))
    source.write_text("pid;case\n" + rows)
    key = tmp_path / "key"
    scope = ("--role", "pipeline", "--domain", "diz", "--domain", "ids")
    key.write_text(run(home, "client", "create", f"k{stop.value}", *scope).stdout)
    columns = ["--column", "pid=diz", "--column", "case=ids", "--key-file", str(key)]
    with served(home) as (url, _):
        command = [sys.executable, "-m", "ttp.cli", "pseudonymize", str(source), "-o", str(out)]
        process = subprocess.Popen(
            [*command, *columns, "--url", url],
            stderr=subprocess.PIPE,
            env={**os.environ},
            preexec_fn=heeding_ctrl_c,  # noqa: PLW1509 - the test has no threads
        )
        resume = tmp_path / "out.csv.resume"
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            if resume.exists() and json.loads(resume.read_bytes())["done"]["rows"]:
                break
            time.sleep(0.005)
        process.send_signal(stop)
        _, said = process.communicate(timeout=60)
        assert process.returncode == (-9 if stop is signal.SIGKILL else 130)
        assert b"goes on from there" in said or stop is signal.SIGKILL
        assert not out.exists()
        assert run(None, *map(str, command[3:]), *columns, "--url", url).exit_code == 0
        assert run(None, "pseudonymize", source, "-o", whole, *columns, "--url", url).exit_code == 0
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", "key", "out.csv", "whole.csv"]
