"""A reader meets small files, small functions, and a law at the top of every module.

The limits are a ratchet: they may only be lowered.
"""

import ast

from tests.architecture.source import lines_of, modules

MOST_LINES_OF_A_FILE = 320
MOST_LINES_OF_A_FUNCTION = 60
WORDS_WITHOUT_A_CONCEPT = {
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "common",
}


def test_no_file_outgrows_one_concept() -> None:
    lengths = {m.name: len(m.text.splitlines()) for m in modules()}
    assert {n: count for n, count in lengths.items() if count > MOST_LINES_OF_A_FILE} == {}


def test_no_function_outgrows_one_screen() -> None:
    """A migration is one list of tables, frozen once released, and exempt."""
    living = [m for m in modules() if ".migrations.versions." not in m.name]
    lengths = {f"{m.name}.{f.name}": lines_of(f) for m in living for f in m.functions()}
    assert {n: count for n, count in lengths.items() if count > MOST_LINES_OF_A_FUNCTION} == {}


def test_every_module_states_its_law() -> None:
    assert [m.name for m in modules() if not ast.get_docstring(m.tree)] == []


def test_no_module_is_named_after_nothing() -> None:
    words = {m.name: set(m.name.replace("_", ".").split(".")) for m in modules()}
    assert [name for name, parts in words.items() if parts & WORDS_WITHOUT_A_CONCEPT] == []


def test_every_package_has_a_law_of_its_own() -> None:
    folders = {m.path.parent for m in modules() if "migrations" not in m.path.parts}
    assert sorted(str(f) for f in folders if not (f / "__init__.py").exists()) == []


def test_nothing_is_left_for_later() -> None:
    markers = ("TODO", "FIXME", "XXX", "NotImplementedError")
    assert [(m.name, mark) for m in modules() for mark in markers if mark in m.text] == []
