"""Secondary pseudonyms: any number, in their order of creation, each hanging on one original."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.pseudonyms.asking import Asking
from ttp.core.domains import Domain
from ttp.core.errors import (
    DomainExhausted,
    InvalidField,
    InvalidOriginal,
    UnknownOriginal,
    WrongDomainKind,
)
from ttp.core.pseudonyms import IssuedMany


@pytest.fixture(scope="module")
def domain(ask: Asking) -> Domain:
    return ask.domain(multi=True)


@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_all_that_exist_are_listed_in_their_order_of_creation(
    ask: Asking, domain: Domain, counts: list[int]
) -> None:
    original = uuid.uuid4().hex
    made = [token for count in counts for token in ask.secondaries(domain, original, count)]
    assert list(ask.secondaries(domain, original, 0)) == made
    assert len(set(made)) == sum(counts)


def test_many_at_once_keep_their_order_too(ask: Asking, domain: Domain) -> None:
    made = ask.more(domain, ["a", "b", "c"], 40)
    listed = ask.more(domain, ["a", "b", "c"], 0)
    assert [item.pseudonyms for item in listed] == [item.pseudonyms for item in made]


@given(rounds=st.integers(1, 5))
def test_a_small_domain_keeps_every_string_with_the_original_it_was_told_for(
    ask: Asking, rounds: int
) -> None:
    """Equal strings are often drawn twice in one request here: each belongs to one original only."""
    domain = ask.domain(multi=True, alphabet="digits", length=1)
    told: dict[str, list[str]] = {"a": [], "b": []}
    for _ in range(rounds):
        for name, item in zip("ab", ask.more(domain, ["a", "b"], 1), strict=True):
            told[name] += item.pseudonyms
    for name, tokens in told.items():
        assert list(ask.secondaries(domain, name, 0)) == tokens
        assert ask.resolve(domain, tokens) == [(name,)] * rounds


def test_a_full_domain_says_so_and_lists_what_it_issued(ask: Asking) -> None:
    domain = ask.domain(multi=True, alphabet="digits", length=1)
    assert len(ask.secondaries(domain, "x", 10)) == 10
    (full,) = ask.more(domain, ["x"], 1)
    assert isinstance(full, DomainExhausted)
    assert len(ask.secondaries(domain, "x", 0)) == 10


def test_what_is_refused_leaves_nothing_behind(ask: Asking) -> None:
    domain = ask.domain(multi=True, alphabet="digits", length=1)
    ask.more(domain, ["a"], 7)
    (refused,) = ask.more(domain, ["b"], 5)
    (unknown,) = ask.more(domain, ["b"], 0)
    assert isinstance(refused, DomainExhausted)
    assert isinstance(unknown, UnknownOriginal)
    assert len(ask.secondaries(domain, "c", 3)) == 3
    assert ask.acts(domain)[2]["counts"] == {"answered": 0, "created": 0}


def test_who_is_refused_keeps_what_was_told_before(ask: Asking) -> None:
    domain = ask.domain(multi=True, alphabet="digits", length=1)
    before = ask.secondaries(domain, "a", 4)
    (refused,) = ask.more(domain, ["a"], 7)
    assert isinstance(refused, DomainExhausted)
    assert ask.secondaries(domain, "a", 0) == before
    assert len(ask.secondaries(domain, "a", 6)) == 6


@given(used=st.integers(0, 9), count=st.integers(1, 6), items=st.integers(1, 5))
def test_a_nearly_full_domain_serves_as_many_of_a_batch_as_it_can(
    ask: Asking, used: int, count: int, items: int
) -> None:
    domain = ask.domain(multi=True, alphabet="digits", length=1)
    told = list(ask.secondaries(domain, "first", used)) if used else []
    names = [f"b{number}" for number in range(items)]
    answers = ask.more(domain, names, count)
    served = [item for item in answers if isinstance(item, IssuedMany)]
    assert len(served) == min(items, (10 - used) // count)
    for name, item in zip(names, answers, strict=True):
        if isinstance(item, IssuedMany):
            assert (len(item.pseudonyms), item.created) == (count, count)
            assert ask.secondaries(domain, name, 0) == item.pseudonyms
            told += item.pseudonyms
        else:
            assert isinstance(ask.more(domain, [name], 0)[0], UnknownOriginal)
    assert len(set(told)) == len(told) == used + count * len(served)


def test_listing_never_creates(ask: Asking) -> None:
    domain = ask.domain(multi=True)
    assert [type(item) for item in ask.more(domain, ["x", ""], 0)] == [
        UnknownOriginal,
        InvalidOriginal,
    ]
    (made,) = ask.more(domain, ["x"], 1)
    assert (made.pseudonyms, made.created) == (ask.secondaries(domain, "x", 0), 1)


@pytest.mark.parametrize("count", [-1, 10_001])
def test_a_count_has_limits(ask: Asking, count: int) -> None:
    with pytest.raises(InvalidField):
        ask.more(ask.domain(multi=True), ["x"], count)


def test_a_request_makes_at_most_100_000(ask: Asking) -> None:
    with pytest.raises(InvalidField):
        ask.more(ask.domain(multi=True), ["x"] * 11, 10_000)


def test_only_multi_domains_are_asked_this_way(ask: Asking) -> None:
    with pytest.raises(WrongDomainKind):
        ask.more(ask.domain(), ["x"], 1)
