"""No byte of an export can be another without the verifier saying so, and little has to be read to believe it."""

from __future__ import annotations

import inspect
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import orjson
import pytest

from tests.core.logs import checkpoint, export, leaf, trust_file
from tests.scale import scaled
from ttp.core.audit_trust import AuditTrust, NotTrusted
from ttp.core.audit_verifier import ExportTampered, verify_export

ROOT = Path(__file__).parents[2]
WITNESSED = AuditTrust.from_document(trust_file(witnesses=1))
LEAVES = [leaf(number) for number in range(20)]
LINES = export(LEAVES, checkpoint(LEAVES[:17], witnessed=True), checkpoint(LEAVES[:9]))
WHOLE = b"".join(LINES)
READABLE = 600
"""Lines of what a verification runs, comments and docstrings included: an hour's reading."""


def verify(data: bytes) -> object:
    return verify_export(data.splitlines(keepends=True), trust=WITNESSED)


def test_the_untouched_export_is_verified() -> None:
    assert verify(WHOLE)


BYTES: dict[str, Callable[[random.Random, bytes, int], bytes]] = {
    "bit flipped": lambda chance, data, at: (
        data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    ),
    "byte replaced": lambda chance, data, at: (
        data[:at] + bytes([(data[at] + chance.randrange(1, 256)) % 256]) + data[at + 1 :]
    ),
    "byte deleted": lambda _chance, data, at: data[:at] + data[at + 1 :],
    "byte doubled": lambda _chance, data, at: data[:at] + data[at : at + 1] + data[at:],
    "neighbors swapped": lambda _chance, data, at: (
        data[:at] + data[at : at + 2][::-1] + data[at + 2 :]
    ),
    "cut": lambda _chance, data, at: data[:at],
    "space inserted": lambda _chance, data, at: data[:at] + b" " + data[at:],
    "line feed inserted": lambda _chance, data, at: data[:at] + b"\n" + data[at:],
}


@pytest.mark.parametrize("kind", BYTES)
def test_a_mutant_is_noticed(kind: str) -> None:
    chance = random.Random(f"{kind} 2026")
    tried = 0
    while tried < scaled(250, least=25):
        at = chance.randrange(len(WHOLE) - 1)
        mutant = BYTES[kind](chance, WHOLE, at)
        if mutant == WHOLE:
            continue
        tried += 1
        with pytest.raises((ExportTampered, NotTrusted)):
            verify(mutant)


@pytest.mark.parametrize("member", ["position", "hash", "body", "subjects"])
def test_a_member_of_another_leaf_is_noticed_and_the_leaf_named(member: str) -> None:
    for place in range(1, len(LEAVES)):
        lines = list(LINES)
        other = orjson.loads(lines[1 + (place + 1) % len(LEAVES)])[member]
        changed = {**orjson.loads(lines[1 + place]), member: other}
        if orjson.dumps(changed) + b"\n" == lines[1 + place]:
            continue
        lines[1 + place] = orjson.dumps(changed) + b"\n"
        with pytest.raises(ExportTampered) as found:
            verify_export(lines, trust=WITNESSED)
        assert found.value.facts["position"] == place


def test_members_in_another_order_are_no_export() -> None:
    lines = list(LINES)
    lines[3] = orjson.dumps(dict(reversed(orjson.loads(lines[3]).items()))) + b"\n"
    with pytest.raises(ExportTampered, match="another leaf or none"):
        verify_export(lines, trust=WITNESSED)


def run_by(action: Callable[[], object]) -> set[CodeType]:
    """The functions of this product that an action runs."""
    seen: set[CodeType] = set()

    def trace(frame: FrameType, event: str, _arg: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(str(ROOT)):
            seen.add(frame.f_code)

    sys.setprofile(trace)
    try:
        action()
    finally:
        sys.setprofile(None)
    return seen


def test_what_a_verification_runs_is_read_in_an_hour_and_listed() -> None:
    ours = {
        code
        for code in run_by(lambda: verify(WHOLE))
        if not code.co_filename.startswith(str(ROOT / "tests"))
        and "/.venv/" not in code.co_filename
    }
    files = {str(Path(code.co_filename).relative_to(ROOT)) for code in ours}
    named = [code for code in ours if not code.co_name.startswith("<") and code.co_firstlineno > 1]
    assert sum(len(inspect.getsourcelines(code)[0]) for code in named) <= READABLE
    told = (ROOT / "docs" / "audit.md").read_text("utf-8")
    assert [file for file in files if f"`{file}`" not in told] == []
