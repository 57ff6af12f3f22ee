"""Secret sharing: published vectors, a second implementation, and all that fewer shares do not tell."""

import hashlib
import hmac
import json
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import SecretTooShort
from keys.shares import SharesImpossible, interpolate, multiply, split, wipe
from tests.scale import scaled

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "shamir" / "slip39.json").read_text())
SECRET_AT, DIGEST_AT = 255, 254


def times(first: int, second: int) -> int:
    """The product by long division of polynomials over GF(2), as in a textbook."""
    product = 0
    for power in range(8):
        if second >> power & 1:
            product ^= first << power
    for power in range(15, 7, -1):
        if product >> power & 1:
            product ^= 0x11B << (power - 8)
    return product


def over(first: int, second: int) -> int:
    """The quotient, found by trying every element."""
    return next(element for element in range(256) if times(element, second) == first)


def neville(points: dict[int, bytes], at: int) -> bytes:
    """The value at `at` by Neville's scheme: no Lagrange weights, so a second way to the same."""
    numbers = list(points)
    row = [list(points[number]) for number in numbers]
    for span in range(1, len(numbers)):
        row = [
            [
                over(times(at ^ right, a) ^ times(at ^ left, b), left ^ right)
                for a, b in zip(low, high, strict=True)
            ]
            for left, right, (low, high) in zip(
                numbers, numbers[span:], pairwise(row), strict=False
            )
        ]
    return bytes(row[0])


def combined(threshold: int, shares: dict[int, bytes]) -> bytes:
    """SLIP-0039 section "Combining the shares": the secret at 255, checked by the digest at 254."""
    if threshold == 1:
        return next(iter(shares.values()))
    secret = bytes(interpolate(shares, at=SECRET_AT))
    digest = bytes(interpolate(shares, at=DIGEST_AT))
    assert hmac.digest(digest[4:], secret, "sha256")[:4] == digest[:4]
    return secret


def decrypted(secret: bytes, case: dict[str, Any]) -> bytes:
    """SLIP-0039 section "Encryption of the master secret": four Feistel rounds, backward."""
    half = len(secret) // 2
    left, right = secret[:half], secret[half:]
    salt = b"shamir" + case["identifier"].to_bytes(2, "big")
    for turn in (3, 2, 1, 0):
        passphrase = bytes([turn]) + VECTORS["passphrase"].encode()
        rounds = (10_000 << case["iteration_exponent"]) // 4
        mask = hashlib.pbkdf2_hmac("sha256", passphrase, salt + right, rounds, half)
        left, right = right, bytes(a ^ b for a, b in zip(left, mask, strict=True))
    return right + left


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_published_shares_give_the_published_secret(case: dict[str, Any]) -> None:
    groups = {
        group["number"]: combined(
            group["threshold"], {s["number"]: bytes.fromhex(s["value"]) for s in group["shares"]}
        )
        for group in case["groups"]
    }
    master = combined(case["group_threshold"], groups)
    assert not case["extendable"]
    assert decrypted(master, case).hex() == case["master_secret"]


def test_every_product_is_that_of_long_division() -> None:
    assert all(multiply(a, b) == times(a, b) for a in range(256) for b in range(256))


@given(
    points=st.dictionaries(st.integers(0, 255), st.binary(min_size=3, max_size=3), min_size=1,
                           max_size=6),
    at=st.integers(0, 255),
)  # fmt: skip
def test_lagrange_and_neville_agree(points: dict[int, bytes], at: int) -> None:
    assert interpolate(points, at=at) == neville(points, at)


@given(
    secret=st.binary(min_size=1, max_size=40),
    shape=st.integers(2, 8).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 12))),
    choice=st.randoms(use_true_random=False),
)
def test_any_threshold_of_the_shares_give_the_secret(
    secret: bytes, shape: tuple[int, int], choice: Any
) -> None:
    threshold, count = shape
    shares = dict(enumerate(split(secret, threshold=threshold, count=count), start=1))
    for size in (threshold, count):
        chosen = choice.sample(sorted(shares), size)
        assert interpolate({number: shares[number] for number in chosen}) == secret


@given(secret=st.binary(min_size=32, max_size=32))
def test_all_triples_of_five_open_and_no_pair_or_single_does(secret: bytes) -> None:
    shares = dict(enumerate(split(secret, threshold=3, count=5), start=1))
    for size in (1, 2, 3):
        opened = [
            interpolate({n: shares[n] for n in chosen}) == secret
            for chosen in combinations(shares, size)
        ]
        assert len(opened) == {1: 5, 2: 10, 3: 10}[size]
        assert all(opened) if size == 3 else not any(opened)


@given(
    shares=st.lists(st.binary(min_size=4, max_size=4), min_size=2, max_size=2),
    secret=st.binary(min_size=4, max_size=4),
)
def test_fewer_shares_fit_every_secret(shares: list[bytes], secret: bytes) -> None:
    """Perfect secrecy: for any two shares of three and any secret there is a third share."""
    third = interpolate({0: secret, 1: shares[0], 2: shares[1]}, at=3)
    assert interpolate({1: shares[0], 2: shares[1], 3: third}) == secret


def test_a_share_of_a_constant_secret_takes_every_value_equally_often() -> None:
    """Chi-squared with 255 degrees of freedom lies below 377 but once in 1,000,000 runs."""
    draws = scaled(400, least=100)
    seen: Counter[int] = Counter()
    for _ in range(draws):
        seen.update(split(bytes(64), threshold=2, count=2)[1])
    expected = draws * 64 / 256
    assert sum((seen[value] - expected) ** 2 / expected for value in range(256)) < 377


@pytest.mark.parametrize(
    ("threshold", "count"), [(1, 1), (1, 5), (0, 3), (4, 3), (2, 256), (-1, 2)]
)
def test_impossible_shapes_are_refused(threshold: int, count: int) -> None:
    with pytest.raises(SharesImpossible):
        split(b"secret", threshold=threshold, count=count)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(SecretTooShort):
        split(b"", threshold=2, count=3)


BAD_POINTS: dict[str, dict[int, bytes]] = {
    "none at all": {},
    "of different lengths": {1: b"a", 2: b"ab"},
    "numbered beyond the field": {1: b"a", 256: b"b"},
    "numbered below zero": {-1: b"a", 2: b"b"},
}


@pytest.mark.parametrize("points", BAD_POINTS.values(), ids=BAD_POINTS)
def test_points_that_lie_on_no_polynomial_are_refused(points: dict[int, bytes]) -> None:
    with pytest.raises(SharesImpossible):
        interpolate(points)


def test_wiping_leaves_zeros_in_place() -> None:
    secret = bytearray(b"secret")
    wipe(secret)
    assert secret == bytes(6)
