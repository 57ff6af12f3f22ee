"""``ttp matching``: models are listed and shown; too small a stock and needless requests are refused in a sentence."""

from pathlib import Path

import pytest

from linkage.weighing import load_model
from tests.cli.running import made, run

SHIPPED = load_model().name


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("matching") / "center")


def test_the_shipped_model_is_in_use_and_shows_its_weights(home: Path) -> None:
    listed = run(home, "matching", "show")
    assert listed.exit_code == 0
    assert SHIPPED in listed.output
    assert "active" in listed.output
    shown = run(home, "matching", "show", SHIPPED)
    assert shown.exit_code == 0
    assert {"given_name", "borne", "twins", "identifier"} <= set(shown.output.split())


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("learn",), "too few records"),
        (("activate", SHIPPED), "in use already"),
        (("activate", "own-7"), "no matching model"),
        (("show", "own-7"), "no matching model"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    home: Path, command: tuple[str, ...], sentence: str
) -> None:
    done = run(home, "matching", *command)
    assert done.exit_code == 2
    assert sentence in done.output.lower()


def test_a_worker_can_be_asked_once(home: Path) -> None:
    assert run(home, "matching", "learn", "--later").exit_code == 0
    assert run(home, "matching", "learn", "--later").exit_code == 2
