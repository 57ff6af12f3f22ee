"""Linear diffusion: linear, secret, every input used equally often, and exactly as defined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from linkage.harden import diffusion, diffusion_indices, hardeners
from linkage.schema import Diffusion

KEY = b"k" * 32
SHAPES = st.tuples(st.sampled_from([64, 128, 1024]), st.integers(2, 12))


def random_words(seed: int, rows: int, bits: int) -> NDArray[np.uint64]:
    return np.random.default_rng(seed).integers(0, 2**64, (rows, bits // 64), dtype=np.uint64)


def bits_of(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, bitorder="little")


@given(SHAPES, st.binary(min_size=32, max_size=32))
def test_each_input_bit_is_used_t_times_and_never_twice_in_one_output(
    shape: tuple[int, int], key: bytes
) -> None:
    bits, t = shape
    indices = diffusion_indices(bits=bits, t=t, key=key)
    assert indices.shape == (bits, t)
    assert np.array_equal(np.bincount(indices.reshape(-1), minlength=bits), np.full(bits, t))
    assert all(len(set(row)) == t for row in indices.tolist())


@given(SHAPES)
def test_every_input_bit_is_used_once_before_any_is_used_again(shape: tuple[int, int]) -> None:
    bits, t = shape
    order = diffusion_indices(bits=bits, t=t, key=KEY).reshape(t, bits)
    assert all(sorted(lap) == list(range(bits)) for lap in order.tolist())


@given(SHAPES, st.integers(0, 1000))
def test_the_fast_way_gives_what_the_definition_says(shape: tuple[int, int], seed: int) -> None:
    bits, t = shape
    indices = diffusion_indices(bits=bits, t=t, key=KEY)
    words = random_words(seed, 3, bits)
    expected = np.bitwise_xor.reduce(bits_of(words)[:, indices], axis=2)
    assert np.array_equal(bits_of(diffusion(indices)(words)), expected)


@given(SHAPES, st.integers(0, 1000))
def test_diffusion_is_linear_and_leaves_the_empty_filter_empty(
    shape: tuple[int, int], seed: int
) -> None:
    bits, t = shape
    apply = hardeners([Diffusion(t)], bits=bits, key=KEY)[0]
    first, second = random_words(seed, 2, bits), random_words(seed + 1, 2, bits)
    assert np.array_equal(apply(first) ^ apply(second), apply(first ^ second))
    assert not apply(np.zeros_like(first)).any()


@pytest.mark.parametrize("other", [b"l" * 32, b""])
def test_another_key_gives_other_positions(other: bytes) -> None:
    mine = diffusion_indices(bits=1024, t=10, key=KEY)
    assert np.mean(mine == diffusion_indices(bits=1024, t=10, key=other)) < 0.05


def test_two_steps_have_keys_of_their_own() -> None:
    once, twice = hardeners([Diffusion(4), Diffusion(4)], bits=128, key=KEY)
    words = random_words(1, 1, 128)
    assert not np.array_equal(once(words), twice(words))


def test_diffusion_hides_the_fill_of_sparse_filters() -> None:
    sparse = np.zeros((200, 1024), dtype=np.bool_)
    rng = np.random.default_rng(1)
    for row in sparse:
        row[rng.choice(1024, 250, replace=False)] = True
    words = np.packbits(sparse, axis=1, bitorder="little").view(np.uint64)
    fill = (
        np.bitwise_count(hardeners([Diffusion(10)], bits=1024, key=KEY)[0](words)).sum()
        / sparse.size
    )
    assert 0.49 < fill < 0.51
