"""Each adversary of the threat model is answered: a mitigation names a file and a test that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "threat-model.md").read_text()
ADVERSARIES = {
    title: text
    for title, _, text in (part.partition("\n") for part in DOCUMENT.split("\n## ")[1:])
    if title.startswith("The ")
}
EXPECTED = (
    "administrator",
    "pipeline",
    "database thief",
    "malicious peer",
    "researcher",
    "network",
    "deletes traces",
    "supply chain",
    "accident",
)


def rows() -> list[list[str]]:
    """All rows of mitigations, cell by cell."""
    lines = [line for text in ADVERSARIES.values() for line in text.splitlines()]
    cells = [
        [one.strip() for one in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return [row for row in cells if row[0] not in {"mitigation", "---"}]


def paths(cell: str) -> list[str]:
    return re.findall(r"`([\w./-]+)`", cell)


@pytest.mark.parametrize("word", EXPECTED)
def test_every_adversary_is_answered_and_what_remains_is_said(word: str) -> None:
    (text,) = [text for title, text in ADVERSARIES.items() if word in title]
    assert len(re.findall(r"^\| [^-m]", text, re.MULTILINE)) >= 4
    assert "\n*Remains.* " in text


def test_nobody_else_is_named() -> None:
    assert len(ADVERSARIES) == len(EXPECTED)


def test_every_asset_is_listed() -> None:
    assert re.findall(r"^\| (A\d) \|", DOCUMENT, re.MULTILINE) == [f"A{n}" for n in range(1, 9)]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:60])
def test_every_mitigation_has_a_file_and_a_test(row: list[str]) -> None:
    _, files, tests = row
    assert paths(files)
    assert paths(tests)
    assert [path for path in (*paths(files), *paths(tests)) if not (ROOT / path).exists()] == []
    assert [path for path in paths(files) if path.startswith("tests/")] == []
    assert [path for path in paths(tests) if not re.match(r"tests/.*test_\w+\.py$", path)] == []
