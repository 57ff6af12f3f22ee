"""The set of event kinds is closed: nothing else can be written, every member is meant, used and documented."""

import re
from pathlib import Path
from typing import Any, cast

import pytest

from tests.docs.event_table import DOCUMENT, table
from ttp.core.event_kinds import EventKind
from ttp.services.log.record_leaf import Act

ROOT = Path(__file__).parents[2]
MADE_OF_STATES = {"pseudonyms.", "project.", "key.rotation-"}


def _source() -> str:
    files = [*(ROOT / "ttp").rglob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in files if path.name != "event_kinds.py")


def test_an_act_of_a_kind_that_is_not_listed_cannot_be_made() -> None:
    for word in ("test.noted", "", "audit.read ", "AUDIT.READ"):
        with pytest.raises(ValueError, match="EventKind"):
            Act(cast("Any", word))


@pytest.mark.parametrize("kind", EventKind)
def test_a_kind_is_a_word_of_a_thing_and_what_was_done_and_says_what_it_means(
    kind: EventKind,
) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*", kind.value)
    assert kind.meaning.endswith(".")
    assert kind.name.replace("_", "") == re.sub("[.-]", "", kind.value).upper()


def test_every_kind_is_written_somewhere() -> None:
    source = _source()
    prefixes = {prefix for prefix in MADE_OF_STATES if f'EventKind(f"{prefix}' in source}
    unused = [
        kind.value
        for kind in EventKind
        if f"EventKind.{kind.name}" not in source and not kind.value.startswith(tuple(prefixes))
    ]
    assert unused == []


def test_the_document_lists_every_kind_as_the_code_has_it() -> None:
    assert DOCUMENT.read_text("utf-8") == table()
