"""The memory of used tokens: the first holder of a token keeps it, in one piece, in parts and as bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage import schema
from linkage.encode import Encoder, EncodingSet, UsedTokens
from linkage.encode.encoding_set import Words
from linkage.errors import EncodingInvalid
from linkage.records import table_of

COMMITMENT = "ab" * 32
VIEWS = ("n-y", "g-ds", "y-p")
ENCODER = Encoder(schema.load("salted"), secret=b"a secret of 16 b")
WORDS = st.integers(1, 40)
Additions = list[tuple[str, list[tuple[int, int]]]]
ADDITIONS = st.lists(
    st.tuples(st.sampled_from(VIEWS), st.lists(st.tuples(WORDS, WORDS), max_size=12)), max_size=6
)


def remembered(additions: Additions) -> UsedTokens:
    memory = UsedTokens(COMMITMENT)
    for view, pairs in additions:
        memory.add(view, np.array(pairs, dtype=np.uint64).reshape(-1, 2))
    return memory


def same(one: UsedTokens, other: UsedTokens) -> bool:
    return one.commitment == other.commitment and all(
        np.array_equal(one.held(view), other.held(view)) for view in VIEWS
    )


def first_holders(additions: Additions, view: str) -> list[list[int]]:
    held: dict[int, int] = {}
    for name, pairs in additions:
        for token, record in pairs if name == view else ():
            held.setdefault(token, record)
    return [[token, held[token]] for token in sorted(held)]


@given(ADDITIONS)
def test_whoever_was_added_first_holds_a_token(additions: Additions) -> None:
    memory = remembered(additions)
    assert all(memory.held(view).tolist() == first_holders(additions, view) for view in VIEWS)


@given(ADDITIONS, st.integers(1, 9))
def test_a_memory_in_parts_is_the_memory(additions: Additions, size: int) -> None:
    memory = remembered(additions)
    parts = list(memory.cut(size))
    assert all(len(part.held(view)) <= size for part in parts for view in VIEWS)
    assert all(len(part) for part in parts)
    read = [UsedTokens.from_bytes(part.to_bytes(), "a part") for part in parts]
    assert same(UsedTokens.joined(COMMITMENT, read), memory)


@given(ADDITIONS, ADDITIONS)
def test_what_was_added_since_completes_the_earlier_memory(
    earlier: Additions, later: Additions
) -> None:
    before, now = remembered(earlier), remembered(earlier + later)
    since = now.since(before)
    assert len(since) == len(now) - len(before)
    assert same(UsedTokens.joined(COMMITMENT, [before, since]), now)
    assert len(now.since(now)) == 0


def test_a_copy_learns_nothing_back_to_its_original() -> None:
    memory = remembered([("n-y", [(1, 2)])])
    copy = memory.copy()
    copy.add("n-y", np.array([[3, 4]], dtype=np.uint64))
    assert (len(memory), len(copy)) == (1, 2)


@given(st.integers(0, 200), st.integers(1, 255))
def test_altered_bytes_are_refused(place: int, change: int) -> None:
    whole = remembered([("n-y", [(1, 2), (3, 4)]), ("y-p", [(5, 6)])]).to_bytes()
    place %= len(whole)
    spoiled = whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :]
    for raw in (spoiled, whole[:place], whole + b"\0"):
        with pytest.raises(EncodingInvalid):
            UsedTokens.from_bytes(raw, "spoiled")


PEOPLE = st.lists(
    st.sets(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=8),
    min_size=1,
    max_size=4,
)


def delivery(people: set[tuple[int, int]], used: UsedTokens) -> EncodingSet:
    """People of three families, all of one day of birth; who is who may change between deliveries."""
    rows = [
        {
            "record_id": f"{person}",
            "given_name": "Anna",
            "surname": ("Müller", "Schmidt", "Krause")[family],
            "birth_date": "1980-03-04",
            "sex": "f",
            "postcode": "04109",
            "city": "Leipzig",
            "kvnr": None,
        }
        for person, family in sorted(dict(people).items())
    ]
    return ENCODER.encode(table_of("a", rows), used=used)


def holders(made: EncodingSet, seen: dict[tuple[str, int], set[str]]) -> None:
    for view, tokens in made.exact.items():
        rows = np.flatnonzero(tokens)
        for row in rows.tolist():
            seen.setdefault((view, int(tokens[row])), set()).add(made.record_ids[row])


@given(PEOPLE)
@settings(max_examples=25, deadline=None)
def test_over_any_deliveries_no_token_has_two_holders(
    deliveries: list[set[tuple[int, int]]],
) -> None:
    used, seen = ENCODER.used_tokens(), dict[tuple[str, int], set[str]]()
    for people in deliveries:
        holders(delivery(people, used), seen)
    assert all(len(records) == 1 for records in seen.values())


def test_without_the_memory_tokens_pass_from_one_to_another() -> None:
    seen: dict[tuple[str, int], set[str]] = {}
    for people in ({(0, 0), (1, 0)}, {(1, 0), (2, 0)}, {(2, 0), (3, 0)}):
        holders(delivery(people, ENCODER.used_tokens()), seen)
    assert any(len(records) > 1 for records in seen.values())


def test_many_parts_are_joined_in_one_pass() -> None:
    """Every part is looked at once: joining is no repeated adding."""
    tokens: Words = np.arange(1, 200_001, dtype=np.uint64)
    whole = UsedTokens(COMMITMENT, {"n-y": np.stack([tokens, tokens], axis=1)})
    assert same(UsedTokens.joined(COMMITMENT, list(whole.cut(128))), whole)
