"""Linkage schemas: strict to read, stable in fingerprint, complete when written."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import schema
from linkage.errors import SchemaInvalid, UnknownSchema
from linkage.schema import ClkhashDouble, Layout, LinkageSchema
from tests.linkage.vectors import VECTORS, read

PUBLISHED = read("schema/fingerprints.json")


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same JSON with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: shuffled(value[key], rng) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, rng) for item in value]
    return value


@pytest.mark.parametrize("name", schema.shipped())
def test_a_shipped_schema_never_changes(name: str) -> None:
    assert schema.load(name).fingerprint == PUBLISHED[name]


@pytest.mark.parametrize("name", schema.shipped())
def test_a_schema_survives_writing_and_reading(name: str) -> None:
    loaded = schema.load(name)
    assert schema.parse(json.loads(json.dumps(loaded.document))) == loaded
    assert loaded.name == name


@given(name=st.sampled_from(schema.shipped()), seed=st.integers(0, 1000))
def test_the_fingerprint_ignores_the_order_of_keys(name: str, seed: int) -> None:
    loaded = schema.load(name)
    mixed = schema.parse(shuffled(loaded.document, random.Random(seed)))
    assert mixed.fingerprint == loaded.fingerprint


def test_spelling_out_a_default_does_not_change_the_fingerprint() -> None:
    short = json.loads((VECTORS / "schema" / "small.json").read_text())
    long = json.loads((VECTORS / "schema" / "small.json").read_text())
    long["fields"][0] |= {"weight": 1.0, "column": "surname", "key_space": "surname"}
    long |= {"exact": [], "hardening": []}
    assert schema.parse(short).fingerprint == schema.parse(long).fingerprint


@pytest.mark.parametrize(
    "change", [{"bits": 2048}, {"name": "other"}, {"hardening": [{"name": "diffusion", "t": 8}]}]
)
def test_any_change_of_meaning_changes_the_fingerprint(change: dict[str, Any]) -> None:
    document = schema.default().document
    assert schema.parse(document | change).fingerprint != schema.default().fingerprint


def test_default_is_an_alias_of_a_dated_schema() -> None:
    assert schema.load("default") == schema.default() == schema.load("default-2026-11")


def test_a_schema_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(schema.default().document))
    assert schema.load(path) == schema.load(str(path)) == schema.default()


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"schema": 1, "schema": 1}', "[" * 9999])
def test_what_is_not_a_json_object_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(SchemaInvalid):
        schema.load(path)


@pytest.mark.parametrize("name", ["defautl", "no/such/file.json", ""])
def test_an_unknown_schema_is_named(name: str) -> None:
    with pytest.raises(UnknownSchema, match="no linkage schema"):
        schema.load(name)


@pytest.mark.parametrize("defect", read("schema/defects.json"))
def test_a_defect_is_refused_where_it_is(defect: str) -> None:
    case = read("schema/defects.json")[defect]
    document = read("schema/small.json")
    _break(document, case)
    if "field" in case:
        _break(document["fields"][0], case["field"])
    with pytest.raises(SchemaInvalid) as refusal:
        schema.parse(document)
    assert refusal.value.path == case["path"]


def test_a_distance_that_is_no_number_is_refused() -> None:
    document = read("schema/small.json")
    tokens = {"type": "numeric", "distance": math.nan, "resolution": 2}
    document["fields"][0] |= {"kind": "number", "tokens": tokens}
    with pytest.raises(SchemaInvalid, match="distance"):
        schema.parse(document)


def _break(target: dict[str, Any], case: dict[str, Any]) -> None:
    target.update(case.get("set", {}))
    if "drop" in case:
        del target[case["drop"]]


def test_the_record_layout_has_one_filter_and_the_field_layout_one_per_group() -> None:
    assert schema.default().filters == {"record": 1024}
    groups = schema.load("field").filters
    assert list(groups) == ["given_name", "surname", "birth_date", "sex", "address"]


def test_columns_used_by_exact_tokens_alone_are_optional() -> None:
    loaded = schema.default()
    assert "kvnr" in loaded.columns
    assert "kvnr" not in loaded.required_columns


def test_the_clkhash_schema_lists_its_keys_in_order() -> None:
    loaded: LinkageSchema = schema.load("clkhash-compat")
    assert loaded.layout is Layout.RECORD
    assert isinstance(loaded.hash, ClkhashDouble)
    assert loaded.hash.key_spaces == tuple(field.key_space for field in loaded.fields)
