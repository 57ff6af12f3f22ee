"""What is said to be wiped is gone from memory; and no process of a center can be dumped to a disk."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from keys.custody import RootKey
from keys.custody.file import create, rewrap, unseal
from keys.custody.quorum import Collector, Statement
from keys.custody.quorum import create as deal
from tests.builders import PASSPHRASE, make_center
from ttp.config import ROOT_FILE
from ttp.core_dumps import hide_memory
from ttp.unlocking import serve_root

OPENING = """
import sys
from pathlib import Path
from ttp.config import load_settings
from ttp.opening import open_center
center = open_center(load_settings(Path(sys.argv[1]), {}))
center.keyring.active("audit")
print("open", flush=True)
sys.stdin.read()
"""
STANDING = """
import sys
root = bytes.fromhex(sys.stdin.readline())
print("open", flush=True)
sys.stdin.read()
"""


def test_a_wiped_root_is_zero_where_it_stood() -> None:
    root = RootKey.drawn()
    with memoryview(root) as place:
        assert any(place)
        root.wipe()
        assert not any(place)
        assert len(place) == 32


def test_a_root_is_never_printed() -> None:
    root = RootKey(b"\x41" * 32)
    assert "A" not in f"{root} {root!r} {root:}"


def test_two_drawn_roots_differ() -> None:
    assert RootKey.drawn() != RootKey.drawn()


def test_a_root_survives_a_new_passphrase_and_each_opening_is_another_place(tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    made = create(path, passphrase=PASSPHRASE)
    first = unseal(path, passphrase=PASSPHRASE)
    first.wipe()
    rewrap(path, passphrase=PASSPHRASE, new_passphrase=b"another passphrase")
    assert unseal(path, passphrase=b"another passphrase") == made


def test_shares_are_zero_once_the_root_is_open_and_the_root_is_not(tmp_path: Path) -> None:
    dealt = deal(tmp_path / "q.json", threshold=2, custodians=("A", "B"))
    with Collector(Statement.read(tmp_path / "q.json")) as collector:
        for share in dealt.shares:
            collector.add(share.text())
        entered = list(collector._shares.values())
        root = collector.root()
    assert not any(any(share.value) for share in entered)
    assert root == dealt.root


@contextmanager
def running(code: str, *arguments: str, given: str = "") -> Iterator[int]:
    """A process that has run this code and stands still."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(given)
        process.stdin.flush()
        assert process.stdout.readline() == "open\n"
        yield process.pid
    finally:
        process.communicate()


def found_in(process: int, secret: bytes) -> int:
    """How often the secret stands in the process's writable memory."""
    count = 0
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            place, permissions, *_ = line.split()
            begin, end = (int(part, 16) for part in place.split("-"))
            if permissions.startswith("rw") and not line.endswith(("[vvar]", "[vsyscall]")):
                memory.seek(begin)
                count += memory.read(end - begin).count(secret)
    return count


def test_a_process_that_was_handed_the_root_keeps_nothing_of_it(tmp_path: Path) -> None:
    make_center(tmp_path)
    home = tmp_path / "nord"
    root = unseal(home / ROOT_FILE, passphrase=PASSPHRASE)
    with closing(serve_root(home, root)), running(OPENING, str(home)) as process:
        assert found_in(process, bytes(root)) == 0


def test_the_search_finds_a_root_that_is_kept() -> None:
    root = RootKey.drawn()
    with running(STANDING, given=root.hex() + "\n") as process:
        assert found_in(process, bytes(root)) >= 1


HIDING = """
import ctypes, resource
from ttp.core_dumps import hide_memory
hide_memory()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_a_process_that_hides_its_memory_has_no_size_for_them_and_is_undumpable() -> None:
    told = subprocess.run(
        [sys.executable, "-c", HIDING], capture_output=True, text=True, check=True
    )
    assert told.stdout == "(0, 0) 0\n"


@pytest.mark.parametrize("module", ["ttp/supervisor.py", "ttp/worker.py", "ttp/app.py"])
def test_every_process_of_a_center_hides_its_memory(module: str) -> None:
    source = (Path(__file__).parents[2] / module).read_text("utf-8")
    assert f"{hide_memory.__name__}()" in source
