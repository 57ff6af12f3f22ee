"""Filters of other programs: bit for bit what E-PIX, the federated TTP and HiGHmed make."""

import base64
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.encode import Encoder
from linkage.encode.import_profiles import (
    epix_double,
    epix_random,
    fttp_balanced,
    highmed_record,
)
from linkage.encode.imported import from_bitset, to_bitset
from linkage.errors import SchemaInvalid
from linkage.imported_secret import SecretUnreadable
from linkage.java import JavaRandom, shuffled, swapped
from linkage.records import table_of
from linkage.schema import Kind, LinkageSchema, parse
from tests.linkage.vectors import read

VECTORS = read("linkage/imported.json")
COLUMNS = {"given_name": Kind.GIVEN_NAME, "surname": Kind.SURNAME, "birth_date": Kind.DATE}
EPIX = VECTORS["epix"]


def java_filter(
    schema: LinkageSchema, values: Mapping[str, str], secret: object, *, length: int
) -> bytes:
    """The bytes Java's BitSet would hold for one record."""
    table = table_of("a", [dict(values) | {"record_id": "1"}])
    made = Encoder(schema, secret=json.dumps(secret).encode()).encode(table)
    return to_bitset(made.record_filters[0], length=length)


@pytest.mark.parametrize("case", VECTORS["java"]["below"], ids=lambda case: str(case["seed"]))
def test_numbers_are_those_of_java(case: dict[str, object]) -> None:
    assert isinstance(case["seed"], int)
    assert isinstance(case["bounds"], list)
    generator = JavaRandom(case["seed"])
    assert [generator.below(bound) for bound in case["bounds"]] == case["numbers"]


def test_shuffling_is_that_of_java() -> None:
    case = VECTORS["java"]["shuffled"]
    assert shuffled(len(case["order"]), seed=case["seed"]) == case["order"]


@given(st.integers(-(2**63), 2**63 - 1), st.integers(1, 300))
def test_java_permutes_and_loses_nothing(seed: int, count: int) -> None:
    assert sorted(shuffled(count, seed=seed)) == list(range(count))
    assert sorted(swapped(count, seed=seed)) == list(range(count))


@given(st.integers(-(2**63), 2**63 - 1), st.integers(1, 2**31 - 1))
def test_java_stays_below_its_bound(seed: int, bound: int) -> None:
    assert 0 <= JavaRandom(seed).below(bound) < bound


def test_random_hashing_is_that_of_epix() -> None:
    case = EPIX["random"]
    made = java_filter(epix_random(COLUMNS, length=500), EPIX["values"], case["seeds"], length=500)
    assert base64.b64encode(made).decode() == case["filter"]


def test_folding_is_that_of_epix() -> None:
    case, schema = EPIX["random"], epix_random(COLUMNS, length=500, folds=1)
    made = java_filter(schema, EPIX["values"], case["seeds"], length=250)
    assert base64.b64encode(made).decode() == case["folded_once"]


def test_double_hashing_is_that_of_epix() -> None:
    case = EPIX["double"]
    made = java_filter(epix_double(COLUMNS, length=500), EPIX["values"], case["salts"], length=500)
    assert base64.b64encode(made).decode() == case["filter"]


def test_the_balanced_filter_is_that_of_the_federated_client() -> None:
    case = VECTORS["fttp"]
    made = java_filter(fttp_balanced(), case["values"], case["secret"], length=1600)
    assert base64.b64encode(made).decode() == case["filter"]


def test_a_balanced_filter_of_epix_has_half_of_its_bits_set() -> None:
    schema = epix_random(COLUMNS, length=500, balanced=True)
    made = java_filter(
        schema, EPIX["values"], EPIX["random"]["seeds"] | {"balance": 7}, length=1000
    )
    assert int.from_bytes(made, "little").bit_count() == 500


@pytest.mark.parametrize("case", VECTORS["highmed"]["cases"], ids=lambda case: str(case["seed"]))
def test_the_record_filter_is_that_of_highmed(case: dict[str, object]) -> None:
    assert isinstance(case["values"], list)
    secret = {
        "permutation_seed": case["seed"],
        "hmac_md5_key": base64.b64encode(bytes(range(64))).decode(),
        "hmac_sha1_key": base64.b64encode(bytes(255 - place for place in range(64))).decode(),
    }
    values = dict(zip(VECTORS["highmed"]["columns"], case["values"], strict=True))
    made = java_filter(highmed_record(), values, secret, length=2000)
    assert base64.b64encode(made.rstrip(b"\0")).decode() == case["filter"]


def test_characters_outside_the_alphabet_set_nothing() -> None:
    seeds, schema = (
        {"given_name": 1, "pad": "0123456789"},
        epix_random({"given_name": Kind.GIVEN_NAME}),
    )
    plain = java_filter(schema, {"given_name": "AB"}, seeds, length=1000)
    odd = java_filter(schema, {"given_name": "AB#"}, seeds, length=1000)
    both = int.from_bytes(plain, "little") | int.from_bytes(odd, "little")
    assert both == int.from_bytes(plain, "little")
    assert odd != plain


@given(st.binary(min_size=125, max_size=125))
def test_a_bitset_survives_being_read_and_written(octets: bytes) -> None:
    words = from_bitset(octets, bits=1024)
    assert to_bitset(words, length=1000) == octets
    assert from_bitset(octets.rstrip(b"\0"), bits=1024).tolist() == words.tolist()


@pytest.mark.parametrize(
    "secret",
    [
        b"not json at all!",
        b"[1, 2, 3, 4, 5, 6, 7]",
        b'{"given_name": "forty-two"}',
        b'{"given_name": true, "a": 1}',
        b'{"given_name": 9223372036854775808}',
        b'{"surname": 42, "a": "bcdef"}',
    ],
)
def test_a_secret_without_the_seed_is_refused_by_name(secret: bytes) -> None:
    with pytest.raises(SecretUnreadable, match="given_name") as refusal:
        Encoder(epix_random({"given_name": Kind.GIVEN_NAME}), secret=secret)
    assert "forty" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"bits": 64}, "bits"),
        ({"hash": {"family": "java-random", "length": 0}}, "hash.length"),
        ({"hash": {"family": "java-random", "length": 500, "alphabet": ""}}, "hash.alphabet"),
        ({"hash": {"family": "highmed-record", "fields": []}}, "hash.fields"),
        ({"hash": {"family": "clkhash-blake", "key_spaces": ["x"]}}, "fields[0].key_space"),
        ({"hardening": [{"name": "java-balance", "length": 9000}]}, "hardening[0].length"),
        ({"hardening": [{"name": "fold", "parts": 7, "length": 500}]}, "hardening[0].parts"),
        ({"hardening": [{"name": "fold", "parts": 1}]}, "hardening[0].parts"),
        ({"hardening": [{"name": "randomized-response", "flip": 0.5}]}, "hardening[0].flip"),
        ({"hardening": [{"name": "randomized-response", "flip": 1e-9}]}, "hardening[0].flip"),
        ({"hardening": [{"name": "randomized-response", "flip": True}]}, "hardening[0].flip"),
        ({"hardening": [{"name": "balance"}] * 9}, "hardening[7]"),
        ({"hardening": [{"name": "rule-90", "key": 1}]}, "hardening[0].key"),
    ],
)
def test_a_defect_is_refused_where_it_is(change: dict[str, object], path: str) -> None:
    document = epix_random({"given_name": Kind.GIVEN_NAME}, length=500).document
    with pytest.raises(SchemaInvalid) as refusal:
        parse(document | change)
    assert refusal.value.path == path
