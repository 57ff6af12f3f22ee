"""Translating is resolving and issuing in one; a tree is the same from wherever it is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from tests.scale import scaled
from tests.services.pseudonyms.asking import Asking
from tests.services.pseudonyms.living import family, names, parented, translate, tree
from ttp.core.access import Role
from ttp.core.domains import Domain
from ttp.core.errors import (
    BudgetExceeded,
    InvalidPseudonym,
    NoGrant,
    NotAllowed,
    ReasonMissing,
    UnknownOriginal,
    UnknownPseudonym,
    WrongDomainKind,
)
from ttp.core.pseudonyms import Issued

originals = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def source(ask: Asking) -> Domain:
    return ask.domain()


@pytest.fixture(scope="module")
def target(ask: Asking) -> Domain:
    return ask.domain(alphabet="digits", length=12)


@given(batch=st.lists(originals, max_size=20), again=st.lists(originals, max_size=5))
def test_translating_equals_resolving_and_issuing(
    ask: Asking, source: Domain, target: Domain, batch: list[str], again: list[str]
) -> None:
    tokens = ask.tokens(source, batch + again + batch)
    translated = translate(ask, source, target, tokens)
    opened = [original for (original,) in ask.resolve(source, tokens)]
    assert [item.pseudonym for item in translated] == ask.tokens(target, opened)


def test_without_creating_the_unknown_stays_unknown(
    ask: Asking, source: Domain, target: Domain
) -> None:
    tokens = ask.tokens(source, ["never translated"])
    (missing,) = translate(ask, source, target, tokens, create=False)
    assert isinstance(missing, UnknownOriginal)
    assert ask.issue(target, ["never translated"], create=False)[0].code == "unknown-original"


def test_bad_pseudonyms_fail_in_their_places(ask: Asking, source: Domain, target: Domain) -> None:
    (good,) = ask.tokens(source, ["good"])
    (gone,) = ask.tokens(source, ["gone"])
    ask.anonymize(source, ["gone"])
    found = translate(ask, source, target, ["", good, gone, "A" * 16, 7])
    assert [type(item) for item in found] == [
        InvalidPseudonym,
        Issued,
        UnknownPseudonym,
        UnknownPseudonym,
        InvalidPseudonym,
    ]


def test_each_domain_gets_its_leaf_and_no_original_is_told(ask: Asking) -> None:
    first, second = ask.domain(), ask.domain()
    tokens = ask.tokens(first, ["Erika Mustermann"])
    answers = translate(ask, first, second, tokens, reason="study 7")
    ((*_, came), (*_, went)) = ask.acts(first), ask.acts(second)
    assert (came["action"], came["purpose"], came["facts"]) == (
        "pseudonyms.translated",
        "study 7",
        {"into": second.name},
    )
    assert (went["action"], went["counts"]["created"]) == ("pseudonyms.issued", 1)
    assert "Mustermann" not in str([answers, came, went])


def test_translating_needs_a_grant_here_and_the_right_to_issue_there(ask: Asking) -> None:
    first, second = ask.domain(), ask.domain()
    tokens = ask.tokens(first, ["x"])
    assert translate(ask.as_client(first, second), first, second, tokens, reason=None)
    with pytest.raises(NotAllowed):
        translate(ask.as_client(first), first, second, tokens)
    with pytest.raises(NotAllowed):
        translate(ask.as_client(second), first, second, tokens)
    with pytest.raises(NoGrant):
        translate(ask.as_client(first, second, resolve=False), first, second, tokens)
    with pytest.raises(ReasonMissing):
        translate(ask, first, second, tokens, reason=None)
    with pytest.raises(WrongDomainKind):
        translate(ask, first, ask.domain(multi=True), tokens)


@settings(max_examples=scaled(8, least=3))  # a family of domains for each
@given(value=originals)
def test_a_tree_is_the_same_from_every_pseudonym_and_from_the_value(
    ask: Asking, value: str
) -> None:
    top, left, right, below = family(ask)
    (first,) = ask.tokens(top, [value])
    (second,) = ask.tokens(left, [first])
    (third,) = ask.tokens(right, [first])
    (fourth, fifth) = ask.tokens(below, [second, third])
    every = [(top, first), (left, second), (right, third), (below, fourth), (below, fifth)]
    wanted = sorted((domain.name, token) for domain, token in every)
    for domain, token in every:
        found = tree(ask, domain, pseudonym=token)
        assert (found.original, names(found), found.open_above) == (value, wanted, False)
        assert [node.pseudonym for node in found.nodes() if node.asked] == [token]
    assert names(tree(ask, top, original=value)) == wanted
    assert names(tree(ask, left, original=first)) == wanted


def test_domains_without_the_right_are_left_out_and_counted(ask: Asking) -> None:
    top, left, right, below = family(ask)
    (first,) = ask.tokens(top, ["v"])
    (second,) = ask.tokens(left, [first])
    ask.tokens(below, [*ask.tokens(right, [first]), second])
    client = ask.as_client(top, left)
    found = tree(client, left, pseudonym=second, reason=None)
    assert names(found) == sorted([(top.name, first), (left.name, second)])
    assert (found.original, found.hidden, found.open_above) == ("v", 2, False)
    low = tree(ask.as_client(left), left, pseudonym=second)
    assert (names(low), low.original, low.open_above) == ([(left.name, second)], first, True)


def test_without_the_right_to_resolve_nothing_above_is_told(ask: Asking) -> None:
    top, left, _, _ = family(ask)
    (first,) = ask.tokens(top, ["v"])
    (second,) = ask.tokens(left, [first])
    for client in (
        ask.as_client(top, left, resolve=False),
        ask.as_client(top, left, role=Role.SITE, resolve=False),
    ):
        found = tree(client, left, pseudonym=second)
        assert (names(found), found.original) == ([(left.name, second)], None)
        assert found.open_above
    silent = tree(ask, left, pseudonym=second, reason=None)
    assert (silent.original, silent.open_above) == (None, True)


def test_all_pseudonyms_of_a_multi_domain_hang_below_their_original(ask: Asking) -> None:
    top, many = ask.domain(), ask.domain(multi=True)
    parented(ask, many, top)
    (first,) = ask.tokens(top, ["v"])
    tokens = ask.secondaries(many, first, 3)
    wanted = sorted([(top.name, first), *((many.name, token) for token in tokens)])
    assert names(tree(ask, many, pseudonym=tokens[1])) == wanted


def test_a_tree_asks_no_more_of_the_database_for_more_pseudonyms(ask: Asking) -> None:
    asked: list[int] = []
    for size in (2, 40):
        top, many, below = ask.domain(), ask.domain(multi=True), ask.domain()
        parented(ask, many, top)
        parented(ask, below, many)
        (first,) = ask.tokens(top, ["v"])
        middle = list(ask.secondaries(many, first, size))
        low = ask.tokens(below, middle)
        with statements() as counted:
            found = tree(ask, top, original="v")
        (root,) = found.top
        assert [node.pseudonym for node in root.below] == middle
        assert [node.below[0].pseudonym for node in root.below] == low
        asked.append(len(counted))
    assert asked[0] == asked[1]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that SQLAlchemy executes meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_what_does_not_exist_has_no_tree(ask: Asking) -> None:
    domain = ask.domain()
    with pytest.raises(UnknownPseudonym):
        tree(ask, domain, pseudonym="A" * 16)
    with pytest.raises(UnknownOriginal):
        tree(ask, domain, original="nobody")


def test_every_domain_that_was_looked_into_gets_a_leaf(ask: Asking) -> None:
    top, left, *_ = family(ask)
    (first,) = ask.tokens(top, ["Erika Mustermann"])
    (second,) = ask.tokens(left, [first])
    tree(ask, left, pseudonym=second, reason="a letter")
    for domain in (top, left):
        *_, last = ask.acts(domain)
        assert (last["action"], last["purpose"]) == ("pseudonyms.traced", "a letter")
        assert last["subjects"]["count"] == 1


def test_the_way_up_takes_from_the_budget(ask: Asking) -> None:
    domain = ask.domain()
    tokens = ask.tokens(domain, [str(n) for n in range(3)])
    client = ask.as_client(domain)
    name, now = client.actor.id, ask.center.clock.now()
    assert name is not None
    (grant,) = ask.center.work.run(lambda tx: tx.clients.grants(name, domain.id, at=now))
    day = now.date().isoformat()
    ask.center.work.run(lambda tx: tx.clients.spend(grant, day=day, amount=grant.daily_budget - 1))
    assert tree(client, domain, pseudonym=tokens[0]).original == "0"
    with pytest.raises(BudgetExceeded):
        tree(client, domain, pseudonym=tokens[1])
