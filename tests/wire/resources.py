"""Resources: Hypothesis strategies for what FHIR XML and JSON can both hold, made from the table of elements."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ttp.wire.structure import (
    DROPPED,
    INTEGERS,
    PRIMITIVES,
    RESOURCE,
    RESOURCES,
    STRUCTURE,
    Element,
)

_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&\"'"),
    min_size=1,
    max_size=8,
)
_NUMBERS = {
    **dict.fromkeys(INTEGERS, st.integers(-(2**31), 2**31 - 1)),
    "boolean": st.booleans(),
    "decimal": st.integers(-999, 999) | st.sampled_from([0.5, -2.25, 1e-7]),
}


def resources(*, depth: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """A resource of one of the five kinds, nested at most so deep."""
    return st.sampled_from(sorted(RESOURCES)).flatmap(lambda kind: _resource(kind, depth))


def _resource(kind: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    return _held(kind, depth).map(lambda held: {"resourceType": kind, **held})


def _held(kind: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    known = [one for one in STRUCTURE[kind].values() if one.type not in DROPPED]
    if depth <= 0:
        known = [one for one in known if one.type in PRIMITIVES]
    if not known:
        return st.just({})
    chosen = st.lists(st.sampled_from(known), max_size=3, unique_by=lambda one: one.name)
    return chosen.flatmap(
        lambda some: st.fixed_dictionaries({one.name: _valued(one, depth) for one in some})
    )


def _valued(element: Element, depth: int) -> st.SearchStrategy[Any]:
    one = _one(element, depth)
    return st.lists(one, min_size=1, max_size=2) if element.many else one


def _one(element: Element, depth: int) -> st.SearchStrategy[Any]:
    if element.type in PRIMITIVES:
        return _NUMBERS.get(element.type, _TEXTS)
    if element.type == RESOURCE:
        return st.sampled_from(["Parameters", "Bundle", "OperationOutcome"]).flatmap(
            lambda kind: _resource(kind, depth - 1)
        )
    held = _held(element.type, depth - 1)
    if element.type != "Extension":
        return held
    return st.tuples(held, _TEXTS).map(lambda pair: {"url": pair[1], **pair[0]})
