"""Linkage schema, reading of hash families: their parameters, and what they ask of the fields."""

from collections.abc import Callable

from linkage.errors import SchemaInvalid
from linkage.schema.families import (
    EPIX_ALPHABET,
    Clkhash,
    ClkhashBlake,
    ClkhashDouble,
    EpixDouble,
    HashFamily,
    HighmedRecord,
    JavaRandom,
    KeyedRandom,
    RecordKeyed,
    SampledField,
)
from linkage.schema.model import Field, Layout, LinkageSchema, Ngrams
from linkage.schema.reader import MOST_BITS, Reader


def family_of(reader: Reader) -> HashFamily:
    """The hash family of a schema."""
    family = reader.text("family")
    if family not in _FAMILIES:
        raise SchemaInvalid(reader.at("family"), f"must be one of {', '.join(_FAMILIES)}")
    read = _FAMILIES[family](reader)
    reader.done()
    return read


def check_family(schema: LinkageSchema) -> None:
    """Refuse fields and lengths that the schema's family cannot hash."""
    family = schema.hash
    if isinstance(family, RecordKeyed) != (schema.layout is Layout.SALTED):
        raise SchemaInvalid("hash.family", "must be record-keyed in the layout salted, only there")
    for place, field in enumerate(schema.fields):
        _check_field(family, field, f"fields[{place}]")
    for bits in schema.hashed.values():
        if isinstance(family, ClkhashBlake) and bits & (bits - 1):
            raise SchemaInvalid("bits", "must be a power of two in this family")
        if isinstance(family, JavaRandom | EpixDouble | HighmedRecord) and family.length > bits:
            raise SchemaInvalid("bits", "must hold the length of the hash family")


def _check_field(family: HashFamily, field: Field, path: str) -> None:
    spaces = _spaces(family)
    if spaces is not None and field.key_space not in spaces:
        raise SchemaInvalid(f"{path}.key_space", "is not listed by the hash family")
    if isinstance(family, JavaRandom) and field.tokens != Ngrams(2):
        raise SchemaInvalid(f"{path}.tokens", "must be padded bigrams")
    if isinstance(family, JavaRandom) and field.bits_per_token is None:
        raise SchemaInvalid(path, "needs bits_per_token in this family")


def _spaces(family: HashFamily) -> set[str] | None:
    if isinstance(family, ClkhashDouble | ClkhashBlake):
        return set(family.key_spaces)
    if isinstance(family, HighmedRecord):
        return {field.key_space for field in family.fields}
    return None


def _clkhash(reader: Reader, make: type[ClkhashDouble] | type[ClkhashBlake]) -> Clkhash:
    spaces = reader.items("key_spaces", required=True)
    if not all(isinstance(space, str) for space, _ in spaces):
        raise SchemaInvalid(reader.at("key_spaces"), "must be a list of names")
    kdf_hash = reader.text("kdf_hash", "SHA256")
    if kdf_hash not in ("SHA256", "SHA512"):
        raise SchemaInvalid(reader.at("kdf_hash"), "must be SHA256 or SHA512")
    family = make(
        key_spaces=tuple(str(space) for space, _ in spaces),
        kdf_hash=kdf_hash,
        salt=reader.bytes("salt"),
        info=reader.bytes("info"),
        key_size=reader.number("key_size", 16, 64, 64),
    )
    if 2 * family.key_size * len(spaces) > 255 * (32 if kdf_hash == "SHA256" else 64):
        raise SchemaInvalid(reader.at("key_spaces"), "need more key bytes than HKDF gives")
    return family


def _clkhash_double(reader: Reader) -> ClkhashDouble:
    family = _clkhash(reader, ClkhashDouble)
    return ClkhashDouble(
        key_spaces=family.key_spaces,
        kdf_hash=family.kdf_hash,
        salt=family.salt,
        info=family.info,
        key_size=family.key_size,
        prevent_singularity=reader.flag("prevent_singularity", default=False),
    )


def _java_random(reader: Reader) -> JavaRandom:
    alphabet = reader.text("alphabet", EPIX_ALPHABET)
    if not 0 < len(alphabet) <= 256:
        raise SchemaInvalid(reader.at("alphabet"), "must have 1 to 256 characters")
    return JavaRandom(length=reader.number("length", 1, MOST_BITS), alphabet=alphabet)


def _highmed(reader: Reader) -> HighmedRecord:
    return HighmedRecord(
        tuple(_sampled(Reader(item, at)) for item, at in reader.items("fields", required=True))
    )


def _sampled(reader: Reader) -> SampledField:
    field = SampledField(
        key_space=reader.name("key_space"),
        bits=reader.number("bits", 1, MOST_BITS),
        sampled=reader.number("sampled", 0, MOST_BITS),
    )
    reader.done()
    return field


_FAMILIES: dict[str, Callable[[Reader], HashFamily]] = {
    "keyed-random": lambda _: KeyedRandom(),
    "clkhash-double": _clkhash_double,
    "clkhash-blake": lambda reader: _clkhash(reader, ClkhashBlake),
    "java-random": _java_random,
    "epix-double": lambda reader: EpixDouble(reader.number("length", 1, MOST_BITS)),
    "highmed-record": _highmed,
    "record-keyed": lambda _: RecordKeyed(),
}
