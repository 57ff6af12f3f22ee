"""Linkage schema, reading: strict; a document that is not understood word for word is refused."""

from collections.abc import Callable

from linkage.errors import SchemaInvalid
from linkage.normalize import PROFILES
from linkage.schema.model import (
    RECORD_FILTER,
    As,
    ClkhashDouble,
    DatePart,
    DateParts,
    Diffusion,
    ExactPart,
    ExactToken,
    Field,
    Hardening,
    HashFamily,
    KeyedRandom,
    Kind,
    Layout,
    LinkageSchema,
    Ngrams,
    Phonetic,
    Tokens,
    Whole,
)
from linkage.schema.reader import Reader

_MOST_BITS = 65_536
_WORDS = [Kind.GIVEN_NAME, Kind.SURNAME, Kind.TEXT]


def parse(document: object) -> LinkageSchema:
    """Read a JSON document of linkage schema version 1.

    Raises:
        SchemaInvalid: something is missing, unknown, of the wrong type or contradicts itself.
    """
    reader = Reader(document, "")
    reader.number("schema", 1, 1)
    layout = reader.choice("layout", Layout)
    schema = LinkageSchema(
        name=reader.name("name"),
        normalization=_profile(reader),
        layout=layout,
        bits=_bits(reader, "bits"),
        hash=_hash(Reader(reader.take("hash"), "hash")),
        fields=tuple(
            _field(Reader(item, at), layout) for item, at in reader.items("fields", required=True)
        ),
        exact=tuple(_exact(Reader(item, at)) for item, at in reader.items("exact", required=False)),
        hardening=tuple(
            _hardening(Reader(item, at)) for item, at in reader.items("hardening", required=False)
        ),
        filter_bits=_filter_bits(Reader(reader.take("filter_bits", {}), "filter_bits")),
    )
    reader.done()
    _check(schema)
    return schema


def _profile(reader: Reader) -> str:
    name = reader.name("normalization")
    if name not in PROFILES:
        raise SchemaInvalid("normalization", f"must be one of {', '.join(PROFILES)}")
    return name


def _bits(reader: Reader, key: str) -> int:
    bits = reader.number(key, 64, _MOST_BITS)
    if bits % 64:
        raise SchemaInvalid(reader.at(key), "must be a multiple of 64")
    return bits


def _filter_bits(reader: Reader) -> dict[str, int]:
    return {name: _bits(reader, name) for name in reader.unread()}


def _hash(reader: Reader) -> HashFamily:
    family = reader.text("family")
    if family not in _FAMILIES:
        raise SchemaInvalid(reader.at("family"), f"must be one of {', '.join(_FAMILIES)}")
    read = _FAMILIES[family](reader)
    reader.done()
    return read


def _clkhash_double(reader: Reader) -> ClkhashDouble:
    spaces = reader.items("key_spaces", required=True)
    if not all(isinstance(space, str) for space, _ in spaces):
        raise SchemaInvalid(reader.at("key_spaces"), "must be a list of names")
    kdf_hash = reader.text("kdf_hash", "SHA256")
    if kdf_hash not in ("SHA256", "SHA512"):
        raise SchemaInvalid(reader.at("kdf_hash"), "must be SHA256 or SHA512")
    return ClkhashDouble(
        key_spaces=tuple(str(space) for space, _ in spaces),
        kdf_hash=kdf_hash,
        salt=reader.bytes("salt"),
        info=reader.bytes("info"),
        key_size=reader.number("key_size", 16, 64, 64),
        prevent_singularity=reader.flag("prevent_singularity", default=False),
    )


_FAMILIES: dict[str, Callable[[Reader], HashFamily]] = {
    "keyed-random": lambda _: KeyedRandom(),
    "clkhash-double": _clkhash_double,
}


def _field(reader: Reader, layout: Layout) -> Field:
    name = reader.name("name")
    home = RECORD_FILTER if layout is Layout.RECORD else name
    field = Field(
        name=name,
        column=reader.name("column", name),
        kind=reader.choice("kind", Kind),
        tokens=_tokens(Reader(reader.take("tokens"), reader.at("tokens"))),
        key_space=reader.name("key_space", name),
        filter=reader.name("filter", home),
        bits_per_token=reader.optional("bits_per_token", 1024),
        bits_per_field=reader.optional("bits_per_field", _MOST_BITS),
        weight=_weight(reader),
        missing_as=reader.text("missing_as") if reader.has("missing_as") else None,
    )
    reader.done()
    _check_field(field, layout, reader.path)
    return field


def _weight(reader: Reader) -> float:
    value = reader.take("weight", 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1000:
        raise SchemaInvalid(reader.at("weight"), "must be a number above 0, at most 1000")
    return float(value)


def _check_field(field: Field, layout: Layout, path: str) -> None:
    if (field.bits_per_token is None) == (field.bits_per_field is None):
        raise SchemaInvalid(path, "needs either bits_per_token or bits_per_field")
    if layout is Layout.RECORD and field.filter != RECORD_FILTER:
        raise SchemaInvalid(f"{path}.filter", "must be 'record' in the record layout")
    fitting = {DateParts: [Kind.DATE], Phonetic: _WORDS}.get(type(field.tokens), list(Kind))
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


_TOKENS: dict[str, Callable[[Reader], Tokens]] = {
    "ngrams": _ngrams,
    "date-parts": _date_parts,
    "whole": lambda _: Whole(),
    "phonetic": lambda _: Phonetic(),
}


def _exact(reader: Reader) -> ExactToken:
    parts = [_exact_part(Reader(item, at)) for item, at in reader.items("parts", required=True)]
    token = ExactToken(name=reader.name("name"), parts=tuple(parts))
    reader.done()
    return token


def _exact_part(reader: Reader) -> ExactPart:
    part = ExactPart(
        column=reader.name("column"),
        kind=reader.choice("kind", Kind),
        take=reader.choice("as", As, "value"),
    )
    reader.done()
    return part


def _hardening(reader: Reader) -> Hardening:
    if reader.text("name") != "diffusion":
        raise SchemaInvalid(reader.at("name"), "must be diffusion")
    step = Diffusion(t=reader.number("t", 2, 64))
    reader.done()
    return step


def _check(schema: LinkageSchema) -> None:
    """Rules that no part can check alone."""
    _refuse_repeats("fields", [field.name for field in schema.fields])
    _refuse_repeats("exact", [token.name for token in schema.exact])
    if unknown := sorted(schema.filter_bits.keys() - schema.filters.keys()):
        raise SchemaInvalid(f"filter_bits.{unknown[0]}", "names no filter of this schema")
    if isinstance(schema.hash, ClkhashDouble):
        for place, field in enumerate(schema.fields):
            if field.key_space not in schema.hash.key_spaces:
                raise SchemaInvalid(
                    f"fields[{place}].key_space", "is not listed in hash.key_spaces"
                )
    kinds: dict[str, Kind] = {}
    uses = [(item.column, item.kind) for item in schema.fields]
    uses += [(part.column, part.kind) for token in schema.exact for part in token.parts]
    for column, kind in uses:
        if kinds.setdefault(column, kind) is not kind:
            raise SchemaInvalid("fields", f"give the column {column} two kinds")


def _refuse_repeats(path: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise SchemaInvalid(path, "use one name twice")
