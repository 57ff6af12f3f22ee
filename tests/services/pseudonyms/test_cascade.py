"""Deleting and erasing across domains: who refuses does so before anything is gone, and only for what it links."""

import pytest

from tests.services.pseudonyms.asking import Asking
from tests.services.pseudonyms.living import erase, erase_all
from ttp.core.access import OPERATOR
from ttp.core.domain_policy import (
    AnonymizationNotAllowed,
    DomainFrozen,
    LifeCycle,
    ParentRule,
)
from ttp.core.domains import Domain
from ttp.core.errors import KeysDestroyed, UnknownOriginal, UnknownPseudonym
from ttp.core.names import Original
from ttp.core.ports import Transaction
from ttp.services.domains.lead_domain import lead_domain
from ttp.services.pseudonyms.end_pseudonyms import delete_pseudonyms


def below(ask: Asking, parent: Domain, **how: object) -> Domain:
    return ask.domain(parents=(parent.name,), parent_rule=ParentRule.CASCADE_DELETE, **how)


def freeze(ask: Asking, domain: Domain) -> None:
    ask.center.work.run(
        lambda tx: lead_domain(ask.center, tx, OPERATOR, domain=domain.name, to=LifeCycle.FROZEN)
    )


def test_a_frozen_domain_below_refuses_before_anything_is_deleted(ask: Asking) -> None:
    top = ask.domain(deletable=True)
    freeze(ask, below(ask, below(ask, top)))
    (token,) = ask.tokens(top, ["x"])

    def refused(tx: Transaction) -> None:
        """As entries of a batch are worked: a refusal does not end the transaction."""
        with pytest.raises(DomainFrozen):
            delete_pseudonyms(ask.center, tx, OPERATOR, domain_name=top.name, originals=["x"])

    ask.center.work.run(refused)
    assert ask.resolve(top, [token]) == [(Original("x"),)]


def test_a_domain_below_without_keys_has_nothing_left_to_delete(ask: Asking) -> None:
    top = ask.domain(deletable=True)
    lower = below(ask, top)
    ask.tokens(lower, ask.tokens(top, ["x"]))
    ask.center.keyring.destroy_domain(lower.name)
    assert isinstance(ask.delete(top, ["x"])[0], tuple)


@pytest.mark.parametrize("whole_tree", [False, True])
def test_erasing_goes_on_where_keys_were_destroyed(ask: Asking, whole_tree: bool) -> None:
    value = f"erased, tree {whole_tree}"
    kept, gone = ask.domain(), ask.domain()
    for domain in (kept, gone):
        ask.tokens(domain, [value])
    lower = ask.domain(parents=(kept.name,))
    ask.tokens(lower, ask.tokens(kept, [value]))
    for domain in (gone, lower):
        ask.center.keyring.destroy_domain(domain.name)
    if whole_tree:
        done = erase(ask, [(kept.name, value), (gone.name, value)], below=True)
        assert [type(one) for one in done.answers] == [tuple, KeysDestroyed]
    else:
        done = erase_all(ask, value)
    assert [line["domain"] for line in done.statement["ended"]] == [kept.name]
    assert isinstance(ask.issue(kept, [value], create=False)[0], UnknownOriginal)


@pytest.mark.parametrize("how", ["frozen", "not anonymizable"])
def test_a_domain_that_allows_no_end_stops_an_erasure_only_if_it_links_the_original(
    ask: Asking, how: str
) -> None:
    value = f"erased beside: {how}"
    kept, lasting = ask.domain(), ask.domain(anonymizable=how == "frozen")
    ask.tokens(kept, [value])
    (other,) = ask.tokens(lasting, ["somebody else"])
    if how == "frozen":
        freeze(ask, lasting)
    assert [line["domain"] for line in erase_all(ask, value).statement["ended"]] == [kept.name]
    with pytest.raises((DomainFrozen, AnonymizationNotAllowed)):
        erase(ask, [(lasting.name, "somebody else")])
    assert ask.resolve(lasting, [other]) == [("somebody else",)]


@pytest.mark.parametrize("whole_tree", [False, True])
def test_a_receipt_names_what_was_deleted_with_what_it_hung_on(
    ask: Asking, whole_tree: bool
) -> None:
    top = ask.domain(deletable=True)
    middle = below(ask, top)
    lower = below(ask, middle, multi=True)
    (first,) = ask.tokens(top, ["x"])
    (second,) = ask.tokens(middle, [first])
    further = ask.secondaries(lower, second, 2)
    done = erase(ask, [(top.name, "x")], below=whole_tree)
    ended = {(line["domain"], line["pseudonym"], line["ended"]) for line in done.statement["ended"]}
    names = [(top, first), (middle, second), *((lower, one) for one in further)]
    assert ended == {(domain.name, token, "deleted") for domain, token in names}


def test_erasing_goes_on_below_what_was_deleted_with_its_parent(ask: Asking) -> None:
    top = ask.domain(deletable=True)
    middle = below(ask, top)
    lower = ask.domain(parents=(middle.name,))
    (first,) = ask.tokens(top, ["x"])
    (second,) = ask.tokens(middle, [first])
    (third,) = ask.tokens(lower, [second])
    erase(ask, [(top.name, "x")], below=True)
    assert isinstance(ask.resolve(lower, [third])[0], UnknownPseudonym)


def test_a_pair_that_was_deleted_with_its_parent_is_answered_as_ended(ask: Asking) -> None:
    top = ask.domain(deletable=True)
    middle = below(ask, top)
    (first,) = ask.tokens(top, ["x"])
    (second,) = ask.tokens(middle, [first])
    pairs = [(top.name, "x"), (middle.name, first)]
    assert erase(ask, sorted(pairs)).answers == [
        (first,) if name == top.name else (second,) for name, _ in sorted(pairs)
    ]
