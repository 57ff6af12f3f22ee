"""Linkage schema, reading of views, salted views and exact tokens."""

from linkage.errors import SchemaInvalid
from linkage.schema.columns import Kind
from linkage.schema.hardening import Hardening
from linkage.schema.layouts import (
    OF_DATES,
    AnyOrder,
    As,
    Block,
    ExactPart,
    ExactToken,
    Part,
    SaltedView,
    View,
)
from linkage.schema.model import Field
from linkage.schema.parse_fields import WORDS, field_of
from linkage.schema.parse_hardening import hardening
from linkage.schema.reader import Reader

_MOST_SALTED_BITS = 4096


def views_of(
    reader: Reader, *, bits: int, steps: tuple[Hardening, ...]
) -> tuple[tuple[View, ...], tuple[Field, ...]]:
    """The views and all their fields; `bits` and `steps` stand where a view says nothing."""
    views: list[View] = []
    fields: list[Field] = []
    for item, at in reader.items("views", required=True):
        view, own = _view(Reader(item, at), bits, steps)
        views.append(view)
        fields += own
    return tuple(views), tuple(fields)


def _view(
    reader: Reader, bits: int, steps: tuple[Hardening, ...]
) -> tuple[View, tuple[Field, ...]]:
    name = reader.plain_name("name")
    fields = _fields(reader, name)
    view = View(
        name=name,
        bits=reader.words("bits", bits),
        required=_required(reader, {field.column for field in fields}),
        hardening=hardening(reader) if reader.has("hardening") else steps,
    )
    reader.done()
    return view, fields


def _fields(reader: Reader, home: str) -> tuple[Field, ...]:
    items = reader.items("fields", required=True)
    return tuple(field_of(Reader(item, at), home) for item, at in items)


def _required(reader: Reader, columns: set[str]) -> tuple[tuple[str, ...], ...]:
    required = []
    for item, at in reader.items("required", required=False):
        if not isinstance(item, list) or not item or not set(map(str, item)) <= columns:
            raise SchemaInvalid(at, "must be a list of columns of this view")
        required.append(tuple(map(str, item)))
    return tuple(required)


def blocks_of(reader: Reader, *, bits: int) -> tuple[tuple[Block, ...], tuple[Field, ...]]:
    """The blocks of salted views and all their fields."""
    blocks: list[Block] = []
    fields: list[Field] = []
    for item, at in reader.items("blocks", required=True):
        part = Reader(item, at)
        name = part.plain_name("name")
        fields += _fields(part, name)
        blocks.append(Block(name, _power_of_two(part, bits)))
        part.done()
    return tuple(blocks), tuple(fields)


def _power_of_two(reader: Reader, default: int) -> int:
    bits = reader.words("bits", default)
    if bits & (bits - 1) or bits > _MOST_SALTED_BITS:
        raise SchemaInvalid(reader.at("bits"), "must be a power of two from 64 to 4096")
    return bits


def salted_of(reader: Reader, *, blocks: tuple[Block, ...]) -> tuple[SaltedView, ...]:
    """The salted views; each names the blocks it holds."""
    known = {block.name for block in blocks}
    return tuple(
        _salted(Reader(item, at), known) for item, at in reader.items("salted", required=True)
    )


def _salted(reader: Reader, known: set[str]) -> SaltedView:
    names = [name for name, _ in reader.items("blocks", required=True)]
    if len(set(map(str, names))) < len(names) or not set(map(str, names)) <= known:
        raise SchemaInvalid(reader.at("blocks"), "must be different names of blocks")
    view = SaltedView(
        name=reader.plain_name("name"),
        salt=_parts(reader, "salt"),
        blocks=tuple(map(str, names)),
        thinned=reader.flag("thinned", default=False),
    )
    reader.done()
    return view


def exact_of(reader: Reader) -> tuple[ExactToken, ...]:
    """The exact tokens; absent is none."""
    tokens = []
    for item, at in reader.items("exact", required=False):
        part = Reader(item, at)
        tokens.append(ExactToken(name=part.name("name"), parts=_parts(part, "parts")))
        part.done()
    return tuple(tokens)


def _parts(reader: Reader, key: str) -> tuple[Part, ...]:
    return tuple(_part(Reader(item, at)) for item, at in reader.items(key, required=True))


def _part(reader: Reader) -> Part:
    if not reader.has("any_order"):
        return _column(reader)
    items = reader.items("any_order", required=True)
    reader.done()
    if len(items) < 2:  # one column has but one order
        raise SchemaInvalid(reader.at("any_order"), "must be a list of two columns or more")
    return AnyOrder(tuple(_column(Reader(item, at)) for item, at in items))


def _column(reader: Reader) -> ExactPart:
    part = ExactPart(
        column=reader.name("column"),
        kind=reader.choice("kind", Kind),
        take=reader.choice("as", As, "value"),
    )
    reader.done()
    of_words = part.take is As.PHONETIC and part.kind not in WORDS
    if of_words or (part.take in OF_DATES and part.kind is not Kind.DATE):
        raise SchemaInvalid(reader.at("as"), f"does not fit a {part.kind} column")
    return part
