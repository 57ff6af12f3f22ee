"""Linkage schema, reading: strict; a document that is not understood word for word is refused."""

from collections.abc import Callable
from dataclasses import replace

from linkage.errors import SchemaInvalid
from linkage.normalize import PROFILES
from linkage.schema.columns import Kind
from linkage.schema.layouts import columns_of
from linkage.schema.model import RECORD_FILTER, Layout, LinkageSchema
from linkage.schema.parse_families import check_family, family_of
from linkage.schema.parse_fields import field_of
from linkage.schema.parse_hardening import check_lengths, hardening
from linkage.schema.parse_layouts import blocks_of, exact_of, salted_of, views_of
from linkage.schema.reader import Reader


def parse(document: object) -> LinkageSchema:
    """Read a JSON document of linkage schema version 1.

    Raises:
        SchemaInvalid: something is missing, unknown, of the wrong type or contradicts itself.
    """
    reader = Reader(document, "")
    reader.number("schema", 1, 1)
    frame = LinkageSchema(
        layout=reader.choice("layout", Layout),
        name=reader.name("name"),
        normalization=_profile(reader),
        bits=reader.words("bits"),
        hash=family_of(Reader(reader.take("hash"), "hash")),
        fields=(),
        exact=exact_of(reader),
    )
    schema = _CONTENT[frame.layout](reader, frame)
    reader.done()
    _check(schema)
    return schema


def _by_fields(reader: Reader, frame: LinkageSchema) -> LinkageSchema:
    default = RECORD_FILTER if frame.layout is Layout.RECORD else None
    return replace(
        frame,
        fields=tuple(
            field_of(Reader(item, at), default=default)
            for item, at in reader.items("fields", required=True)
        ),
        hardening=hardening(reader),
        filter_bits=_filter_bits(Reader(reader.take("filter_bits", {}), "filter_bits")),
    )


def _by_views(reader: Reader, frame: LinkageSchema) -> LinkageSchema:
    steps = hardening(reader)
    views, fields = views_of(reader, bits=frame.bits, steps=steps)
    return replace(frame, fields=fields, views=views, hardening=steps)


def _by_salts(reader: Reader, frame: LinkageSchema) -> LinkageSchema:
    blocks, fields = blocks_of(reader, bits=frame.bits)
    return replace(frame, fields=fields, blocks=blocks, salted=salted_of(reader, blocks=blocks))


_CONTENT: dict[Layout, Callable[[Reader, LinkageSchema], LinkageSchema]] = {
    Layout.RECORD: _by_fields,
    Layout.FIELD: _by_fields,
    Layout.VIEWS: _by_views,
    Layout.SALTED: _by_salts,
}


def _profile(reader: Reader) -> str:
    name = reader.name("normalization")
    if name not in PROFILES:
        raise SchemaInvalid("normalization", f"must be one of {', '.join(PROFILES)}")
    return name


def _filter_bits(reader: Reader) -> dict[str, int]:
    return {name: reader.words(name) for name in reader.unread()}


def _check(schema: LinkageSchema) -> None:
    """Rules that no part can check alone."""
    _check_names(schema)
    _check_filters(schema)
    _check_kinds(schema)
    check_family(schema)


def _check_names(schema: LinkageSchema) -> None:
    if schema.layout in (Layout.RECORD, Layout.FIELD):
        _refuse_repeats("fields", [field.name for field in schema.fields])
    for holder in [*(view.name for view in schema.views), *(one.name for one in schema.blocks)]:
        names = [field.name for field in schema.fields if field.filter == holder]
        _refuse_repeats(f"fields of {holder}", names)
    _refuse_repeats("views", [view.name for view in schema.views])
    _refuse_repeats("blocks", [block.name for block in schema.blocks])
    _refuse_repeats("salted", [view.name for view in schema.salted])
    _refuse_repeats("exact", list(schema.tokens))


def _check_filters(schema: LinkageSchema) -> None:
    for place, field in enumerate(schema.fields):
        if schema.layout is Layout.RECORD and field.filter != RECORD_FILTER:
            raise SchemaInvalid(f"fields[{place}].filter", "must be 'record' in the record layout")
    if unknown := sorted(schema.filter_bits.keys() - schema.hashed.keys()):
        raise SchemaInvalid(f"filter_bits.{unknown[0]}", "names no filter of this schema")
    for name, bits in schema.hashed.items():
        check_lengths(schema.hardening_of(name), bits, "hardening")
    unused = {block.name for block in schema.blocks} - {
        name for view in schema.salted for name in view.blocks
    }
    if unused:
        raise SchemaInvalid("blocks", f"has a block no salted view holds, {min(unused)}")


def _check_kinds(schema: LinkageSchema) -> None:
    kinds: dict[str, Kind] = {}
    uses = [(item.column, item.kind) for item in schema.fields]
    lists = [view.salt for view in schema.salted] + [token.parts for token in schema.exact]
    uses += [(part.column, part.kind) for parts in lists for part in columns_of(parts)]
    for column, kind in uses:
        if kinds.setdefault(column, kind) is not kind:
            raise SchemaInvalid("fields", f"give the column {column} two kinds")


def _refuse_repeats(path: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise SchemaInvalid(path, "use one name twice")
