"""Schemas of clkhash as ours: versions 1, 2 and 3, older ones brought to 3 as clkhash does.

What our schemas cannot say, or what clkhash itself leaves unclear, is refused where it stands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from linkage.encode.clkhash_versions import latest
from linkage.errors import SchemaInvalid
from linkage.schema import LinkageSchema, parse
from linkage.schema.reader import Reader

_KINDS = {"string": "text", "enum": "text", "date": "date", "integer": "number"}


@dataclass(frozen=True, slots=True)
class Converted:
    """A schema of ours, and which of its columns each feature of clkhash became.

    Dates must be given as YYYY-MM-DD, whatever form the clkhash schema names: what is hashed is the
    same. `columns` maps identifiers, in clkhash's order and without ignored ones.
    """

    schema: LinkageSchema
    columns: Mapping[str, str]


def from_clkhash(document: Mapping[str, object], *, name: str) -> Converted:
    """The schema that encodes bit for bit as clkhash does under its own.

    Raises:
        SchemaInvalid: no clkhash schema, or one that cannot be expressed: lengths that are no multiple
            of 64, several hash functions in one schema, UTF-16 or UTF-32, `xorFolds` (which clkhash
            documents and then ignores, reading `xor_folds`), keys outside 16 to 64 bytes.
    """
    upgraded = latest(document)
    reader = Reader(upgraded, "")
    reader.number("version", 3, 3)
    config = Reader(reader.take("clkConfig"), "clkConfig")
    features = [Reader(item, at) for item, at in reader.items("features", required=True)]
    reader.done()
    read = [_feature(feature) for feature in features]
    bits, folds = _lengths(config)
    family = _family(config, read)
    schema = parse(
        {
            "schema": 1,
            "name": name,
            "normalization": "verbatim-1",
            "layout": "record",
            "bits": bits * 2**folds,
            "hash": family,
            "fields": [feature.field for feature in read if feature.field],
            "hardening": [{"name": "fold", "parts": 2**folds}] if folds else [],
        }
    )
    return Converted(schema, {one.identifier: one.column for one in read if one.field})


@dataclass(frozen=True, slots=True)
class _Feature:
    identifier: str
    column: str
    hash: dict[str, object] | None
    field: dict[str, object] | None


def _lengths(config: Reader) -> tuple[int, int]:
    bits = config.number("l", 1, 65_536, 1024)
    folds = config.number("xor_folds", 0, 6) if config.has("xor_folds") else 0
    if config.has("xorFolds") and config.take("xorFolds"):
        raise SchemaInvalid(config.at("xorFolds"), "is ignored by clkhash, which reads xor_folds")
    if bits % 64:
        raise SchemaInvalid(config.at("l"), "must be a multiple of 64 here")
    return bits, folds


def _family(config: Reader, features: list[_Feature]) -> dict[str, object]:
    kdf = Reader(config.take("kdf"), config.at("kdf"))
    config.done()
    if kdf.text("type") != "HKDF":
        raise SchemaInvalid(kdf.at("type"), "must be HKDF")
    hashes = [feature.hash for feature in features if feature.hash]
    if any(one != hashes[0] for one in hashes):
        raise SchemaInvalid("features", "use several hash functions in one schema")
    family: dict[str, object] = {
        **(hashes[0] if hashes else {}),
        "key_spaces": [feature.column for feature in features],
        "kdf_hash": kdf.text("hash", "SHA256"),
        "salt": kdf.text("salt", ""),
        "info": kdf.text("info", ""),
        "key_size": kdf.number("keySize", 16, 64, 64),
    }
    kdf.done()
    return family


def _feature(reader: Reader) -> _Feature:
    identifier = reader.text("identifier")
    column = re.sub(r"[^a-z0-9]+", "_", identifier.lower()).strip("_")[:48] or "feature"
    column = column if column[0].isalpha() else f"feature_{column}"
    if reader.flag("ignored", default=False):
        return _Feature(identifier, f"{column}_{_place(reader)}", None, None)
    form = Reader(reader.take("format"), reader.at("format"))
    kind = form.text("type")
    if kind not in _KINDS:
        raise SchemaInvalid(form.at("type"), f"must be one of {', '.join(_KINDS)}")
    if form.text("encoding", "utf-8") not in ("utf-8", "ascii"):
        raise SchemaInvalid(form.at("encoding"), "must be utf-8 or ascii")
    hashing = Reader(reader.take("hashing"), reader.at("hashing"))
    column = f"{column}_{_place(reader)}"
    field: dict[str, object] = {"name": column, "kind": _KINDS[kind]}
    field |= _tokens(Reader(hashing.take("comparison"), hashing.at("comparison")), field)
    field |= _strategy(Reader(hashing.take("strategy"), hashing.at("strategy")))
    field |= _missing(hashing)
    return _Feature(identifier, column, _hash(hashing), field)


def _place(reader: Reader) -> str:
    """The number of a feature, which keeps columns apart whose identifiers look alike."""
    return reader.path.split("[")[1].rstrip("]")


def _tokens(reader: Reader, field: Mapping[str, object]) -> dict[str, object]:
    kind = reader.text("type")
    if kind == "exact":
        return {"tokens": {"type": "whole"}}
    if kind == "ngram":
        tokens = {"type": "ngrams", "q": reader.number("n", 1, 8)}
        return {"tokens": tokens | {"positional": reader.flag("positional", default=False)}}
    if kind == "numeric":
        return {
            "kind": "number" if field["kind"] == "text" else field["kind"],
            "tokens": {
                "type": "numeric",
                "distance": reader.take("thresholdDistance"),
                "resolution": reader.number("resolution", 1, 512),
                "digits": reader.number("fractional_precision", 0, 20, 0),
            },
        }
    raise SchemaInvalid(reader.at("type"), "must be ngram, exact or numeric")


def _strategy(reader: Reader) -> dict[str, object]:
    if reader.has("bitsPerToken"):
        return {"bits_per_token": reader.number("bitsPerToken", 1, 1024)}
    return {"bits_per_field": reader.number("bitsPerFeature", 1, 65_536)}


def _missing(hashing: Reader) -> dict[str, object]:
    """What clkhash hashes instead of its sentinel; without a replacement, the sentinel itself."""
    if not hashing.has("missingValue"):
        return {}
    reader = Reader(hashing.take("missingValue"), hashing.at("missingValue"))
    sentinel = reader.text("sentinel")
    return {"missing_if": sentinel, "missing_as": reader.text("replaceWith", sentinel)}


def _hash(hashing: Reader) -> dict[str, object]:
    chosen = hashing.take("hash") if hashing.has("hash") else {"type": "blakeHash"}
    reader = Reader(chosen, hashing.at("hash"))
    hashing.done()
    kind = reader.text("type")
    if kind == "blakeHash":
        return {"family": "clkhash-blake"}
    if kind != "doubleHash":
        raise SchemaInvalid(reader.at("type"), "must be blakeHash or doubleHash")
    singular = reader.flag("prevent_singularity", default=False)
    return {"family": "clkhash-double", "prevent_singularity": singular}
