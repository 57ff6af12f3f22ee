"""Decisions for tests: short ways to ask, decide, exclude, split and undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from tests.services.patients import CLERK
from ttp.core.access import OPERATOR, Actor
from ttp.core.center import Center
from ttp.core.decisions import FIELDS_FOR_LIFE, Settled, Wish
from ttp.core.names import CaseId, DecisionId, IdentityId
from ttp.core.persons import LOCAL, EdgeKind, NewEdge
from ttp.core.review import PossibleMatch, ReviewCase, Verdict
from ttp.services.cases.decide_case import decide
from ttp.services.cases.open_cases import open_cases
from ttp.services.cases.propose_decision import decide_or_propose
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.persons.link_identities import link_identities
from ttp.storage.tables import edge, identity, review_pair
from ttp.storage.transaction import SqlTransaction

CONFIRMED = frozenset(FIELDS_FOR_LIFE)


def ask(center: Center, *pairs: tuple[IdentityId, IdentityId]) -> list[CaseId]:
    """Open cases for these pairs."""
    possible = [PossibleMatch(first, second, 10.0) for first, second in pairs]
    return center.work.run(
        lambda tx: open_cases(center, tx, OPERATOR, population=LOCAL, possible=possible)
    )


def link(center: Center, first: IdentityId, second: IdentityId) -> list[CaseId]:
    """Join two as a model does."""
    new = NewEdge(first, second, EdgeKind.SAME, "model:test", 30.0)
    return center.work.run(
        lambda tx: link_identities(center, tx, OPERATOR, population=LOCAL, edges=[new])
    )


def carry_out(center: Center, wish: Wish, actor: Actor = CLERK) -> DecisionId:
    """Decide."""
    return center.work.run(lambda tx: decide(center, tx, actor, wish))


def propose(center: Center, wish: Wish, actor: Actor = CLERK) -> Settled:
    """Decide, or propose where that needs a second person."""
    return center.work.run(lambda tx: decide_or_propose(center, tx, actor, wish))


def wish_for(case: ReviewCase, verdict: Verdict, **more: Any) -> Wish:
    """A wish about a case as it stands."""
    return Wish(verdict, "Akte geprüft", case.id, case.version, **{"confirm": CONFIRMED, **more})


def split(center: Center, *leaving: IdentityId, actor: Actor = CLERK) -> DecisionId:
    """Let records leave their person."""
    return carry_out(center, Wish(Verdict.SPLIT, "Verwechslung", leaving=leaving), actor)


def undo(center: Center, decision: DecisionId, *also: DecisionId) -> list[DecisionId]:
    """Undo."""
    return center.work.run(
        lambda tx: undo_decision(
            center, tx, CLERK, decision_id=decision, reason="Irrtum", also=also
        )
    )


def state_of(center: Center, identities: Sequence[IdentityId]) -> list[list[tuple[Any, ...]]]:
    """The rows of persons, standing edges and questions, byte for byte but for the leaves that name the last change."""
    chosen = sorted(identities)
    with center.work.begin(write=False) as tx:
        assert isinstance(tx, SqlTransaction)
        queries = (
            select(identity.c.id, identity.c.person, identity.c.version, identity.c.ordinal)
            .where(identity.c.id.in_(chosen))
            .order_by(identity.c.id),
            select(*(column for column in edge.c if not column.name.startswith("ended")))
            .where(edge.c.first.in_(chosen), edge.c.ended_at.is_(None))
            .order_by(edge.c.id),
            select(*review_pair.c)
            .where(review_pair.c.first.in_(chosen))
            .order_by(review_pair.c.first, review_pair.c.second),
        )
        return [[tuple(row) for row in tx.connection.execute(query)] for query in queries]
