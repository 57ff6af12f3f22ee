"""Ending links: nothing leads back, and no string ever comes again."""

import pytest

from tests.services.pseudonyms.asking import Asking
from ttp.core.errors import (
    AtomicBatchRefused,
    DeletionNotAllowed,
    DomainExhausted,
    NotAllowed,
    UnknownOriginal,
    UnknownPseudonym,
)


@pytest.mark.parametrize("deed", ["anonymize", "delete"])
def test_after_the_end_neither_direction_is_known_and_asking_anew_draws_anew(
    ask: Asking, deed: str
) -> None:
    domain = ask.domain(deletable=True)
    (token,) = ask.tokens(domain, ["x"])
    assert getattr(ask, deed)(domain, ["x", "never"])[0] == (token,)
    (unknown,) = ask.issue(domain, ["x"], create=False)
    (lost,) = ask.resolve(domain, [token])
    assert isinstance(unknown, UnknownOriginal)
    assert isinstance(lost, UnknownPseudonym)
    assert ask.tokens(domain, ["x"]) != [token]


@pytest.mark.parametrize("deed", ["anonymize", "delete"])
def test_an_ended_string_is_never_issued_again(ask: Asking, deed: str) -> None:
    domain = ask.domain(deletable=True, alphabet="digits", length=1)
    names = [str(number) for number in range(9)]
    first = set(ask.tokens(domain, names))
    getattr(ask, deed)(domain, names)
    (last,) = ask.tokens(domain, ["new"])
    assert last not in first
    (full,) = ask.issue(domain, ["one more"])
    assert isinstance(full, DomainExhausted)


@pytest.mark.parametrize("deed", ["anonymize", "delete"])
def test_all_secondary_pseudonyms_of_an_original_end_with_it(ask: Asking, deed: str) -> None:
    domain = ask.domain(multi=True, deletable=True)
    tokens = ask.secondaries(domain, "x", 3)
    kept = ask.secondaries(domain, "y", 2)
    assert getattr(ask, deed)(domain, ["x"]) == [tokens]
    assert all(isinstance(item, UnknownPseudonym) for item in ask.resolve(domain, tokens))
    assert ask.resolve(domain, kept) == [("y",), ("y",)]
    assert not set(ask.secondaries(domain, "x", 2)) & set(tokens)


def test_what_was_never_known_cannot_end(ask: Asking) -> None:
    (answer,) = ask.anonymize(ask.domain(), ["never"])
    assert isinstance(answer, UnknownOriginal)


def test_a_lasting_domain_forbids_deletion_but_not_anonymizing(ask: Asking) -> None:
    domain = ask.domain()
    (token,) = ask.tokens(domain, ["x"])
    with pytest.raises(DeletionNotAllowed):
        ask.delete(domain, ["x"])
    assert ask.resolve(domain, [token]) == [("x",)]
    assert ask.anonymize(domain, ["x"]) == [(token,)]


def test_an_atomic_end_with_an_unknown_item_ends_nothing(ask: Asking) -> None:
    domain = ask.domain()
    (token,) = ask.tokens(domain, ["x"])
    with pytest.raises(AtomicBatchRefused):
        ask.anonymize(domain, ["x", "never"], atomic=True)
    assert ask.resolve(domain, [token]) == [("x",)]


def test_clients_end_links_only_in_their_domains(ask: Asking) -> None:
    own, other = ask.domain(deletable=True), ask.domain(deletable=True)
    client = ask.as_client(own)
    for deed in (client.anonymize, client.delete):
        with pytest.raises(NotAllowed):
            deed(other, ["x"])
