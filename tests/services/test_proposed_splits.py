"""Proposed splits: what one person proposed of a person is done by a second one to that person, and to no other."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.services.decisions import link, propose
from tests.services.patients import persons
from tests.services.test_decisions import STEWARD, strangers, strict, with_consents
from ttp.connecting import connect
from ttp.core.approvals import ApprovalState
from ttp.core.center import Center
from ttp.core.decisions import PersonChanged, Wish
from ttp.core.names import IdentityId
from ttp.core.review import Verdict
from ttp.services.approvals.decide_approval import decide_approval


@pytest.fixture
def center(tmp_path: Path) -> Center:
    return strict(tmp_path)


def proposed(center: Center, stays: IdentityId, goes: IdentityId) -> UUID:
    """The request to part two records of one person, whose consents make it weighty."""
    with_consents(center, stays, goes)
    link(center, stays, goes)
    asked = propose(center, Wish(Verdict.SPLIT, "Verwechslung", leaving=(goes,)))
    assert asked.approval is not None
    return asked.approval


def approve(center: Center, approval: UUID) -> None:
    decide_approval(center, connect(center), STEWARD, approval_id=approval, approve=True)


def test_it_is_done_to_the_person_it_was_proposed_for(center: Center) -> None:
    a, b = strangers(center, 2)
    approve(center, proposed(center, a, b))
    assert len(set(persons(center, [a, b]))) == 2


def test_it_is_not_done_to_a_person_that_has_other_records_by_then(center: Center) -> None:
    a, b, newcomer = strangers(center, 3)
    approval = proposed(center, a, b)
    link(center, b, newcomer)
    with pytest.raises(PersonChanged):
        approve(center, approval)
    assert len(set(persons(center, [a, b, newcomer]))) == 1
    with center.work.begin(write=False) as tx:
        assert tx.approvals.get(approval).state is ApprovalState.OPEN
