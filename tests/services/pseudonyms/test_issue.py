"""One original, one pseudonym: for every asker, in every order, for all time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.pseudonyms.asking import Asking
from ttp.core.domains import Domain
from ttp.core.errors import (
    AtomicBatchRefused,
    DomainExhausted,
    InvalidOriginal,
    NotAllowed,
    TooManyItems,
    UnknownDomain,
    UnknownOriginal,
    WrongDomainKind,
)
from ttp.core.pseudonyms import MAXIMAL_ITEMS, Issued

originals = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
batches = st.lists(originals, max_size=30)


@pytest.fixture(scope="module")
def domain(ask: Asking) -> Domain:
    return ask.domain(prefix="P-", check=True)


@given(batch=batches)
def test_asking_twice_yields_the_same_pseudonyms(
    ask: Asking, domain: Domain, batch: list[str]
) -> None:
    first = ask.tokens(domain, batch)
    again = ask.issue(domain, batch)
    assert [item.pseudonym for item in again] == first
    assert not any(item.created for item in again)


@given(batch=batches, order=st.randoms(use_true_random=False))
def test_every_order_and_repetition_gets_its_answers_in_place(
    ask: Asking, domain: Domain, batch: list[str], order: object
) -> None:
    tokens = dict(zip(batch, ask.tokens(domain, batch), strict=True))
    mixed = batch + batch[::-1] + batch[: len(batch) // 2]
    order.shuffle(mixed)  # type: ignore[attr-defined] # Hypothesis types its generators loosely
    assert ask.tokens(domain, mixed) == [tokens[original] for original in mixed]
    assert len(set(tokens.values())) == len(set(batch))


@given(batch=batches)
def test_every_pseudonym_fits_the_form_of_its_domain(
    ask: Asking, domain: Domain, batch: list[str]
) -> None:
    assert all(domain.form.fits(token) for token in ask.tokens(domain, batch))


SAME_TO_PEOPLE = [
    ("007", "7"),
    ("Müller", "Mu\u0308ller"),
    ("abc", "ABC"),
    ("x", "x "),
    ("4711", "４７１１"),
    ("a\u00adb", "ab"),
]


@pytest.mark.parametrize("pair", SAME_TO_PEOPLE)
def test_originals_are_exact_bytes_and_never_normalized(
    ask: Asking, domain: Domain, pair: tuple[str, str]
) -> None:
    assert len(set(ask.tokens(domain, pair))) == 2


def test_looking_up_never_creates(ask: Asking) -> None:
    domain = ask.domain()
    for _ in range(2):
        (missing,) = ask.issue(domain, ["never seen"], create=False)
        assert isinstance(missing, UnknownOriginal)
    (token,) = ask.tokens(domain, ["never seen"])
    (known,) = ask.issue(domain, ["never seen"], create=False)
    assert (known.pseudonym, known.created) == (token, False)


def test_two_domains_give_an_original_unrelated_pseudonyms(ask: Asking) -> None:
    names = [str(number) for number in range(50)]
    first, second = (ask.tokens(ask.domain(), names) for _ in range(2))
    assert not set(first) & set(second)


def test_a_bad_item_fails_in_its_place_and_the_rest_is_answered(ask: Asking) -> None:
    domain = ask.domain()
    batch = ["good", "", None, "also good", "a\x00b"]
    kinds = [type(item) for item in ask.issue(domain, batch)]
    assert kinds == [Issued, InvalidOriginal, InvalidOriginal, Issued, InvalidOriginal]


def test_an_atomic_batch_with_a_bad_item_changes_nothing_and_names_all_of_them(
    ask: Asking,
) -> None:
    domain = ask.domain()
    with pytest.raises(AtomicBatchRefused) as refused:
        ask.issue(domain, ["good", "", "also good", 7], atomic=True)
    assert refused.value.facts["errors"] == [
        {"position": 1, "code": "invalid-original"},
        {"position": 3, "code": "invalid-original"},
    ]
    found = ask.issue(domain, ["good", "also good"], create=False)
    assert all(isinstance(item, UnknownOriginal) for item in found)
    assert ask.issue(domain, ["good", "also good"], atomic=True)


def test_an_empty_batch_is_answered(ask: Asking, domain: Domain) -> None:
    assert ask.issue(domain, []) == []


def test_a_small_domain_gives_all_it_has_and_then_says_so(ask: Asking) -> None:
    """Ten strings for twelve originals: no draw is lost, no string is given twice."""
    domain = ask.domain(alphabet="digits", length=1)
    first = ask.issue(domain, [str(n) for n in range(7)])
    rest = ask.issue(domain, [str(n) for n in range(12)])
    issued = [item.pseudonym for item in rest if isinstance(item, Issued)]
    assert sorted(issued) == list("0123456789")
    assert [type(item) for item in rest].count(DomainExhausted) == 2
    assert [item.pseudonym for item in first] == [
        item.pseudonym if isinstance(item, Issued) else None for item in rest[:7]
    ]


def test_an_exhausted_domain_still_answers_what_it_issued(ask: Asking) -> None:
    domain = ask.domain(alphabet="AB", length=1)
    tokens = ask.tokens(domain, ["x", "y"])
    known = ask.issue(domain, ["y", "z", "x"])
    assert [type(item) for item in known] == [Issued, DomainExhausted, Issued]
    assert [known[2].pseudonym, known[0].pseudonym] == tokens


@given(count=st.integers(80, 100))
def test_collisions_are_drawn_again(ask: Asking, count: int) -> None:
    domain = ask.domain(alphabet="digits", length=2)
    tokens = ask.tokens(domain, [str(number) for number in range(count)])
    assert len(set(tokens)) == count


def test_only_single_domains_are_asked_this_way(ask: Asking) -> None:
    with pytest.raises(WrongDomainKind):
        ask.issue(ask.domain(multi=True), ["x"])


def test_an_unknown_domain_is_said_to_be_unknown(ask: Asking) -> None:
    with pytest.raises(UnknownDomain):
        ask.issue("nowhere", ["x"])


def test_a_client_stays_within_its_domains(ask: Asking) -> None:
    own, other = ask.domain(), ask.domain()
    client = ask.as_client(own)
    assert client.tokens(own, ["x"]) == ask.tokens(own, ["x"])
    for create in (True, False):
        with pytest.raises(NotAllowed):
            client.issue(other, ["x"], create=create)


def test_a_request_has_a_largest_size(ask: Asking, domain: Domain) -> None:
    with pytest.raises(TooManyItems):
        ask.issue(domain, ["x"] * (MAXIMAL_ITEMS + 1))


def test_every_answer_leaves_a_leaf_that_counts_and_names_nobody(ask: Asking) -> None:
    domain = ask.domain()
    ask.issue(domain, ["Erika Mustermann", "b"])
    ask.issue(domain, ["Erika Mustermann", "c"])
    ask.issue(domain, ["Erika Mustermann"], create=False)
    created, issued, again, looked_up = ask.acts(domain)
    assert created["action"] == "domain.created"
    assert [issued["counts"], again["counts"]] == [
        {"answered": 2, "created": 2},
        {"answered": 2, "created": 1},
    ]
    assert looked_up["action"] == "pseudonyms.read"
    assert "Mustermann" not in str(ask.acts(domain))
