"""Show the overview: how much there is, how much waits, how far the audit log has got; counts and names only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ttp.core.access import Actor, Right
from ttp.core.audit import StoredCheckpoint
from ttp.core.desk import DecisionFilter, DecisionLine
from ttp.core.peers import Peer
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.review import CaseState

LATEST = 6


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the center holds."""

    domains: int
    pseudonyms: int
    identities: int
    persons: int


@dataclass(frozen=True, slots=True)
class Queue:
    """How much waits for a reviewer, since when, and what was decided last."""

    open: int
    postponed: int
    oldest: datetime | None
    latest: list[DecisionLine]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the dashboard shows. What the actor has no right to is None or empty."""

    counts: Counts
    audit_size: int
    checkpoint: StoredCheckpoint | None
    queue: Queue | None
    approvals: int | None
    projects: list[Project]
    peers: list[Peer]


def show_overview(tx: Transaction, actor: Actor) -> Overview:
    """What this person may know; no value of a patient is in it, so it leaves no leaf."""
    rights = {right for right in Right if actor.may(right)}
    return Overview(
        counts=_counts(tx),
        audit_size=tx.audit.size(),
        checkpoint=tx.audit.latest_checkpoint(),
        queue=_queue(tx) if Right.REVIEW in rights and actor.populations is None else None,
        approvals=len(tx.approvals.open()) if Right.APPROVE in rights else None,
        projects=[one for one in tx.projects.all() if actor.sees(one.name)]
        if Right.READ_PROJECT in rights
        else [],
        peers=tx.peers.all() if Right.READ_PROJECT in rights else [],
    )


def _counts(tx: Transaction) -> Counts:
    domains = tx.domains.all()
    members = [tx.identities.count(population.name) for population in tx.identities.populations()]
    return Counts(
        len(domains),
        sum(tx.pseudonyms.count(domain) for domain in domains),
        sum(identities for identities, _ in members),
        sum(persons for _, persons in members),
    )


def _queue(tx: Transaction) -> Queue:
    cases = tx.review.count()
    return Queue(
        cases[CaseState.OPEN],
        cases[CaseState.POSTPONED],
        tx.desk.oldest(),
        tx.desk.decisions(DecisionFilter(), limit=LATEST),
    )
