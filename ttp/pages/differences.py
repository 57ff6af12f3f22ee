"""Differences: two values become runs of characters that agree or differ, so that a page can mark and say them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from ttp.core.masking import DOT


@dataclass(frozen=True, slots=True)
class Run:
    """Some characters of a value in a row. ``differs``: the other value has not these here. ``masked``: dots."""

    text: str
    differs: bool
    masked: bool


def runs(
    first: str, second: str, *, revealed: bool, marks: tuple[str, str] | None = None
) -> tuple[list[Run], list[Run]]:
    """Both values in runs. Masked values say by their dots what agrees; revealed ones are compared here.

    ``marks``: what differs, as masked values, where more than that is shown.
    """
    if not revealed and marks is not None:
        return _marked(first, marks[0]), _marked(second, marks[1])
    if not revealed:
        return _masked(first), _masked(second)
    if not first or not second:
        return _whole(first), _whole(second)
    matcher = SequenceMatcher(None, first.casefold(), second.casefold(), autojunk=False)
    blocks = matcher.get_matching_blocks()
    left = {block.a + step for block in blocks for step in range(block.size)}
    right = {block.b + step for block in blocks for step in range(block.size)}
    return _split(first, left), _split(second, right)


def differing(value: list[Run]) -> int:
    """How many characters differ."""
    return sum(len(run.text) for run in value if run.differs)


def _masked(value: str) -> list[Run]:
    return [
        Run("".join(group), differs=not dots, masked=dots)
        for dots, group in groupby(value, key=lambda character: character == DOT)
    ]


def _marked(value: str, mask: str) -> list[Run]:
    kinds = groupby(zip(value, mask, strict=True), key=lambda two: (two[0] == DOT, two[1] != DOT))
    return [
        Run("".join(one for one, _ in group), differs=differs and not dots, masked=dots)
        for (dots, differs), group in kinds
    ]


def _whole(value: str) -> list[Run]:
    return [Run(value, differs=False, masked=False)] if value else []


def _split(value: str, equal: set[int]) -> list[Run]:
    grouped = groupby(enumerate(value), key=lambda item: item[0] in equal)
    return [
        Run("".join(character for _, character in group), differs=not agrees, masked=False)
        for agrees, group in grouped
    ]
