"""Persons' pseudonyms for tests: a domain of persons, who asks for whom, and what they hear."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from tests.builders import make_domain
from tests.services.patients import CLERK
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.domains import Domain, DomainKind
from ttp.core.errors import TTPError
from ttp.core.events import Cursor, Event, Interest
from ttp.core.names import DecisionId, IdentityId, Pseudonym
from ttp.core.persons import LOCAL, pair_of
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.core.review import PossibleMatch, Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.open_cases import open_cases
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.log.sequence_leaves import sequence_leaves
from ttp.services.pseudonyms.find_anchors import anchors_of
from ttp.services.pseudonyms.issue_person_pseudonyms import issue_person_pseudonyms


def client(name: str = "pipe", domain: str = "study") -> Actor:
    return Actor(ActorKind.CLIENT, name, Role.PIPELINE, id=uuid4(), domains=frozenset({domain}))


def person_domain(center: Center, name: str = "study", **more: object) -> Domain:
    return make_domain(center, name, kind=DomainKind.PERSON, **more)  # type: ignore[arg-type] # passed on


def record(number: int, source: str = "kis") -> dict[str, str]:
    return {"source": source, "record_id": f"r{number}"}


def ask(
    center: Center,
    names: Sequence[object],
    *,
    actor: Actor = OPERATOR,
    domain: str = "study",
    create: bool = True,
    atomic: bool = False,
) -> list[Issued | TTPError]:
    """The answers to a request."""
    return center.work.run(
        lambda tx: issue_person_pseudonyms(
            center, tx, actor, domain_name=domain, persons=names, create=create, atomic=atomic
        )
    )


def pseudonyms(center: Center, numbers: Sequence[int], **more: object) -> list[Pseudonym]:
    """The pseudonyms of records that have one."""
    told = ask(center, [record(one) for one in numbers], **more)  # type: ignore[arg-type] # passed on
    assert all(isinstance(one, Issued) for one in told), told
    return [one.pseudonym for one in told if isinstance(one, Issued)]


class NotAsked(Exception):
    """Nobody is asked about a pair: it was decided before."""


def same(center: Center, first: IdentityId, second: IdentityId) -> DecisionId:
    """Let a person decide that two records are one person, if that is asked."""

    def step(tx: Transaction) -> DecisionId:
        pair = pair_of(first, second)
        open_cases(center, tx, OPERATOR, population=LOCAL, possible=[PossibleMatch(*pair, 10.0)])
        asked = tx.review.asked([pair])
        if pair not in asked:
            raise NotAsked
        case = tx.review.get(asked[pair])
        return decide_case(
            center,
            tx,
            CLERK,
            case_id=case.id,
            verdict=Verdict.SAME,
            reason="Grund",
            version=case.version,
            pairs=[pair],
        )

    return center.work.run(step)


def undo(center: Center, decision: DecisionId, also: Sequence[DecisionId] = ()) -> list[DecisionId]:
    return center.work.run(
        lambda tx: undo_decision(center, tx, CLERK, decision_id=decision, reason="Grund", also=also)
    )


def assignment(
    center: Center, identities: Sequence[IdentityId], domain: str = "study"
) -> dict[IdentityId, tuple[Pseudonym, Pseudonym | None]]:
    """What hangs on each record, and its successor."""
    with center.work.begin(write=False) as tx:
        found = anchors_of(center, tx, tx.domains.get(domain), identities)
    return {one: (anchor.pseudonym, anchor.successor) for one, anchor in found.items()}


def events(center: Center, recipient: str | None = None) -> list[Event]:
    """All events, or what one recipient hears."""
    while center.work.run(lambda tx: sequence_leaves(center, tx, holder="test")):
        pass
    interest = Interest(recipient=recipient)
    return center.work.run(lambda tx: tx.events.after(Cursor(), interest, limit=1000), write=False)
