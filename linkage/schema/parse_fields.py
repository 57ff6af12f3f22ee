"""Linkage schema, reading of fields: which tokens of a column set how many bits."""

from collections.abc import Callable

from linkage.errors import SchemaInvalid
from linkage.schema.columns import Kind
from linkage.schema.model import (
    DatePart,
    DateParts,
    Field,
    Ngrams,
    Numeric,
    Phonetic,
    Tokens,
    Whole,
)
from linkage.schema.reader import MOST_BITS, Reader

WORDS = [Kind.GIVEN_NAME, Kind.SURNAME, Kind.TEXT]
"""Kinds of columns that have a sound."""


def field_of(reader: Reader, home: str | None = None, *, default: str | None = None) -> Field:
    """One field.

    Inside a view or block `home` is the filter it goes into; else the field says so, `default`
    standing for what it omits (the field's name where there is none).
    """
    name = reader.name("name")
    field = Field(
        name=name,
        column=reader.name("column", name),
        kind=reader.choice("kind", Kind),
        tokens=_tokens(Reader(reader.take("tokens"), reader.at("tokens"))),
        key_space=reader.name("key_space", name),
        filter=home or reader.name("filter", default or name),
        bits_per_token=reader.optional("bits_per_token", 1024),
        bits_per_field=reader.optional("bits_per_field", MOST_BITS),
        weight=_weight(reader),
        missing_as=reader.text("missing_as") if reader.has("missing_as") else None,
        missing_if=reader.text("missing_if", ""),
    )
    reader.done()
    _check_field(field, reader.path)
    return field


def _weight(reader: Reader) -> float:
    value = reader.take("weight", 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1000:
        raise SchemaInvalid(reader.at("weight"), "must be a number above 0, at most 1000")
    return float(value)


def _check_field(field: Field, path: str) -> None:
    if (field.bits_per_token is None) == (field.bits_per_field is None):
        raise SchemaInvalid(path, "needs either bits_per_token or bits_per_field")
    fitting = {DateParts: [Kind.DATE], Phonetic: WORDS, Numeric: [Kind.NUMBER]}.get(
        type(field.tokens), list(Kind)
    )
    if field.kind not in fitting:
        raise SchemaInvalid(f"{path}.tokens", f"do not fit a {field.kind} column")


def _tokens(reader: Reader) -> Tokens:
    kind = reader.text("type")
    if kind not in _TOKENS:
        raise SchemaInvalid(reader.at("type"), f"must be one of {', '.join(_TOKENS)}")
    tokens = _TOKENS[kind](reader)
    reader.done()
    return tokens


def _ngrams(reader: Reader) -> Ngrams:
    return Ngrams(
        q=reader.number("q", 1, 8),
        padded=reader.flag("padded", default=True),
        positional=reader.flag("positional", default=False),
    )


def _date_parts(reader: Reader) -> DateParts:
    parts = reader.items("components", required=True)
    names = [str(part) for part, _ in parts]
    if len(set(names)) < len(names) or not set(names) <= set(DatePart):
        raise SchemaInvalid(
            reader.at("components"), f"must be different ones of {', '.join(DatePart)}"
        )
    return DateParts(tuple(DatePart(name) for name in names))


def _numeric(reader: Reader) -> Numeric:
    distance = reader.take("distance")
    digits = reader.number("digits", 0, 20, 0)
    if isinstance(distance, bool) or not isinstance(distance, int | float) or not distance > 0:
        raise SchemaInvalid(reader.at("distance"), "must be a number above 0")
    if distance > 1e20 or not round(distance * 10**digits):
        raise SchemaInvalid(reader.at("distance"), "does not fit the digits")
    return Numeric(distance, reader.number("resolution", 1, 512), digits)


_TOKENS: dict[str, Callable[[Reader], Tokens]] = {
    "ngrams": _ngrams,
    "numeric": _numeric,
    "date-parts": _date_parts,
    "whole": lambda _: Whole(),
    "phonetic": lambda _: Phonetic(),
}
