"""Hardening: each kind is exactly its definition, as long as it says, and keeps missing missing."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from linkage.encode import Encoder
from linkage.encode.container import parse_container, save
from linkage.harden import hardeners
from linkage.hardening import (
    Words,
    balance,
    fold,
    java_balance,
    permutation,
    permuted_places,
    randomized_response,
    rule_90,
    salted_key,
)
from linkage.records import RecordTable, table_of
from linkage.schema import (
    Balance,
    Diffusion,
    Fold,
    Hardening,
    JavaBalance,
    Permutation,
    RandomizedResponse,
    Rule90,
    parse,
)
from linkage.schema.hardening import released_bits
from tests.linkage.vectors import read

KEY = b"k" * 32
SECRET = b'{"balance": 42, "given_name": 1}'
KINDS: list[Hardening] = [
    Diffusion(8),
    Permutation(),
    Balance(),
    Fold(2),
    Fold(4, 512),
    Rule90(),
    RandomizedResponse(0.05),
    JavaBalance(500),
]
STEPS = st.sampled_from(KINDS)
SEEDS = st.integers(0, 1000)


def random_words(seed: int, rows: int = 3, bits: int = 512, fill: float = 0.3) -> Words:
    made = np.random.default_rng(seed).random((rows, bits)) < fill
    return np.packbits(made, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def bits_of(words: Words) -> NDArray[np.uint8]:
    return np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, bitorder="little")


@given(STEPS, SEEDS)
def test_every_kind_gives_filters_as_long_as_it_says(step: Hardening, seed: int) -> None:
    apply = hardeners([step], bits=512, key=KEY, secret=SECRET)[0]
    assert apply(random_words(seed)).shape == (3, step.output_bits(512) // 64)


@given(STEPS, SEEDS)
def test_every_kind_is_deterministic_and_works_row_by_row(step: Hardening, seed: int) -> None:
    words = random_words(seed)
    before = words.copy()
    first = hardeners([step], bits=512, key=KEY, secret=SECRET)[0](words)
    again = hardeners([step], bits=512, key=KEY, secret=SECRET)[0]
    assert np.array_equal(first, np.concatenate([again(words[row : row + 1]) for row in range(3)]))
    assert np.array_equal(words, before)


@pytest.mark.parametrize("step", KINDS, ids=lambda step: str(step.name))
def test_a_filter_without_content_stays_empty(step: Hardening) -> None:
    apply = hardeners([step], bits=512, key=KEY, secret=SECRET)[0]
    assert not apply(np.zeros((2, 8), dtype=np.uint64)).any()


@pytest.mark.parametrize(
    "step", [Diffusion(8), Permutation(), Balance(), RandomizedResponse(0.05)], ids=str
)
def test_another_key_gives_another_filter(step: Hardening) -> None:
    words = random_words(1)
    mine = hardeners([step], bits=512, key=KEY)[0](words)
    assert not np.array_equal(mine, hardeners([step], bits=512, key=b"l" * 32)[0](words))


@given(st.lists(STEPS, max_size=3))
def test_lengths_add_up_over_several_steps(steps: list[Hardening]) -> None:
    chosen = [step for step in steps if not isinstance(step, Fold | JavaBalance)]
    words = random_words(5)
    for apply in hardeners(chosen, bits=512, key=KEY):
        words = apply(words)
    assert 64 * words.shape[1] == released_bits(tuple(chosen), 512)


@given(SEEDS, st.binary(min_size=1, max_size=32))
def test_a_permutation_is_its_definition_and_can_be_undone(seed: int, key: bytes) -> None:
    places, words = permuted_places(bits=512, key=key), random_words(seed)
    assert sorted(places.tolist()) == list(range(512))
    moved = permutation(places)(words)
    assert np.array_equal(bits_of(moved), bits_of(words)[:, places])
    assert np.array_equal(permutation(np.argsort(places))(moved), words)


@given(SEEDS)
def test_a_balanced_filter_is_filter_and_complement_and_half_full(seed: int) -> None:
    places, words = permuted_places(bits=1024, key=KEY), random_words(seed)
    both = np.concatenate([bits_of(words), 1 - bits_of(words)], axis=1)
    found = balance(places)(words)
    assert np.array_equal(bits_of(found), both[:, places])
    assert np.bitwise_count(found).sum(axis=1).tolist() == [512] * 3


@given(SEEDS, st.integers(-(2**63), 2**63 - 1))
def test_balancing_as_in_java_sets_half_of_its_own_length(seed: int, java_seed: int) -> None:
    words = random_words(seed)
    found = bits_of(java_balance(length=500, seed=java_seed)(words))
    assert found.sum(axis=1).tolist() == [500] * 3
    assert not found[:, 1000:].any()


@given(SEEDS)
def test_balancing_twice_the_distance_is_all_it_does_to_similarity(seed: int) -> None:
    words = random_words(seed)
    found = balance(permuted_places(bits=1024, key=KEY))(words)
    before, after = words[0] ^ words[1], found[0] ^ found[1]
    assert np.bitwise_count(after).sum() == 2 * np.bitwise_count(before).sum()


@given(SEEDS, st.sampled_from([(2, 512), (4, 512), (8, 512), (3, 510), (2, 500), (5, 500)]))
def test_folding_is_its_definition_and_linear(seed: int, shape: tuple[int, int]) -> None:
    parts, length = shape
    first, second = random_words(seed), random_words(seed + 1)
    apply = fold(parts=parts, length=length)
    expected = bits_of(first)[:, :length].reshape(3, parts, -1)
    size = length // parts
    found = bits_of(apply(first))
    assert np.array_equal(found[:, :size], np.bitwise_xor.reduce(expected, axis=1))
    assert not found[:, size:].any()
    assert np.array_equal(apply(first) ^ apply(second), apply(first ^ second))


@given(SEEDS)
def test_folding_twice_in_two_is_folding_once_in_four(seed: int) -> None:
    words = random_words(seed)
    twice = fold(parts=2, length=256)(fold(parts=2, length=512)(words))
    assert np.array_equal(twice, fold(parts=4, length=512)(words))


@pytest.mark.parametrize("case", read("linkage/imported.json")["epix"]["folds"], ids=str)
def test_folding_gives_the_published_results(case: dict[str, list[int]]) -> None:
    words = np.array([[sum(1 << place for place in case["set"])]], dtype=np.uint64)
    parts = int(str(case["folds"])) + 1
    found = bits_of(fold(parts=parts, length=int(str(case["bits"])))(words))[0]
    assert np.flatnonzero(found).tolist() == case["result"]


@given(SEEDS)
def test_rule_90_is_its_definition_and_linear(seed: int) -> None:
    first, second = random_words(seed), random_words(seed + 1)
    bits = bits_of(first)
    expected = np.roll(bits, 1, axis=1) ^ np.roll(bits, -1, axis=1)
    apply = rule_90()
    assert np.array_equal(bits_of(apply(first)), expected)
    assert np.array_equal(apply(first) ^ apply(second), apply(first ^ second))


def test_randomized_response_turns_over_as_many_bits_as_it_says() -> None:
    step, words = RandomizedResponse(0.05), random_words(7, rows=400)
    found = randomized_response(threshold=step.threshold, key=KEY)(words)
    turned = np.bitwise_count(found ^ words).sum() / (400 * 512)
    spread = 5 * math.sqrt(0.05 * 0.95 / (400 * 512))
    assert abs(turned - step.threshold / 65_536) < spread


def test_ones_and_zeros_are_turned_over_alike() -> None:
    words = random_words(8, rows=400)
    found = randomized_response(threshold=6_554, key=KEY)(words)
    ones = np.bitwise_count(words & ~found).sum() / np.bitwise_count(words).sum()
    zeros = np.bitwise_count(~words & found).sum() / np.bitwise_count(~words).sum()
    assert abs(ones - zeros) < 0.01


@given(SEEDS)
def test_equal_filters_get_equal_noise_and_others_do_not(seed: int) -> None:
    words = random_words(seed)
    same = np.concatenate([words, words])
    found = randomized_response(threshold=6_554, key=KEY)(same)
    assert np.array_equal(found[:3], found[3:])
    noise = found[:3] ^ words
    assert not np.array_equal(noise[0], noise[1])


@given(st.floats(0.001, 0.499))
def test_epsilon_is_that_of_randomized_response(flip: float) -> None:
    step = RandomizedResponse(flip)
    drawn = step.threshold / 65_536
    assert step.epsilon_per_bit == pytest.approx(math.log((1 - drawn) / drawn))
    assert step.epsilon(15) == pytest.approx(15 * step.epsilon_per_bit)
    assert math.exp(step.epsilon_per_bit) * drawn == pytest.approx(1 - drawn)


@pytest.mark.parametrize("step", KINDS[1:], ids=lambda step: str(step.name))
def test_what_gives_false_comfort_says_so(step: Hardening) -> None:
    assert step.false_comfort


def test_diffusion_of_few_bits_gives_false_comfort_and_of_many_none_that_is_known() -> None:
    assert Diffusion(4).false_comfort
    assert Diffusion(10).false_comfort is None


def test_salts_give_unrelated_keys() -> None:
    assert salted_key(key=KEY, salt="1980") == salted_key(key=KEY, salt="1980")
    assert len({salted_key(key=KEY, salt=str(year)) for year in range(1900, 2000)}) == 100


@pytest.mark.parametrize("step", KINDS, ids=lambda step: str(step.name))
def test_a_schema_with_any_hardening_encodes_saves_and_loads(
    step: Hardening, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = read("schema/small.json") | {"bits": 512}
    written = {"name": step.name} | {
        name: getattr(step, name)
        for name in step.__slots__
        if name != "name" and getattr(step, name) is not None
    }
    chosen = parse(document | {"hardening": [written]})
    assert parse(chosen.document) == chosen
    table = _table()
    made = Encoder(chosen, secret=SECRET).encode(table)
    assert made.record_filters.shape == (2, step.output_bits(512) // 64)
    path = tmp_path_factory.mktemp("encodings") / "a.enc"
    save(made, path)
    loaded = parse_container(path.read_bytes(), source="a")
    assert np.array_equal(loaded.record_filters, made.record_filters)
    assert loaded.present["record"].tolist() == [True, False]


def _table() -> RecordTable:
    return table_of(
        "a", [{"record_id": "1", "surname": "Müller"}, {"record_id": "2", "surname": None}]
    )
