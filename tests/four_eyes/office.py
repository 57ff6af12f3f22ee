"""An office: a center with four eyes, two stewards, a clerk, a client, and a domain whose pseudonyms are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from tests.builders import ManualClock, make_center, make_domain
from tests.pages.people import make_person
from tests.services.pseudonyms.asking import Asking
from ttp.connecting import connect
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.approvals import Approval, Comment
from ttp.core.center import Center
from ttp.core.ports import Transaction
from ttp.services.approvals.decide_approval import (
    decide_approval,
    expire_approvals,
    withdraw_approval,
)
from ttp.services.log.sequence_leaves import sequence_leaves

ANNA = Actor(ActorKind.STAFF, "anna", Role.STEWARD, domains=None)
BERT = Actor(ActorKind.STAFF, "bert", Role.STEWARD, domains=None)
CLARA = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)
PIPELINE = Actor(ActorKind.CLIENT, "etl", Role.PIPELINE, domains=frozenset({"diz"}))
ORIGINALS = ["0012", "0013", "0014"]


class SequencingClock(ManualClock):
    """A clock whose sleep does what the worker does meanwhile: places leaves and signs."""

    center: Center | None = None

    def sleep(self, seconds: float) -> None:
        """Move on, and let the log be sequenced."""
        super().sleep(seconds)
        if self.center is not None:
            center = self.center
            center.work.run(lambda tx: sequence_leaves(center, tx, holder="test"))


@dataclass(frozen=True)
class Office:
    """A center at work, its clock, and the pseudonyms of ``ORIGINALS`` in the domain ``diz``."""

    center: Center
    clock: SequencingClock
    tokens: list[str]

    def run(self, service: Callable[..., Any], actor: Actor, **how: Any) -> Any:
        """One use case in one transaction."""
        return self.center.work.run(lambda tx: service(self.center, tx, actor, **how))

    def decide(
        self, actor: Actor, approval: UUID, *, yes: bool = True, comment: Comment | None = None
    ) -> Approval:
        """A yes or a no."""
        return decide_approval(
            self.center,
            connect(self.center),
            actor,
            approval_id=approval,
            approve=yes,
            comment=comment,
        )

    def withdraw(self, actor: Actor, approval: UUID) -> Approval:
        """Take back."""
        return withdraw_approval(self.center, actor, approval_id=approval)

    def expire(self) -> int:
        """What the worker does about time."""
        return expire_approvals(self.center)

    def get(self, approval: UUID) -> Approval:
        """Where a request stands."""
        return self.center.work.run(lambda tx: tx.approvals.get(approval), write=False)

    def leaves(self, approval: UUID | None = None) -> list[dict[str, Any]]:
        """The bodies of all leaves, or of those that name this approval, in the order written."""

        def read(tx: Transaction) -> list[dict[str, Any]]:
            found = [*tx.audit.leaves(0, tx.audit.size()), *tx.audit.unsequenced(10_000)]
            return [orjson.loads(leaf.body) for leaf in found]

        bodies = self.center.work.run(read, write=False)
        return [one for one in bodies if approval is None or one["approval"] == str(approval)]

    def actions(self, approval: UUID) -> list[str]:
        """What leaves say was done about a request, by name: the clock stands, so that time does not order them."""
        return sorted(one["action"] for one in self.leaves(approval))


def open_office(folder: Path, database_url: str = "", *, alone: bool = False) -> Office:
    """A new office."""
    center = make_center(folder, database_url, alone=alone)
    clock = SequencingClock(center.clock.now())
    center = replace(center, clock=clock)
    clock.center = center
    domain = make_domain(center)
    for name in ("anna", "bert"):
        make_person(center, Role.STEWARD, name)
    make_person(center, Role.CLERK, "clara")
    return Office(center, clock, Asking(center).tokens(domain, ORIGINALS))
