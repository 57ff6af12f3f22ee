"""Variations: the shipped layouts with more or fewer bits and more or less diffusion, to choose among."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from linkage.schema import Diffusion, LinkageSchema, load


@dataclass(frozen=True, slots=True)
class Candidate:
    """A schema under the name it has in the frontier."""

    name: str
    schema: LinkageSchema


def variations(columns: Collection[str] | None = None) -> Iterator[Candidate]:
    """The grid, the most promising first; only schemas that need no more than ``columns``."""
    for candidate in _grid():
        if columns is None or set(candidate.schema.required_columns) <= set(columns):
            yield candidate


def denser(schema: LinkageSchema, factor: float) -> LinkageSchema:
    """The schema with ``factor`` times as many bits per token."""
    fields = tuple(
        item
        if item.bits_per_token is None
        else replace(item, bits_per_token=round(item.bits_per_token * factor))
        for item in schema.fields
    )
    return replace(schema, fields=fields)


def diffused(schema: LinkageSchema, t: int) -> LinkageSchema:
    """The schema hardened by diffusion of ``t`` bits alone, or not at all for 0."""
    steps = (Diffusion(t),) if t else ()
    views = tuple(replace(view, hardening=steps) for view in schema.views)
    return replace(schema, hardening=() if schema.views else steps, views=views)


def thinned(schema: LinkageSchema, *, thin: bool) -> LinkageSchema:
    """A salted schema with all views thinned, or none."""
    return replace(schema, salted=tuple(replace(view, thinned=thin) for view in schema.salted))


def _grid() -> Iterator[Candidate]:
    salted, views = load("salted"), load("views")
    yield Candidate("salted", salted)
    yield Candidate("views", views)
    for factor, t in ((1.0, 16), (1.0, 22), (1.5, 10), (1.5, 16), (2.0, 10)):
        yield Candidate(f"views k x{factor:g} t={t}", diffused(denser(views, factor), t))
    yield Candidate("salted, not thinned", thinned(salted, thin=False))
    for name, factor, t in (("default", 1, 0), ("default", 1, 10), ("default", 0.5, 10)):
        label = f"one filter k x{factor:g} t={t}"
        yield Candidate(label, diffused(denser(load(name), factor), t))
    yield Candidate("diffused", load("diffused"))
    yield Candidate("field", load("field"))
    yield Candidate("views t=0", diffused(views, 0))
