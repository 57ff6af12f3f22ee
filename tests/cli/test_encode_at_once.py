"""Two encodings at once with one memory of used tokens: none of them loses what the other used."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from linkage.encode import EncodingSet, UsedTokens
from linkage.encode.used_alone import used_alone
from linkage.synthetic import MODERATE, generate
from tests.cli.command_line import ttp

HOLDING = """
import sys, time
from pathlib import Path
from linkage.encode.used_alone import used_alone
with used_alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""
COUNTING = """
import sys
from pathlib import Path
from linkage.encode.used_alone import used_alone
count = Path(sys.argv[1])
for _ in range(40):
    with used_alone(count, patience=60):
        count.write_text(str(int(count.read_text()) + 1))
"""


@contextmanager
def another_run(memory: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that has the memory for itself."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, memory], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_memory_that_another_run_has_is_waited_for_and_then_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef\n")
    generate(("a", "b"), 30, 0.0, 5, MODERATE).write_csv(tmp_path)
    (tmp_path / "other name").symlink_to("memory")
    arguments = ("encode", "--schema", "salted", "--secret-file", "secret", "a.csv", "-o", "a.enc")
    with another_run(tmp_path / "memory") as running:
        done = ttp(*arguments, "--used-tokens", "other name", cwd=tmp_path)
        assert done.returncode == 1
        assert "Another run uses" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "a.enc").exists()
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert ttp(*arguments, "--used-tokens", "memory", cwd=tmp_path).returncode == 0
    assert len(UsedTokens.load(tmp_path / "memory"))
    assert not list(tmp_path.glob("*.lock"))


@pytest.mark.parametrize("missing", ["-o", "--rejects", "--used-tokens"])
def test_where_one_file_cannot_be_written_none_is(tmp_path: Path, missing: str) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef\n")
    generate(("a",), 30, 0.0, 5, MODERATE).write_csv(tmp_path)
    before = sorted(tmp_path.iterdir())
    files = {"-o": "a.enc", "--rejects": "rejects", "--used-tokens": "memory"}
    options = [
        part for name, file in (files | {missing: "nowhere/file"}).items() for part in (name, file)
    ]
    done = ttp(
        "encode", "--schema", "salted", "--secret-file", "secret", "a.csv", *options, cwd=tmp_path
    )
    assert done.returncode == 2
    assert sorted(tmp_path.iterdir()) == before


def test_runs_that_start_together_take_turns(tmp_path: Path) -> None:
    count = tmp_path / "count"
    count.write_text("0")
    command = [sys.executable, "-c", COUNTING, str(count)]
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(timeout=120) for process in running] == [0] * 4
    assert count.read_text() == "160"
    assert list(tmp_path.iterdir()) == [count]


def test_a_lock_that_was_taken_away_is_made_anew(tmp_path: Path) -> None:
    with used_alone(tmp_path / "memory"):
        with pytest.raises(BlockingIOError), used_alone(tmp_path / "memory", patience=0):
            pass
        assert [path.name for path in tmp_path.iterdir()] == ["memory.lock"]
    with used_alone(tmp_path / "memory", patience=0):
        pass


def test_what_was_delivered_is_remembered_or_the_run_says_that_it_has_to_be_repeated(
    tmp_path: Path,
) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef\n")
    people = generate(("a", "b"), 300, 0.0, 5, MODERATE)
    people.write_csv(tmp_path)

    def encode(site: str) -> int:
        done = ttp(
            *("encode", "--schema", "salted", "--secret-file", "secret"),
            *("--used-tokens", "memory", f"{site}.csv", "-o", f"{site}.enc"),
            cwd=tmp_path,
        )
        assert done.returncode == 0 or "meanwhile" in done.stderr, done.stderr
        return done.returncode

    with ThreadPoolExecutor(2) as pool:
        codes = dict(zip(people.sites, pool.map(encode, people.sites), strict=True))
    assert 0 in codes.values()
    for site, code in codes.items():
        assert code == 0 or encode(site) == 0
    memory = UsedTokens.load(tmp_path / "memory")
    for site in people.sites:
        encodings = EncodingSet.load(tmp_path / f"{site}.enc")
        for view in encodings.schema.salted:
            tokens = set(encodings.exact[view.name].tolist()) - {0}
            assert tokens <= set(memory.held(view.name)[:, 0].tolist())
