"""The clkhash families: bit for bit what clkhash 0.18.3 makes, under its schemas of every version."""

import copy
import csv
import io
from typing import Any

import numpy as np
import pytest

from linkage import schema
from linkage.encode import Encoder
from linkage.encode.clkhash import double_hashing, from_base64, to_base64
from linkage.encode.clkhash_schema import Converted, from_clkhash
from linkage.encode.families import KeyScope, empty_filter, pack, positions_for
from linkage.encode.tokens import number_tokens, tokens_of
from linkage.errors import RecordInvalid, SchemaInvalid
from linkage.normalize import normalize
from linkage.records import RecordTable, table_of
from linkage.schema import Numeric
from tests.linkage.vectors import read

VECTORS = read("clkhash/double_hash.json")
SCHEMAS = read("clkhash/schemas.json")
PUBLISHED = read("clkhash/published.json")


def persons() -> RecordTable:
    """The persons of the vectors."""
    rows = [dict(zip(VECTORS["columns"], row, strict=True)) for row in VECTORS["records"]]
    return table_of("vectors", [row | {"record_id": str(place)} for place, row in enumerate(rows)])


def converted_table(converted: Converted, document: dict[str, Any]) -> RecordTable:
    """The records of the vectors under the columns of a converted schema."""
    names = [feature["identifier"] for feature in document["features"]]
    rows = [dict(zip(names, row, strict=False)) for row in SCHEMAS["records"]]
    return table_of(
        "vectors",
        [
            {column: row[name] for name, column in converted.columns.items()}
            | {"record_id": str(place)}
            for place, row in enumerate(rows)
        ],
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_every_filter_is_the_one_clkhash_makes(case: dict[str, object]) -> None:
    secret = str(VECTORS["secret"]).encode()
    chosen = schema.parse(case["schema"])
    made = Encoder(chosen, secret=secret).encode(persons()).record_filters
    assert [to_base64(words) for words in made] == case["clks"]


@pytest.mark.parametrize("case", SCHEMAS["cases"], ids=lambda case: str(case["name"]))
def test_every_schema_of_clkhash_gives_its_filters(case: dict[str, Any]) -> None:
    converted = from_clkhash(case["schema"], name="converted")
    encoder = Encoder(converted.schema, secret=SCHEMAS["secret"].encode())
    made = encoder.encode(converted_table(converted, case["schema"])).record_filters
    assert [to_base64(words) for words in made] == case["clks"]


def test_the_published_regression_vectors_hold() -> None:
    """Two filters of clkhash's own tests; its secret is shorter than an encoder of ours accepts."""
    case = PUBLISHED["regression"]
    chosen = from_clkhash(case["schema"], name="published").schema
    scope = KeyScope(project="", schema=chosen.fingerprint)
    rows = list(csv.reader(io.StringIO(case["csv"])))[1:]
    for row, clk in zip(rows, case["clks"], strict=False):
        bits = empty_filter(chosen.bits)
        for field, value in zip(chosen.fields, row, strict=True):
            found = positions_for(field, chosen, secret=case["secret"].encode(), scope=scope)
            parts = normalize(value, kind=field.kind, profile=chosen.normalization)
            for token in tokens_of(parts, field.tokens):
                bits[list(found(token, field.bits_per_token or 0, chosen.bits))] = True
        assert to_base64(pack(bits)) == clk


@pytest.mark.parametrize("gram", PUBLISHED["singular"]["singular"])
def test_a_published_singular_gram_sets_one_bit_unless_that_is_prevented(gram: str) -> None:
    keys = {"sha1_key": b"secret1", "md5_key": b"secret2"}
    assert len(set(double_hashing(**keys, prevent_singularity=False)(gram, 20, 1024))) == 1
    assert len(set(double_hashing(**keys, prevent_singularity=True)(gram, 20, 1024))) > 1


@pytest.mark.parametrize("gram", PUBLISHED["singular"]["regular"])
def test_a_published_regular_gram_is_hashed_alike_either_way(gram: str) -> None:
    keys = {"sha1_key": b"secret1", "md5_key": b"secret2"}
    plain = double_hashing(**keys, prevent_singularity=False)(gram, 20, 1024)
    assert plain == double_hashing(**keys, prevent_singularity=True)(gram, 20, 1024)
    assert len(set(plain)) > 1


def test_published_sentinels_give_the_filter_of_their_replacement() -> None:
    converted = from_clkhash(PUBLISHED["missing"]["schema"], name="missing")
    columns = list(converted.columns.values())
    rows = [
        dict(zip(columns, row, strict=True)) | {"record_id": str(place)}
        for place, row in enumerate(PUBLISHED["missing"]["records"])
    ]
    made = Encoder(converted.schema, secret=b"s" * 16).encode(table_of("a", rows))
    assert np.array_equal(made.record_filters[0], made.record_filters[1])


@pytest.mark.parametrize("case", SCHEMAS["numeric"], ids=str)
def test_numbers_become_the_tokens_of_clkhash(case: list[Any]) -> None:
    (distance, resolution, digits), text, tokens = case
    assert number_tokens(text, Numeric(distance, resolution, digits)) == tokens


def feature(document: dict[str, Any]) -> dict[str, Any]:
    """The hashing of the first feature, to be broken."""
    found: dict[str, Any] = document["features"][0]["hashing"]
    return found


DEFECTS: dict[str, tuple[Any, str]] = {
    "no version": (lambda it: it.pop("version"), "version"),
    "version 4": (lambda it: it.update(version=4), "version"),
    "version true": (lambda it: it.update(version=True), "version"),
    "length no multiple of 64": (lambda it: it["clkConfig"].update(l=1000), "clkConfig.l"),
    "folds under the name clkhash ignores": (
        lambda it: it["clkConfig"].update(xorFolds=1),
        "clkConfig.xorFolds",
    ),
    "another key derivation": (lambda it: it["clkConfig"]["kdf"].update(type="PBKDF2"), "type"),
    "keys of one byte": (lambda it: it["clkConfig"]["kdf"].update(keySize=1), "keySize"),
    "two hash functions": (lambda it: feature(it).update(hash={"type": "blakeHash"}), "features"),
    "unknown hash": (
        lambda it: feature(it).update(hash={"type": "md5"}),
        "features[0].hashing.hash.type",
    ),
    "UTF-16": (
        lambda it: it["features"][0]["format"].update(encoding="utf-16"),
        "features[0].format.encoding",
    ),
    "unknown format": (
        lambda it: it["features"][0]["format"].update(type="bool"),
        "features[0].format.type",
    ),
    "unknown comparison": (
        lambda it: feature(it)["comparison"].update(type="soundex"),
        "features[0].hashing.comparison.type",
    ),
    "no strategy": (lambda it: feature(it).pop("strategy"), "features[0].hashing.strategy"),
    "unknown key": (lambda it: feature(it).update(weight=2), "features[0].hashing.weight"),
    "no features": (lambda it: it.update(features=[]), "features"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_what_cannot_be_expressed_is_refused_where_it_is(defect: str) -> None:
    breaking, path = DEFECTS[defect]
    document = copy.deepcopy(SCHEMAS["cases"][0]["schema"])
    breaking(document)
    with pytest.raises(SchemaInvalid) as refusal:
        from_clkhash(document, name="broken")
    assert refusal.value.path.endswith(path)


@pytest.mark.parametrize("version", [1, 2])
def test_a_broken_older_schema_is_refused_as_such(version: int) -> None:
    with pytest.raises(SchemaInvalid, match=f"version {version}"):
        from_clkhash({"version": version, "clkConfig": {}, "features": [3]}, name="broken")


def test_a_filter_survives_being_written_for_clkhash() -> None:
    words = np.arange(16, dtype=np.uint64) * np.uint64(0x0123456789ABCDEF)
    assert np.array_equal(from_base64(to_base64(words)), words)


@pytest.mark.parametrize("value", ["Anna", "nan", "inf", "1e400"])
def test_what_is_no_number_is_refused_by_row_and_never_repeated(value: str) -> None:
    document: dict[str, Any] = dict(schema.load("clkhash-compat").document)
    tokens = {"type": "numeric", "distance": 1, "resolution": 2}
    first = document["fields"][0] | {"kind": "number", "tokens": tokens}
    changed = schema.load(document | {"fields": [first, *document["fields"][1:]]})
    record = dict.fromkeys(changed.columns, "") | {"record_id": "1", first["column"]: value}
    with pytest.raises(RecordInvalid, match="number-malformed") as refusal:
        Encoder(changed, secret=bytes(32)).encode(table_of("a", [record]))
    assert value not in str(refusal.value)
