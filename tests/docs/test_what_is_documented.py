"""What people look up is documented, and what is documented exists: errors, settings, routes, commands."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest

from linkage.errors import LinkageError
from tests.builders import make_center
from tests.docs.error_table import DOCUMENT, described, load_everything
from ttp.app import create_app
from ttp.cli import COMMANDS, main
from ttp.config import Settings
from ttp.core.errors import TTPError

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]
)
COMMAND = re.compile(r"^\$ (?:[^|\n]*\| )?(?:[A-Z_]+=\S+ )*ttp (.*)$", re.MULTILINE)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def _read(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def _documented_codes(heading: str) -> set[str]:
    section = DOCUMENT.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([a-z0-9-]+)`", section, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "root"), [("Requests and commands", TTPError), ("Linkage", LinkageError)]
)
def test_every_error_code_is_documented_and_no_other(heading: str, root: type[Exception]) -> None:
    """If this fails: ``python -m tests.docs.error_table`` writes the table anew."""
    load_everything()
    assert _documented_codes(heading) == set(described(root))


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+?) \|", _read("operations.md"), re.MULTILINE))
    settings = {field.name: field.default for field in fields(Settings) if field.name != "home"}
    assert set(rows) == set(settings)
    stated = {name: text.strip("`") for name, text in rows.items() if text.startswith("`")}
    assert stated == {name: str(settings[name]) for name in stated}


def test_every_route_for_programs_is_described(tmp_path: Path) -> None:
    app = create_app(make_center(tmp_path))
    described_in_openapi = set(app.test_client().get("/openapi.json").get_json()["paths"])
    guide = set(re.findall(r"`(/[^`]*)`", _read("api.md")))
    missing = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("pages.")
        and _bare(rule.rule, "{", "}") not in described_in_openapi
        and _bare(rule.rule, "<", ">") not in guide
    ]
    assert missing == []


def test_every_route_the_guide_names_exists(tmp_path: Path) -> None:
    app = create_app(make_center(tmp_path))
    known = {_bare(rule.rule, "{", "}") for rule in app.url_map.iter_rules()}
    named = re.findall(r"`(?:GET|POST) (/api/[^`?]*)", _read("api.md"))
    assert named
    assert [path for path in named if path not in known] == []


def _bare(rule: str, left: str, right: str) -> str:
    """A route without the types of its variables."""
    return re.sub(r"<(?:[a-z]+:)?(\w+)>", rf"{left}\1{right}", rule)


def _commands() -> list[tuple[str, str]]:
    """Every ``ttp`` command line in a console block, and where it stands."""
    return [
        (str(document.relative_to(ROOT)), line)
        for document in DOCUMENTS
        for block in CONSOLE.findall(document.read_text())
        for line in COMMAND.findall(block.replace("\\\n", " "))
    ]


@pytest.mark.parametrize(("document", "line"), _commands())
def test_every_command_shown_exists_with_its_options(document: str, line: str) -> None:
    words = [word for word in shlex.split(line, comments=True) if word not in {"||", "true"}]
    command: click.Command = main
    context = click.Context(main)
    while words:
        word = words.pop(0)
        if word in {">", "|"} or "\\" in word:
            break
        if word.startswith("-"):
            option = word.partition("=")[0]
            known = [one for one in command.params if option in one.opts]
            assert known or option == "--help", f"{document}: no option {option}"
            takes_value = known and isinstance(known[0], click.Option) and not known[0].is_flag
            if takes_value and "=" not in word and words:
                words.pop(0)
        elif isinstance(command, click.Group):
            inner = command.get_command(context, word)
            assert inner is not None, f"{document}: no command {word}"
            command = inner


def test_every_command_is_shown_somewhere() -> None:
    text = "\n".join(document.read_text() for document in DOCUMENTS)
    shown = set(re.findall(r"\bttp (?:--home \S+ )?([a-z0-9-]+)", text))
    assert sorted(set(COMMANDS) - shown) == []
