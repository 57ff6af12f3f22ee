"""Erase originals: their links end in every domain named, in one transaction, with one signed receipt.

A link ends by deletion where the domain and the caller's rights allow it, else by anonymizing: both destroy it for
good. The receipt names what ended and proves by the log that it did. It is not kept: a stored list of what belonged to
one person would join the very tombstones that erasing has taken apart. The log keeps its digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from keys.digests import canonical_json
from keys.transparency import inclusion_proof
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domain_policy import LifeCycle
from ttp.core.domains import Domain, DomainKind
from ttp.core.errors import (
    AuditUnavailable,
    InvalidField,
    KeysDestroyed,
    TTPError,
    UnknownOriginal,
)
from ttp.core.event_kinds import EventKind
from ttp.core.names import IdentityId, LeafId, Pseudonym
from ttp.core.ports import Transaction
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.sequence_leaves import audit_signing_key, await_checkpoint
from ttp.services.pseudonyms.end_pseudonyms import (
    EndedLink,
    EndService,
    anonymize_originals,
    are_linked,
    delete_pseudonyms,
    ended_links,
)
from ttp.services.pseudonyms.issue_pseudonyms import check_originals
from ttp.services.pseudonyms.limit_batch import limit_batch
from ttp.services.pseudonyms.link_originals import lost_its_keys

FORMAT = "ttp-erasure-receipt/1"
Answers = list[tuple[Pseudonym, ...] | TTPError]


@dataclass(slots=True)
class Erasure:
    """What an erasure did: an answer for each pair asked, and the statement that its receipt is made of."""

    answers: Answers
    statement: dict[str, Any]


@dataclass(slots=True)
class _Ended:
    """What ended so far: (domain, original) → pseudonyms, and in which way."""

    pseudonyms: dict[tuple[str, str], tuple[Pseudonym, ...]] = field(default_factory=dict)
    ways: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, one: EndedLink, way: str) -> None:
        """Note a link that ended; the first time counts."""
        key = (one.domain, one.original)
        if self.pseudonyms.setdefault(key, one.pseudonyms) is one.pseudonyms:
            self.ways[key] = way

    def lines(self) -> list[dict[str, str]]:
        """Every pseudonym that ended, by domain."""
        found = [
            {"domain": key[0], "pseudonym": token, "ended": self.ways[key]}
            for key, tokens in self.pseudonyms.items()
            for token in tokens
        ]
        return sorted(found, key=lambda line: (line["domain"], line["pseudonym"]))


def erase_originals(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    pairs: Sequence[tuple[str, object]],
    below: bool = False,
) -> Erasure:
    """End the links of each (domain, original); with ``below`` also those of the ended pseudonyms in child domains.

    An original that is not known is an error in its place, and so is one of a domain whose keys were destroyed: no
    link of it is left. Repeating an erasure changes nothing.

    Raises:
        UnknownDomain, NotAllowed, TooManyItems: nothing was ended.
        DomainDraft, DomainFrozen, AnonymizationNotAllowed: a domain that links one of them allows no end of links.
    """
    actor.require(Right.ANONYMIZE)
    limit_batch(tx, len(pairs), atomic=True)
    ended = _Ended()
    wanted: dict[str, list[object]] = {}
    named: list[str] = []
    for name, original in pairs:
        named.append(tx.domains.get(name).name)
        wanted.setdefault(named[-1], []).append(original)
    errors = _end_all(center, tx, actor, wanted, ended, below=below)
    answers: Answers = []
    for name, (_, original) in zip(named, pairs, strict=True):
        key = (name, original) if isinstance(original, str) else (name, "")
        error = errors.get(key, UnknownOriginal())
        answers.append(ended.pseudonyms.get(key) or error)
    return Erasure(answers, _record(center, tx, actor, ended))


def erase_everywhere(
    center: Center, tx: Transaction, actor: Actor, *, original: str, person: bool = False
) -> Erasure:
    """End the links of an original, or of all records of a person, in all domains and everything below them.

    Domains of persons hold persons, all others values. Domains in which the caller may end nothing are counted in
    the statement as ``not_covered``, so that nobody takes the receipt for more than it is. Domains whose keys were
    destroyed hold no links any more.

    Raises:
        NotAllowed, InvalidField, UnknownOriginal: nothing was ended.
        DomainFrozen, AnonymizationNotAllowed: a domain that links it allows no end of links.
    """
    actor.require(Right.ANONYMIZE)
    kind = DomainKind.PERSON if person else DomainKind.VALUE
    known = [
        domain
        for domain in tx.domains.all()
        if domain.kind is kind and domain.state is not LifeCycle.DRAFT
    ]
    own = [domain for domain in known if actor.domains is None or domain.name in actor.domains]
    originals = _records(tx, original) if person else [original]
    ended = _Ended()
    wanted: dict[str, list[object]] = {domain.name: list(originals) for domain in own}
    _end_all(center, tx, actor, wanted, ended, below=True)
    if not ended.pseudonyms:
        raise UnknownOriginal
    answers: Answers = [tokens for _, tokens in sorted(ended.pseudonyms.items())]
    return Erasure(answers, _record(center, tx, actor, ended, not_covered=len(known) - len(own)))


def complete_receipt(center: Center, statement: Mapping[str, Any]) -> dict[str, Any]:
    """The signed receipt of a statement, with its proof by the log. No transaction may be open.

    Raises:
        AuditUnavailable: the links have ended, but no checkpoint covers it yet; ask again.
    """
    leaf = LeafId(UUID(statement["leaf"]))
    sequence_now(center)
    await_checkpoint(center, leaf)
    receipt = {**statement, "log": center.work.run(lambda tx: _proof(tx, leaf), write=False)}
    key = audit_signing_key(center)
    signature = key.sign(canonical_json(receipt)).hex()
    return {**receipt, "signature": {"key_id": key.key_id, "ed25519": signature}}


def _end_all(
    center: Center,
    tx: Transaction,
    actor: Actor,
    wanted: Mapping[str, Sequence[object]],
    ended: _Ended,
    *,
    below: bool,
) -> dict[tuple[str, str], TTPError]:
    """End the links, by the names of domains, so that two erasures never wait for each other in a circle."""
    errors: dict[tuple[str, str], TTPError] = {}
    for name in sorted(wanted):
        answers, links = _end(center, tx, actor, tx.domains.get(name), wanted[name], ended)
        for original, answer in zip(wanted[name], answers, strict=True):
            if isinstance(answer, TTPError):
                errors.setdefault((name, original if isinstance(original, str) else ""), answer)
        for domain, tokens in _by_domain(links).items() if below else ():
            lower = _below(tx, actor, tx.domains.get(domain), tokens)
            _end_all(center, tx, actor, lower, ended, below=True)
    return errors


def _end(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    originals: Sequence[object],
    ended: _Ended,
) -> tuple[Answers, list[EndedLink]]:
    """The answer to each original, and all that ended: what was deleted in domains below goes first."""
    actor.require(Right.ANONYMIZE, domain.name)
    if lost_its_keys(center, domain):
        return [KeysDestroyed() for _ in originals], []
    deletes = domain.deletable and actor.may(Right.DELETE)
    ending = domain.state in {LifeCycle.ACTIVE, LifeCycle.RETIRED}
    if not (ending and (deletes or domain.anonymizable)):
        unlinked = _if_unlinked(center, tx, domain, originals)
        if unlinked is not None:
            return unlinked, []
    links: list[EndedLink] = []
    end: EndService = partial(delete_pseudonyms, below=links) if deletes else anonymize_originals
    answers = end(center, tx, actor, domain_name=domain.name, originals=originals)
    links += ended_links(domain, originals, answers)
    for one in links:
        ended.add(one, "deleted" if deletes else "anonymized")
    return answers, links


def _by_domain(links: Iterable[EndedLink]) -> dict[str, list[Pseudonym]]:
    found: dict[str, list[Pseudonym]] = {}
    for one in links:
        found.setdefault(one.domain, []).extend(one.pseudonyms)
    return found


def _if_unlinked(
    center: Center, tx: Transaction, domain: Domain, originals: Sequence[object]
) -> Answers | None:
    """The answers of a domain that allows no end of links, if there is none to end; else None, and it refuses."""
    checked = check_originals(originals)
    if are_linked(center, tx, domain, [one for one in checked if isinstance(one, str)]):
        return None
    return [one if isinstance(one, TTPError) else UnknownOriginal() for one in checked]


def _below(
    tx: Transaction, actor: Actor, domain: Domain, ended: Iterable[Pseudonym]
) -> dict[str, list[object]]:
    """The ended pseudonyms as originals of the child domains that are the caller's."""
    originals: list[object] = list(ended)
    return {
        child.name: originals
        for child in tx.domains.children(domain)
        if actor.domains is None or child.name in actor.domains
    }


def _records(tx: Transaction, person: str) -> list[str]:
    try:
        known = tx.identities.get([IdentityId(UUID(person))])
    except ValueError:
        raise InvalidField("A person is named by its ID.") from None
    persons = sorted({one.person for one in known.values()})
    members = [str(one.id) for one in tx.identities.members(persons)]
    if not members:
        raise UnknownOriginal
    return members


def _record(
    center: Center, tx: Transaction, actor: Actor, ended: _Ended, *, not_covered: int = 0
) -> dict[str, Any]:
    leaf, lines = new_leaf_id(center), ended.lines()
    domains = {line["domain"] for line in lines}
    act = Act(
        EventKind.ORIGINALS_ERASED,
        counts={"ended": len(lines), "domains": len(domains), "not_covered": not_covered},
        items=tuple(canonical_json(line) for line in lines),
    )
    digest = record_leaf(center, tx, actor, act, leaf_id=leaf)
    return {
        "format": FORMAT,
        "center": center.name,
        "erased_at": center.clock.now().isoformat(),
        "erased_by": f"{actor.kind}:{actor.name}",
        "ended": lines,
        "not_covered": not_covered,
        "leaf": str(leaf),
        "leaf_hash": digest.hex(),
    }


def _proof(tx: Transaction, leaf: LeafId) -> dict[str, Any]:
    newest, position = tx.audit.latest_checkpoint(), tx.audit.position(leaf)
    if newest is None or position is None or position >= newest.size:
        raise AuditUnavailable("No checkpoint covers the erasure yet.")
    return {
        "position": position,
        "proof": [node.hex() for node in inclusion_proof(position, newest.size, tx.audit.node)],
        "checkpoint": newest.note,
    }
