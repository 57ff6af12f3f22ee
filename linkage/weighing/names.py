"""Names: which are alike, which are the same name spelled otherwise, and which are two names that people bear."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib import resources

from jellyfish import damerau_levenshtein_distance, jaro_winkler_similarity

from linkage.comparators import Name
from linkage.normalize import fold
from linkage.weighing.agreement import Agreement
from linkage.weighing.frequencies import Counts

ESTABLISHED = 5
"""Bearers in a population that make a spelling a name of its own rather than a typing error."""

_LIKE = str.maketrans("cy", "ki")
_CACHED = 200_000
_CLOSE, _WEAK = 0.92, 0.8


def given_agreement(first: Name | None, second: Name | None, bearers: Counts) -> Agreement:
    """How well two given names agree; ``bearers`` tells names from typing errors."""
    if first is None or second is None:
        return Agreement.MISSING
    found = _alike(first.joined, second.joined)
    if found is Agreement.CLOSE or found is Agreement.WEAK:
        return Agreement.BORNE if _both_borne(first, second, bearers) else found
    if found is Agreement.DIFFERENT and both_borne(first.parts[0], second.parts[0], bearers):
        return Agreement.OTHER
    return found


def surname_agreement(first: Name | None, second: Name | None) -> Agreement:
    """How well two surnames agree."""
    if first is None or second is None:
        return Agreement.MISSING
    found = _alike(first.joined, second.joined)
    return Agreement.PARTIAL if found is Agreement.SHARED else found


def _both_borne(first: Name, second: Name, bearers: Counts) -> bool:
    """Whether the names, or the first parts of them that differ, are borne both."""
    return both_borne(first.joined, second.joined, bearers) or both_borne(
        first.parts[0], second.parts[0], bearers
    )


def both_borne(first: str, second: str, bearers: Counts) -> bool:
    """Whether both are names, not one another spelling of the other: known, or borne about as often."""
    if first == second or spelling(first) == spelling(second):
        return False
    if spelling(first) in _known() and spelling(second) in _known():
        return True
    rarer, commoner = sorted((bearers.get(first, 0), bearers.get(second, 0)))
    return rarer >= ESTABLISHED and rarer * 10 >= commoner


@lru_cache(_CACHED)
def spelling(name: str) -> str:
    """A normalized name without what is often spelled otherwise: Günther, Günter; Stefan, Stephan; Hanna, Hannah."""
    text = re.sub(r"(?<=\w)h", "", name.replace("ph", "f"))
    return re.sub(r"(\w)\1", r"\1", text.translate(_LIKE))


@lru_cache(_CACHED)
def _alike(first: str, second: str) -> Agreement:
    """Agreement of two names by their letters alone, given as parts joined by blanks."""
    if first == second:
        return Agreement.EQUAL
    if len(first) > len(second) or (len(first) == len(second) and first > second):
        first, second = second, first
    left, right = first.split(), second.split()
    if set(left) == set(right):
        return Agreement.EQUAL
    if spelling(first) == spelling(second) or _called(first) & _called(second):
        return Agreement.VARIANT
    if len(left) == len(right) == 1:
        return _of_words(first, second)
    return _of_parts(left, right)


def _of_parts(left: list[str], right: list[str]) -> Agreement:
    """Names of which one has several parts; a single letter stands for a part that begins with it."""
    if left[0] == right[0] or spelling(left[0]) == spelling(right[0]):
        return Agreement.PARTIAL
    shared = set(left) & set(right)
    whole = _of_words(" ".join(left), " ".join(right))
    if whole is Agreement.CLOSE:
        return whole
    firsts = _of_words(left[0], right[0]) if min(len(left[0]), len(right[0])) > 2 else whole
    if firsts is Agreement.CLOSE:
        return firsts
    if shared:
        return Agreement.SHARED
    return max(whole, min(firsts, Agreement.WEAK))


def _of_words(first: str, second: str) -> Agreement:
    distance = damerau_levenshtein_distance(first, second)
    shortest = min(len(first), len(second))
    if distance <= 1 and shortest > 1:
        return Agreement.CLOSE
    similarity = jaro_winkler_similarity(first, second)
    if similarity >= _CLOSE or (distance == 2 and shortest >= 5):
        return Agreement.CLOSE
    if similarity >= _WEAK or (distance == 2 and shortest >= 4):
        return Agreement.WEAK
    return Agreement.DIFFERENT


@lru_cache(_CACHED)
def _called(name: str) -> frozenset[str]:
    """The groups of call names that a name belongs to (Hans: Johannes, Johann)."""
    return _groups().get(name, frozenset())


@cache
def _groups() -> dict[str, frozenset[str]]:
    lines = _text("call_names.txt").splitlines()
    groups: dict[str, set[str]] = {}
    for line in lines:
        for name in line.split():
            groups.setdefault(fold(name), set()).add(line.split()[0])
    return {name: frozenset(of) for name, of in groups.items()}


@cache
def _known() -> frozenset[str]:
    """Given names that people bear, in the form of `spelling`: common ones of all ages, and those a letter apart."""
    bands: dict[str, dict[str, str]] = json.loads(_text("given_names.json"))
    common = [names for sexes in bands.values() for names in sexes.values()]
    return frozenset(
        spelling(fold(name))
        for names in [*common, _text("borne_names.txt")]
        for name in names.split()
    )


def _text(name: str) -> str:
    return resources.files("linkage").joinpath("data", name).read_text("utf-8")
