"""Whatever people do, in whatever order: nobody's own request is granted, nothing happens twice or too late."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from tests.four_eyes.office import ANNA, BERT, CLARA, PIPELINE, Office, open_office
from tests.scale import scaled
from ttp.core.access import Actor, Right
from ttp.core.approvals import PERSONS, ApprovalState
from ttp.core.errors import TTPError
from ttp.services.pseudonyms.reidentify import carry_out_reidentification, request_reidentification

ACTORS = (ANNA, BERT, CLARA, PIPELINE)
LEAF_OF = {
    ApprovalState.APPROVED: "approval.granted",
    ApprovalState.CARRIED_OUT: "pseudonyms.re-identified",
    ApprovalState.REFUSED: "approval.refused",
    ApprovalState.WITHDRAWN: "approval.withdrawn",
    ApprovalState.EXPIRED: "approval.expired",
}
WAIT_HOURS, USE_HOURS = 14 * 24, 24


class FourEyes(RuleBasedStateMachine):
    """The mechanism beside a model that knows only who did what and when."""

    requests = Bundle("requests")
    actors = st.sampled_from(ACTORS)

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.office: Office = open_office(Path(self._folder.name))
        self.states: dict[UUID, ApprovalState] = {}
        self.asked_by: dict[UUID, Actor] = {}
        self.until: dict[UUID, Any] = {}

    def teardown(self) -> None:
        """Give everything back."""
        self.office.center.work.close()
        self._folder.cleanup()

    @rule(target=requests, actor=actors)
    def request(self, actor: Actor) -> UUID:
        """Somebody asks."""
        how = {"domain": "diz", "pseudonyms": self.office.tokens, "purpose": "p", "reason": "r"}
        made = self.office.run(request_reidentification, actor, **how)
        self.states[made.id], self.asked_by[made.id] = ApprovalState.OPEN, actor
        self.until[made.id] = made.expires_at
        identifier: UUID = made.id
        return identifier

    @rule(one=requests, actor=actors, yes=st.booleans())
    def decide(self, one: UUID, actor: Actor, yes: bool) -> None:
        """Somebody answers; own requests may be refused but not approved."""
        allowed = (
            self._waits(one)
            and actor.kind in PERSONS
            and actor.may(Right.APPROVE)
            and not (yes and actor.name == self.asked_by[one].name)
        )
        new = ApprovalState.APPROVED if yes else ApprovalState.REFUSED
        if self._try(allowed, lambda: self.office.decide(actor, one, yes=yes)):
            self.states[one] = new
            self.until[one] = self.office.get(one).expires_at

    @rule(one=requests, actor=actors)
    def withdraw(self, one: UUID, actor: Actor) -> None:
        """Somebody takes a request back; only their own, and only while it can still come to something."""
        usable = self.states[one] is ApprovalState.APPROVED and not self._late(one)
        allowed = actor == self.asked_by[one] and (self._waits(one) or usable)
        if self._try(allowed, lambda: self.office.withdraw(actor, one)):
            self.states[one] = ApprovalState.WITHDRAWN

    @rule(one=requests, actor=actors)
    def carry_out(self, one: UUID, actor: Actor) -> None:
        """Somebody wants to know; only who asked, once, after another one's yes, in time."""
        approved = self.states[one] is ApprovalState.APPROVED and not self._late(one)
        allowed = approved and actor == self.asked_by[one]
        how = {"approval_id": one}
        if self._try(allowed, lambda: self.office.run(carry_out_reidentification, actor, **how)):
            self.states[one] = ApprovalState.CARRIED_OUT

    @rule(hours=st.sampled_from([1, USE_HOURS - 1, USE_HOURS, WAIT_HOURS - 1, WAIT_HOURS]))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.office.clock.skip(hours=hours)

    @rule()
    def work(self) -> None:
        """The worker ends what is too late."""
        waiting = {ApprovalState.OPEN, ApprovalState.APPROVED}
        late = [one for one, state in self.states.items() if state in waiting and self._late(one)]
        assert self.office.expire() == len(late)
        self.states |= dict.fromkeys(late, ApprovalState.EXPIRED)

    @invariant()
    def everything_stands_as_it_should_and_has_its_leaf(self) -> None:
        """The store agrees with the model, and the log with both."""
        for one, state in self.states.items():
            stored, actions = self.office.get(one), self.office.actions(one)
            assert stored.state is state
            assert stored.decided_by != stored.requested_by or state is ApprovalState.REFUSED
            assert actions.count("approval.requested") == 1
            assert actions.count("pseudonyms.re-identified") == (state is ApprovalState.CARRIED_OUT)
            if state is not ApprovalState.OPEN:
                assert actions.count(LEAF_OF[state]) == 1

    def _waits(self, one: UUID) -> bool:
        return self.states[one] is ApprovalState.OPEN and not self._late(one)

    def _late(self, one: UUID) -> bool:
        until = self.until[one]
        return until is not None and bool(self.office.clock.now() >= until)

    def _try(self, allowed: bool, step: Any) -> bool:
        try:
            step()
        except TTPError:
            assert not allowed
            return False
        assert allowed
        return True


FourEyes.TestCase.settings = settings(
    max_examples=scaled(12, least=4), stateful_step_count=15, deadline=None
)
TestFourEyes = FourEyes.TestCase
