"""``ttp hl7``: files are taken in whatever their form; again changes nothing; a listener serves and ends when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import VARIABLES, made, run
from tests.hospital.adt import merge, person
from ttp.wire.hl7.framing import framed


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("hl7") / "home")


@pytest.fixture
def source_map(tmp_path: Path) -> Path:
    found = tmp_path / "kis.toml"
    found.write_text('record_id = "KIS"\n[systems]\nKIS = "https://kis.example/pid"\n')
    return found


def test_files_are_imported_and_again_changes_nothing(
    home: Path, source_map: Path, tmp_path: Path
) -> None:
    day, rejects = tmp_path / "day.hl7", tmp_path / "rejects.csv"
    messages = [person("17"), person("18"), merge("18", "17"), person("19", "A03"), "MSH|broken\r"]
    day.write_bytes(b"".join(framed(one.encode()) for one in messages))
    options: list[str | Path] = ["--source", "kis", "--map", source_map, "--rejects", rejects]
    done = run(home, "hl7", "import", day, *options)
    assert done.exit_code == 1, done.output
    assert done.stdout == "1 ignored, 1 joined, 2 new, 1 rejected\n"
    assert rejects.read_text() == "file,message,problem\nday.hl7,5,hl7-malformed\n"
    again = run(home, "hl7", "import", day, *options)
    assert again.stdout == "1 ignored, 3 known, 1 rejected\n"


def test_only_tls_goes_beyond_this_computer(home: Path) -> None:
    done = run(home, "hl7", "listen", "--source", "kis", "--host", "0.0.0.0")  # noqa: S104 - refused
    assert done.exit_code == 2
    assert "--tls-cert" in done.output
    keyed = run(home, "hl7", "listen", "--source", "kis", "--tls-key", __file__)
    assert keyed.exit_code == 2


def test_a_map_that_is_none_is_said_in_one_sentence(home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("systems = 1")
    done = run(home, "hl7", "import", bad, "--source", "kis", "--map", bad)
    assert done.exit_code == 2
    assert "[systems]" in done.output


def test_a_listener_serves_and_ends_when_told(home: Path, source_map: Path) -> None:
    command = [sys.executable, "-m", "ttp.cli", "--home", home, "hl7", "listen", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment["TTP_UNLOCK_FILE"] = str(home.with_name(f"{home.name}.unlock"))
    with subprocess.Popen(
        [*map(str, command), "--source", "neu", "--map", str(source_map)],
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as listener:
        assert listener.stderr is not None
        told = listener.stderr.readline()
        assert told.startswith("Listening on 127.0.0.1:"), told
        port = int(told.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(framed(person("19").encode()))
            assert b"MSA|AA" in connection.recv(4096)
        listener.send_signal(signal.SIGTERM)
        assert listener.wait(timeout=30) == 0
