"""Plausibility: how many bits a filter can have under its schema; others are crafted or damaged.

A filter that no record can have may be a probe: one bit asks for one token, all bits are like everybody.
The limits follow from the schema alone: the least from the fewest tokens of a value, the most from values
of `LONGEST` characters, and a filter fuller than `DENSEST` before hardening resembles everything. Eight
standard deviations are left to chance, so that honest filters pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from linkage.encode.after_hardening import Limits, hardened
from linkage.encode.encoding_set import EncodingSet, Words
from linkage.errors import DuplicateRecordId, EncodingImplausible
from linkage.records import RowProblem
from linkage.schema import (
    DateParts,
    Field,
    KeyedRandom,
    Kind,
    LinkageSchema,
    Ngrams,
    Numeric,
    RecordKeyed,
)

LONGEST = 60
"""Characters of a name or place; a longer one may make a filter that is refused."""
DENSEST = 0.75
_SPREAD = 8
_OTHERS = {Kind.DATE: 8, Kind.SEX: 1, Kind.POSTCODE: 10, Kind.CODE: 20, Kind.KVNR: 10}
"""Most characters of the kinds that are no words."""


@dataclass(frozen=True, slots=True)
class _Draws:
    """Bits drawn for a filter: so many tokens of so many different bits each."""

    tokens: int
    bits: int


def limits(schema: LinkageSchema) -> dict[str, Limits]:
    """For each filter the fewest and most bits that a record with content there can have."""
    return {
        name: hardened(_hashed(schema, name, bits), bits, schema.hardening_of(name))
        for name, bits in schema.hashed.items()
    }


def require_plausible(encodings: EncodingSet, *, named: str | None = None) -> None:
    """Refuse a set of encodings that no encoder makes.

    Raises:
        DuplicateRecordId: two records with one ID.
        EncodingImplausible: a filter with too few or too many bits, of the wrong shape, marked as
            empty though it is not or the other way round; content of a salted view without its
            token; a token twice in a thinned view.
    """
    source = named or encodings.source
    _check_ids(encodings)
    found = limits(encodings.schema)
    for name, words in encodings.filters.items():
        bits = encodings.schema.filters.get(name)
        if bits is None or words.shape != (len(encodings), bits // 64):
            raise EncodingImplausible(source, name, "shape", 0)
        counts = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
        _check(source, name, "marked", (counts > 0) != encodings.present[name])
        _check(source, name, "few", (counts > 0) & (counts < found[name].least))
        _check(source, name, "many", counts > found[name].most)
    for view in encodings.schema.salted:
        tokens = encodings.exact[view.name]
        for block in view.blocks:
            name = f"{view.name}.{block}"
            _check(source, name, "token", encodings.present[name] & (tokens == 0))
        if view.thinned:
            _check(source, view.name, "thinned", _repeated(tokens))


def _check_ids(encodings: EncodingSet) -> None:
    ids = encodings.record_ids
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    again = [place for place, one in enumerate(ids) if one in seen or seen.add(one)]  # type: ignore[func-returns-value]  # adds, and gives None
    problems = [RowProblem(place + 1, "record_id", "duplicate-record-id") for place in again]
    raise DuplicateRecordId(encodings.source, problems)


def _check(source: str, name: str, rule: str, bad: NDArray[np.bool_]) -> None:
    if bad.any():
        raise EncodingImplausible(source, name, rule, int(np.argmax(bad)) + 1)


def _repeated(tokens: Words) -> NDArray[np.bool_]:
    """Which tokens of a view occurred before; 0 is none."""
    again = np.ones(len(tokens), dtype=np.bool_)
    again[np.unique(tokens, return_index=True)[1]] = False
    again[tokens == 0] = False
    return again


def _hashed(schema: LinkageSchema, name: str, bits: int) -> Limits:
    """Limits before hardening."""
    fields = schema.fields_of(name)
    if not isinstance(schema.hash, KeyedRandom | RecordKeyed):
        return Limits(1, bits - 1)
    replaced = isinstance(schema.hash, RecordKeyed)
    all_of = [_most(field, replaced=replaced) for field in fields]
    fewest = min(_least(given, replaced=replaced, bits=bits) for given in _givens(schema, name))
    expected, spread = _filled(all_of, bits)
    most = min(floor(DENSEST * bits), ceil(expected + _SPREAD * spread), bits - 1)
    return Limits(fewest, max(most, fewest))


def _givens(schema: LinkageSchema, name: str) -> Sequence[Sequence[Field]]:
    """Sets of fields of which one at least has values when the filter has content."""
    fields = schema.fields_of(name)
    view = {view.name: view for view in schema.views}.get(name)
    if view is None or not view.required:
        return [[field] for field in fields]
    chosen: list[list[Field]] = [[]]
    for columns in view.required:
        of_column = [[field for field in fields if field.column == one] for one in columns]
        chosen = [[*so_far, *more] for so_far in chosen for more in of_column]
    return chosen


def _least(fields: Sequence[Field], *, replaced: bool, bits: int) -> int:
    draws = [_fewest(field, replaced=replaced) for field in fields]
    expected, spread = _filled(draws, bits)
    one_token = max(draw.bits for draw in draws)
    return max(floor(expected - _SPREAD * spread), one_token, 1)


def _fewest(field: Field, *, replaced: bool) -> _Draws:
    """What the shortest value draws; repeated tokens of a value may leave little of a shared number."""
    if field.bits_per_token is None:
        return _Draws(field.bits_per_field or 0, 1) if replaced else _Draws(1, 1)
    spec, tokens = field.tokens, 1
    if isinstance(spec, Ngrams) and spec.padded:
        tokens = spec.q
    elif isinstance(spec, DateParts):
        tokens = len(spec.components)
    elif isinstance(spec, Numeric):
        tokens = 2 * spec.resolution + 1
    return _drawn(tokens, field.bits_per_token, replaced=replaced)


def _most(field: Field, *, replaced: bool) -> _Draws:
    if field.bits_per_token is None:
        return _Draws(field.bits_per_field or 0, 1)
    longest = _OTHERS.get(field.kind, LONGEST)
    spec = field.tokens
    if isinstance(spec, DateParts):
        tokens = len(spec.components) + 1
    elif isinstance(spec, Numeric):
        tokens = 2 * spec.resolution + 1
    else:
        tokens = longest + (spec.q if isinstance(spec, Ngrams) else 0)
    return _drawn(tokens, field.bits_per_token, replaced=replaced)


def _drawn(tokens: int, bits: int, *, replaced: bool) -> _Draws:
    return _Draws(tokens * bits, 1) if replaced else _Draws(tokens, bits)


def _filled(draws: Sequence[_Draws], bits: int) -> tuple[float, float]:
    """Mean and standard deviation of the bits set (occupancy of bins by balls)."""
    left = prod((1 - min(draw.bits, bits) / bits) ** draw.tokens for draw in draws)
    balls = sum(draw.tokens * draw.bits for draw in draws) / bits
    variance = bits * (left - (1 + balls) * left * left)
    return bits * (1 - left), sqrt(max(variance, 0.0))
