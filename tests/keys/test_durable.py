"""A replaced file is old or new, never half, whatever fails on the way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keys.durable import create_durably, replace_durably
from tests.scale import scaled

WRITER = """
import sys
from pathlib import Path
from keys.durable import replace_durably
path, n = Path(sys.argv[1]), 0
print("ready", flush=True)
while True:
    n += 1
    replace_durably(path, bytes([n % 251]) * 200_000)
"""


def test_a_killed_writer_leaves_one_complete_version(tmp_path: Path) -> None:
    path = tmp_path / "keyring"
    replace_durably(path, b"\xff" * 200_000)
    for attempt in range(scaled(8, least=2)):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.01 + attempt * 0.004)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        content = path.read_bytes()
        assert len(content) == 200_000
        assert len(set(content)) == 1


def test_a_full_disk_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keyring"
    replace_durably(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            replace_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["keyring"]


def test_creating_refuses_what_exists_and_leaves_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "root"
    create_durably(path, b"first")
    with pytest.raises(FileExistsError):
        create_durably(path, b"second")
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["root"]


def test_replacing_into_a_missing_folder_fails_clearly(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_durably(tmp_path / "absent" / "file", b"content")


def test_a_target_that_cannot_be_replaced_leaves_no_litter(tmp_path: Path) -> None:
    folder = tmp_path / "keyring"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_durably(folder, b"content")
    assert [entry.name for entry in tmp_path.iterdir()] == ["keyring"]
