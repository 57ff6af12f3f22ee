"""What the document of cryptography names is there, and what is there it names: vectors, purposes, labels."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.keyring import Purpose

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "cryptography.md").read_text()
PUBLISHED = sorted(
    file
    for folder in ("rfc", "fips", "c2sp", "bip", "shamir")
    for file in (ROOT / "tests" / "vectors" / folder).glob("*.json")
)
LABEL = re.compile(r"(?:ttp[/-]|treuhandstelle )[\w /.-]*\w")
NO_LABELS = {
    "ttp-center": "a header",
    "ttp-recipient": "a header",
    "ttp-file": "a member of a custody URI",
    "ttp-ceremony-": "the name of a temporary folder",
}


def primitives() -> list[list[str]]:
    """The rows of the table of primitives, cell by cell."""
    section = DOCUMENT.split("## Primitives\n")[1].split("\n\n")[0].strip()
    return [
        [cell.strip() for cell in row.strip("|").split("|")] for row in section.splitlines()[2:]
    ]


def literals(file: Path) -> Iterator[str]:
    """Strings and bytes of a module that are no docstrings."""
    tree = ast.parse(file.read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in prose:
            if isinstance(node.value, bytes):
                yield node.value.decode("latin-1")
            elif isinstance(node.value, str):
                yield node.value


def derivations(file: Path) -> Iterator[str]:
    """The purposes that a module derives keys for and that are no purposes of the keyring."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "subkey":
            for word in node.keywords:
                if word.arg == "purpose" and isinstance(word.value, ast.Constant):
                    yield str(word.value.value)


@pytest.mark.parametrize("row", primitives(), ids=lambda row: row[0])
def test_every_primitive_has_its_file_and_its_vectors(row: list[str]) -> None:
    _, _, _, files, vectors = row
    for cell in (files, vectors):
        paths = re.findall(r"`([\w./-]+)`", cell)
        assert paths
        assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("file", PUBLISHED, ids=lambda file: file.name)
def test_every_published_vector_names_its_source_and_is_named_and_used(file: Path) -> None:
    assert len(json.loads(file.read_text())["source"]) > 5
    assert f"`{file.relative_to(ROOT)}`" in DOCUMENT
    tests = [test.read_text() for test in (ROOT / "tests" / "keys").glob("test_*.py")]
    assert any(file.name in text for text in tests)


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_is_described(purpose: Purpose) -> None:
    assert f"\n| `{purpose}` |" in DOCUMENT


def test_every_label_is_described() -> None:
    found = {
        text.rstrip("\x00\n")
        for file in (ROOT / "keys").rglob("*.py")
        for text in literals(file)
        if LABEL.fullmatch(text.rstrip("\x00\n")) and text not in NO_LABELS
    }
    assert len(found) > 8
    assert sorted(label for label in found if f'`"{label}"`' not in DOCUMENT) == []


def test_every_derivation_is_described() -> None:
    files = [*(ROOT / "keys").rglob("*.py"), *(ROOT / "ttp").rglob("*.py")]
    found = {purpose for file in files for purpose in derivations(file)}
    assert found
    assert sorted(one for one in found if f"purpose `{one}`" not in DOCUMENT) == []
