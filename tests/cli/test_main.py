"""The program lists its commands without loading them and answers mistakes in one sentence."""

from pathlib import Path

import pytest

from linkage.errors import EmptyInput
from tests.cli.command_line import ttp
from ttp.cli import COMMANDS, CommandLine, refusal
from ttp.core.errors import TTPError
from ttp.core.peers import PeerRefused


def test_help_lists_every_command(tmp_path: Path) -> None:
    done = ttp("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_listed_command_exists(name: str, tmp_path: Path) -> None:
    done = ttp(name, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    done = ttp("teleport", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such command" in done.stderr


def test_known_errors_are_one_sentence_and_unknown_ones_are_not_swallowed() -> None:
    assert refusal(EmptyInput("nord")) == "nord holds no records."
    assert refusal(TTPError("The center is sealed.")) == "The center is sealed."
    assert refusal(FileNotFoundError(2, "No such file or directory", "x")) == (
        "x: No such file or directory."
    )
    assert refusal(ZeroDivisionError()) is None


def test_why_a_peer_refused_is_told_in_its_words_but_not_obeyed() -> None:
    said = {"peer_code": "secret-outdated", "peer_detail": "Get \x1b[2Jthe newest.\n" + "x" * 9999}
    told = refusal(PeerRefused("The peer refused the request.", peer="bund", **said))
    assert told is not None
    assert told.startswith("The peer refused the request. secret-outdated: Get [2Jthe newest.xxx")
    assert len(told) < 500
    assert refusal(PeerRefused("No.", peer_code="unknown", peer_detail="")) == "No. unknown"


def test_the_home_is_handed_on(tmp_path: Path) -> None:
    assert CommandLine(tmp_path).require_home() == tmp_path
