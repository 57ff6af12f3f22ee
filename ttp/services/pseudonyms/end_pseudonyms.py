"""End pseudonyms: anonymize (keep the string, destroy the link) or delete (leave only a tombstone)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domain_policy import AnonymizationNotAllowed, ParentRule
from ttp.core.domains import Domain
from ttp.core.errors import DeletionNotAllowed, TTPError, UnknownOriginal
from ttp.core.event_kinds import EventKind
from ttp.core.events import FeedKind
from ttp.core.names import LeafId, Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import PseudonymState
from ttp.services.events.announce_event import announce
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.issue_pseudonyms import check_originals, refuse_if_atomic
from ttp.services.pseudonyms.limit_batch import cut_batch
from ttp.services.pseudonyms.link_originals import current_indexes, lost_its_keys

Answers = list[tuple[Pseudonym, ...] | TTPError]


class EndedLink(NamedTuple):
    """An original of a domain whose link ended, and its pseudonyms."""

    domain: str
    original: str
    pseudonyms: tuple[Pseudonym, ...]


class EndService(Protocol):
    """What ``anonymize_originals`` and ``delete_pseudonyms`` have in common."""

    def __call__(
        self,
        center: Center,
        tx: Transaction,
        actor: Actor,
        *,
        domain_name: str,
        originals: Sequence[object],
        atomic: bool = False,
    ) -> Answers:
        """End the links of these originals."""
        ...


def anonymize_originals(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    originals: Sequence[object],
    atomic: bool = False,
) -> Answers:
    """Destroy the link of each original for good; its pseudonyms stay as they are but resolve to nothing.

    Raises:
        UnknownDomain, NotAllowed, AnonymizationNotAllowed, DomainDraft, DomainFrozen, TooManyItems,
        AtomicBatchRefused: for the request as a whole.
    """
    domain = tx.domains.get_for_writing(domain_name)
    actor.require(Right.ANONYMIZE, domain.name)
    domain.state.require_ending()
    if not domain.anonymizable:
        raise AnonymizationNotAllowed
    return _end(center, tx, actor, domain, originals, PseudonymState.ANONYMIZED, atomic=atomic)


def delete_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    originals: Sequence[object],
    atomic: bool = False,
    below: list[EndedLink] | None = None,
) -> Answers:
    """Delete original and pseudonyms where the domain allows it; the strings are never issued again.

    What depends on them in domains below, where the rule is to cascade, is deleted with them, and added to ``below``.

    Raises:
        UnknownDomain, NotAllowed, DeletionNotAllowed, TooManyItems, AtomicBatchRefused: for the whole request.
        DomainDraft, DomainFrozen: nothing ends in this domain, or in one below.
    """
    domain = tx.domains.get_for_writing(domain_name)
    actor.require(Right.DELETE, domain.name)
    domain.state.require_ending()
    if not domain.deletable:
        raise DeletionNotAllowed
    return _end(
        center, tx, actor, domain, originals, PseudonymState.DELETED, atomic=atomic, below=below
    )


def _end(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    originals: Sequence[object],
    state: PseudonymState,
    *,
    atomic: bool,
    below: list[EndedLink] | None = None,
) -> Answers:
    checked = check_originals(originals)
    valid = sorted({item for item in checked if isinstance(item, str)})
    leaf = new_leaf_id(center)
    deletes = state is PseudonymState.DELETED
    if deletes and _cascading(tx, domain) and are_linked(center, tx, domain, valid):
        _hold_below(tx, domain)
    by_index = dict(zip(current_indexes(center, domain, valid), valid, strict=True))
    end = tx.pseudonyms.end_originals if domain.multi else tx.pseudonyms.end
    ended = end(domain, list(by_index), state=state, leaf=leaf)
    found = {by_index[index]: _as_tuple(tokens) for index, tokens in ended.items()}
    _record(center, tx, actor, domain, tuple(found), state, leaf)
    _announce(center, tx, domain, found.values(), state, leaf)
    if deletes:
        tokens = [one for own in found.values() for one in own]
        _cascade(center, tx, actor, domain, tokens, below)
    answers: Answers = [
        item if isinstance(item, TTPError) else found.get(item, UnknownOriginal())
        for item in checked
    ]
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def are_linked(
    center: Center, tx: Transaction, domain: Domain, originals: Sequence[Original]
) -> bool:
    """Whether any of the originals has a pseudonym in the domain."""
    find = tx.pseudonyms.find_originals if domain.multi else tx.pseudonyms.find
    return bool(find(domain, current_indexes(center, domain, originals)))


def _hold_below(tx: Transaction, domain: Domain) -> None:
    """Pass if deletion may reach all domains below: what refuses, refuses before anything is gone.

    Raises:
        DomainDraft, DomainFrozen: nothing ends in one of them.
    """
    for child in _cascading(tx, domain):
        held = tx.domains.get_for_writing(child.name)
        held.state.require_ending()
        _hold_below(tx, held)


def _cascade(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    ended: Sequence[Pseudonym],
    below: list[EndedLink] | None,
) -> None:
    """Delete what hangs on these pseudonyms in domains below, whatever is allowed there."""
    for child in _cascading(tx, domain) if ended else ():
        if lost_its_keys(center, child):
            continue  # what hung there is gone for good
        for part in cut_batch(ended):
            state = PseudonymState.DELETED
            told = _end(center, tx, actor, child, part, state, atomic=False, below=below)
            if below is not None:
                below += ended_links(child, part, told)


def ended_links(domain: Domain, originals: Sequence[object], answers: Answers) -> list[EndedLink]:
    """Of originals and their answers those whose links ended."""
    return [
        EndedLink(domain.name, str(original), answer)
        for original, answer in zip(originals, answers, strict=True)
        if not isinstance(answer, TTPError)
    ]


def _cascading(tx: Transaction, domain: Domain) -> list[Domain]:
    children = tx.domains.children(domain)
    return [one for one in children if one.parent_rule is ParentRule.CASCADE_DELETE]


def _as_tuple(tokens: Pseudonym | tuple[Pseudonym, ...]) -> tuple[Pseudonym, ...]:
    return tokens if isinstance(tokens, tuple) else (tokens,)


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    ended: tuple[Original, ...],
    state: PseudonymState,
    leaf: LeafId,
) -> None:
    act = Act(
        EventKind(f"pseudonyms.{state.name.lower()}"),
        domain=domain.name,
        counts={"ended": len(ended)},
        subjects=tuple(original.encode() for original in ended),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)


def _announce(
    center: Center,
    tx: Transaction,
    domain: Domain,
    ended: Iterable[tuple[Pseudonym, ...]],
    state: PseudonymState,
    leaf: LeafId,
) -> None:
    items = [{"pseudonym": token} for tokens in ended for token in tokens]
    kind = FeedKind(state.name.lower())
    announce(center, tx, leaf, kind, domain=domain.name, items=items, project=domain.project)
