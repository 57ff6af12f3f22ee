"""Erasing ends every link that is named, at once or not at all, and proves it by a receipt."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.digests import canonical_json, items_root
from tests.services.pseudonyms.asking import Asking
from tests.services.pseudonyms.living import erase, erase_all, family
from ttp.core.access import Role
from ttp.core.domains import Domain
from ttp.core.errors import InvalidOriginal, NotAllowed, UnknownDomain, UnknownOriginal
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.pseudonyms.erase_originals import complete_receipt

originals = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def domains(ask: Asking) -> list[Domain]:
    return [ask.domain(), ask.domain(deletable=True), ask.domain(multi=True)]


@given(batch=st.lists(originals, min_size=1, max_size=8, unique=True))
def test_what_is_erased_resolves_to_nothing_and_is_drawn_anew(
    ask: Asking, domains: list[Domain], batch: list[str]
) -> None:
    single, deletable, multi = domains
    tokens = {domain.name: ask.tokens(domain, batch) for domain in (single, deletable)}
    tokens[multi.name] = [token for one in batch for token in ask.secondaries(multi, one, 2)]
    done = erase(ask, [(domain.name, one) for domain in domains for one in batch])
    assert [len(answer) for answer in done.answers if isinstance(answer, tuple)] == [
        *[1] * (2 * len(batch)),
        *[2] * len(batch),
    ]
    for domain in domains:
        opened = ask.resolve(domain, tokens[domain.name])
        assert {one.code for one in opened} == {"unknown-pseudonym"}
    assert not set(ask.tokens(single, batch)) & set(tokens[single.name])
    ended = {(line["domain"], line["pseudonym"]) for line in done.statement["ended"]}
    assert ended == {(name, token) for name, own in tokens.items() for token in own}


def test_the_way_a_link_ends_is_what_the_domain_and_the_rights_allow(ask: Asking) -> None:
    kept, deleted = ask.domain(), ask.domain(deletable=True)
    for domain in (kept, deleted):
        ask.tokens(domain, ["x"])
    done = erase(ask, [(kept.name, "x"), (deleted.name, "x")])
    ways = {line["domain"]: line["ended"] for line in done.statement["ended"]}
    assert ways == {kept.name: "anonymized", deleted.name: "deleted"}
    assert [act["action"] for act in ask.acts(kept)][-1] == "pseudonyms.anonymized"
    assert [act["action"] for act in ask.acts(deleted)][-1] == "pseudonyms.deleted"


def test_erasing_again_changes_nothing_and_errors_stand_in_their_places(ask: Asking) -> None:
    domain = ask.domain()
    ask.tokens(domain, ["a", "b"])
    pairs: list[tuple[str, Any]] = [(domain.name, one) for one in ("a", "", "a", "never", None)]
    kinds = [type(answer) for answer in erase(ask, pairs).answers]
    assert kinds == [tuple, InvalidOriginal, tuple, UnknownOriginal, InvalidOriginal]
    again = erase(ask, pairs)
    assert type(again.answers[0]) is UnknownOriginal
    assert again.statement["ended"] == []
    assert ask.issue(domain, ["b"], create=False)[0].pseudonym


def test_one_domain_that_may_not_be_touched_keeps_all_links(ask: Asking) -> None:
    own, other = ask.domain(), ask.domain()
    (token,) = ask.tokens(own, ["x"])
    client = ask.as_client(own)
    for name, refusal in ((other.name, NotAllowed), ("nowhere", UnknownDomain)):
        with pytest.raises(refusal):
            erase(client, [(own.name, "x"), (name, "x")])
    assert ask.resolve(own, [token]) == [("x",)]
    with pytest.raises(NotAllowed):
        erase(ask.as_client(own, role=Role.SITE, resolve=False), [(own.name, "x")])


def test_erasing_everywhere_follows_the_tree_and_says_what_it_did_not_reach(ask: Asking) -> None:
    value = "everywhere, once"
    top, left, right, below = family(ask)
    (first,) = ask.tokens(top, [value])
    (second, third) = ask.tokens(left, [first]) + ask.tokens(right, [first])
    (fourth,) = ask.tokens(below, [second])
    apart = ask.domain()
    (fifth,) = ask.tokens(apart, [value])
    limited = erase_all(ask.as_client(apart), value)
    assert [line["pseudonym"] for line in limited.statement["ended"]] == [fifth]
    assert limited.statement["not_covered"] >= 4
    done = erase_all(ask, value)
    gone = {(line["domain"], line["pseudonym"]) for line in done.statement["ended"]}
    assert gone == {
        (top.name, first),
        (left.name, second),
        (right.name, third),
        (below.name, fourth),
    }
    assert done.statement["not_covered"] == 0
    with pytest.raises(UnknownOriginal):
        erase_all(ask, value)


def test_the_receipt_is_signed_and_its_leaf_holds_what_ended(ask: Asking) -> None:
    domain = ask.domain()
    ask.tokens(domain, ["Erika Mustermann", "b"])
    done = erase(ask, [(domain.name, "Erika Mustermann"), (domain.name, "b")])
    receipt = complete_receipt(ask.center, done.statement)
    signature = receipt.pop("signature")
    key = audit_signing_key(ask.center)
    assert signature["key_id"] == key.key_id
    assert key.public.verify(bytes.fromhex(signature["ed25519"]), canonical_json(receipt))
    position = receipt["log"]["position"]
    leaf = ask.center.work.run(lambda tx: next(tx.audit.leaves(position, position + 1)))
    assert leaf.hash().hex() == receipt["leaf_hash"]
    root = items_root([canonical_json(line) for line in receipt["ended"]]).hex()
    assert root.encode() in leaf.body
    assert "Mustermann" not in str(receipt)
