"""The custody file of a quorum: public, and believed only as it was written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keys.custody import quorum
from keys.custody.errors import CustodyFileChanged
from keys.custody.quorum import Share, Statement
from keys.errors import CannotUnseal
from tests.keys.test_custody_quorum import Dealt, changed, dealt

__all__ = ["dealt"]


Document = dict[str, Any]


def _swapped_names(document: Document) -> None:
    first, second, *_ = document["custodians"]
    first["name"], second["name"] = second["name"], first["name"]


def _one_custodian_less(document: Document) -> None:
    document["custodians"].pop()


CHANGED: dict[str, Callable[[Document], None]] = {
    "a lower threshold": lambda document: document.update(threshold=2),
    "a higher threshold": lambda document: document.update(threshold=4),
    "names that changed places": _swapped_names,
    "another name": lambda document: document["custodians"][0].update(name="Mallory"),
    "a custodian less": _one_custodian_less,
    "another commitment": lambda document: document["custodians"][4].update(
        commitment=document["custodians"][0]["commitment"]
    ),
    "another check": lambda document: document.update(
        check=document["custodians"][0]["commitment"]
    ),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_changed_custody_file_does_not_open(
    dealt: Dealt, tmp_path: Path, change: Callable[[Document], None]
) -> None:
    document = json.loads(dealt.path.read_text())
    change(document)
    path = tmp_path / "quorum.json"
    path.write_text(json.dumps(document))
    with pytest.raises(CustodyFileChanged):
        quorum.unseal(path, shares=dealt.texts[: document["threshold"]])


def test_a_replaced_commitment_lets_a_forged_share_in_but_not_open(
    dealt: Dealt, tmp_path: Path
) -> None:
    """Who can write the file can have a false share counted, but not a false root believed."""
    forged = changed(dealt.texts[0], bit=0)
    document = json.loads(dealt.path.read_text())
    elsewhere = quorum.statement.commitment(Share.parse(forged))
    document["custodians"][0]["commitment"] = quorum.statement._text(elsewhere)
    path = tmp_path / "quorum.json"
    path.write_text(json.dumps(document))
    with pytest.raises(CustodyFileChanged):
        quorum.unseal(path, shares=[forged, *dealt.texts[1:3]])


DAMAGED: dict[str, str] = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "nested without end": "[" * 50_000,
    "no object": "null",
    "an empty object": "{}",
    "another format": '{"format": "ttp-root/1"}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_custody_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "quorum.json"
    path.write_text(content)
    with pytest.raises(CannotUnseal, match="damaged"):
        Statement.read(path)


BROKEN_FIELDS: dict[str, dict[str, object]] = {
    "format": {"format": "ttp-quorum/2"},
    "quorum of bad letters": {"quorum": "uuuuuuuuuu"},
    "quorum as a number": {"quorum": 7},
    "epoch zero": {"epoch": 0},
    "epoch as text": {"epoch": "1"},
    "threshold as a fraction": {"threshold": 2.5},
    "threshold of one": {"threshold": 1},
    "threshold above the custodians": {"threshold": 6},
    "custodians missing": {"custodians": []},
    "custodians as a number": {"custodians": 5},
    "check of another length": {"check": "AAAA"},
    "check as a number": {"check": 1},
    "a name that is a number": {"custodians": [{"name": 1, "commitment": "AA=="}] * 3},
}


@pytest.mark.parametrize("broken", BROKEN_FIELDS.values(), ids=BROKEN_FIELDS)
def test_a_custody_file_with_a_broken_field_is_refused(
    dealt: Dealt, tmp_path: Path, broken: dict[str, object]
) -> None:
    path = tmp_path / "quorum.json"
    path.write_text(json.dumps(json.loads(dealt.path.read_text()) | broken))
    with pytest.raises(CannotUnseal, match="damaged"):
        Statement.read(path)


def test_a_missing_custody_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotUnseal, match="No such file"):
        Statement.read(tmp_path / "absent.json")
