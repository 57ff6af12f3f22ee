"""What a document points at is there: files, headings' targets, and commands of the Makefile."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"`((?:ttp|keys|linkage|tests|deploy|docs)/[\w./-]+)`")
MADE_BY_COMMANDS = {"docs/benchmarks.md"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_leads_somewhere(document: Path) -> None:
    inside = [link for link in LINK.findall(document.read_text()) if "://" not in link]
    assert [link for link in inside if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_path_named_exists(document: Path) -> None:
    named = set(PATH.findall(document.read_text())) - MADE_BY_COMMANDS
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_make_target_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:`|\$ |# |&& )make ([a-z-]+)", document.read_text())
    assert set(named) <= targets


def test_help_names_every_target_for_people() -> None:
    text = (ROOT / "Makefile").read_text()
    shown = set(re.findall(r'@echo "make ([a-z-]+)', text))
    assert shown == set(re.findall(r"^([a-z-]+):", text, re.MULTILINE)) - {
        "help", "env", "assets", "system",
    }  # fmt: skip


def test_no_document_names_a_place_where_packages_are_fetched() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|npmjs|debian\.org|docker\.io|ghcr\.io|quay\.io")
    assert [_name(d) for d in DOCUMENTS if hosts.search(d.read_text())] == []
