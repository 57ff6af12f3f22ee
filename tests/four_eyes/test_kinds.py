"""Every kind of request is carried out by another person's yes, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from tests.builders import make_key
from tests.four_eyes.office import ANNA, BERT, CLARA, PIPELINE, Office, open_office
from tests.pages.people import PASSWORD
from ttp.core.access import OPERATOR, Role
from ttp.core.approvals import RULES, ApprovalClosed, ApprovalKind, ApprovalState
from ttp.core.errors import Conflict, NotAllowed, NotFound, SecondPersonNeeded
from ttp.core.logins import Opened
from ttp.core.ports import Transaction
from ttp.services.access.log_in import log_in
from ttp.services.access.open_account import open_account
from ttp.services.access.request_grant import request_grant
from ttp.services.access.request_role import request_account, request_disabling, request_role
from ttp.services.approvals.decide_approval import KINDS
from ttp.services.custody.destroy_keys import request_destruction
from ttp.services.domains.change_domain_policy import request_domain_policy


@dataclass(frozen=True)
class Story:
    """What is asked for, and how one sees that it was done."""

    ask: Callable[[Office], UUID]
    done: Callable[[Office], bool]
    effect: str


def _grant(office: Office) -> UUID:
    make_key(office.center, "diz", name="etl", resolve=False)
    how = {"client": "etl", "domain": "diz", "purpose": "care", "daily_budget": 5, "days": 30}
    return UUID(str(office.run(request_grant, ANNA, **how).id))


def _granted(office: Office) -> bool:
    def read(tx: Transaction) -> bool:
        (client,) = tx.clients.all()
        grants = tx.clients.grants(client.id, tx.domains.get("diz").id, at=office.clock.now())
        return [one.approved_by for one in grants] == [("anna", "bert")]

    return office.center.work.run(read, write=False)


def _policy(office: Office) -> UUID:
    return UUID(str(office.run(request_domain_policy, ANNA, domain="diz", deletable=True).id))


def _deletable(office: Office) -> bool:
    return office.center.work.run(lambda tx: tx.domains.get("diz").deletable, write=False)


def _account(office: Office) -> UUID:
    how = {"name": "dora", "role": Role.AUDITOR, "password": PASSWORD}
    made = office.run(request_account, ANNA, **how)
    assert made.password == PASSWORD
    return UUID(str(made.approval))


def _logs_in(office: Office) -> bool:
    opened = log_in(office.center, name="dora", password=PASSWORD, address="test")
    return isinstance(opened, Opened) and opened.staff.role is Role.AUDITOR


def _role(office: Office) -> UUID:
    return UUID(str(office.run(request_role, ANNA, name="clara", role=Role.STEWARD).id))


def _is_steward(office: Office) -> bool:
    found = office.center.work.run(lambda tx: tx.staff.by_name("clara"), write=False)
    return found is not None and found.role is Role.STEWARD


def _disabling(office: Office) -> UUID:
    return UUID(str(office.run(request_disabling, ANNA, name="anna").id))


def _is_gone(office: Office) -> bool:
    return office.center.work.run(lambda tx: tx.staff.by_name("anna"), write=False) is None


def _destruction(office: Office) -> UUID:
    return UUID(str(office.run(request_destruction, ANNA, scope="diz").id))


def _destroyed(office: Office) -> bool:
    found = office.center.work.run(lambda tx: tx.destructions.all(), write=False)
    return [one.destroyed_at is not None for one in found] == [True]


STORIES: dict[str, Story] = {
    "a standing grant": Story(_grant, _granted, "grant.made"),
    "a domain's policy": Story(_policy, _deletable, "domain.policy-changed"),
    "an auditor's account": Story(_account, _logs_in, "account.opened"),
    "a steward's role": Story(_role, _is_steward, "account.role-changed"),
    "the end of one of two stewards": Story(_disabling, _is_gone, "account.disabled"),
    "the destruction of keys": Story(_destruction, _destroyed, "keys.destroyed"),
}


@pytest.mark.parametrize("story", STORIES)
def test_another_persons_yes_carries_it_out(office: Office, story: str) -> None:
    told = STORIES[story]
    approval = told.ask(office)
    assert not told.done(office)
    for own, error in ((ANNA, SecondPersonNeeded), (CLARA, NotAllowed), (PIPELINE, NotAllowed)):
        with pytest.raises(error):
            office.decide(own, approval)
    office.decide(BERT, approval)
    assert told.done(office)
    assert office.get(approval).state is ApprovalState.CARRIED_OUT
    assert {"approval.requested", "approval.granted", told.effect} <= set(office.actions(approval))
    with pytest.raises(ApprovalClosed):
        office.decide(BERT, approval)
    with pytest.raises(ApprovalClosed):
        office.withdraw(ANNA, approval)


def _refuse(office: Office, approval: UUID) -> None:
    office.decide(BERT, approval, yes=False)


def _withdraw(office: Office, approval: UUID) -> None:
    with pytest.raises(NotAllowed):
        office.withdraw(BERT, approval)
    office.withdraw(ANNA, approval)


def _forget(office: Office, approval: UUID) -> None:
    office.clock.skip(days=14)
    with pytest.raises(ApprovalClosed):
        office.decide(BERT, approval)
    assert office.expire() == 1


ENDS: dict[ApprovalState, Callable[[Office, UUID], None]] = {
    ApprovalState.REFUSED: _refuse,
    ApprovalState.WITHDRAWN: _withdraw,
    ApprovalState.EXPIRED: _forget,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("story", STORIES)
def test_without_a_yes_nothing_happens(small: Office, story: str, end: ApprovalState) -> None:
    told = STORIES[story]
    approval = told.ask(small)
    ENDS[end](small, approval)
    with pytest.raises(ApprovalClosed):
        small.decide(BERT, approval)
    assert not told.done(small)
    assert small.get(approval).state is end
    assert f"approval.{end}" in small.actions(approval)


def test_every_kind_has_its_rule_and_its_handling() -> None:
    assert set(RULES) == set(ApprovalKind)
    assert set(KINDS) == set(ApprovalKind) - {ApprovalKind.BREAK_GLASS}


def test_the_operator_makes_two_stewards_alone_and_no_third(tmp_path: Path) -> None:
    office = open_office(tmp_path)  # anna and bert
    with pytest.raises(SecondPersonNeeded):
        office.run(open_account, OPERATOR, name="dora", role=Role.STEWARD)
    office.run(open_account, OPERATOR, name="emil", role=Role.CLERK)
    with pytest.raises(SecondPersonNeeded):
        office.run(open_account, ANNA, name="dora", role=Role.AUDITOR)


def test_where_no_steward_is_left_the_operator_begins_again(small: Office) -> None:
    approval = small.run(request_disabling, OPERATOR, name="anna").id
    small.decide(BERT, approval)
    last = small.run(request_disabling, BERT, name="bert").id
    with pytest.raises(SecondPersonNeeded):
        small.decide(BERT, last)
    small.decide(OPERATOR, last)
    small.run(open_account, OPERATOR, name="dora", role=Role.STEWARD)


def test_a_third_steward_is_disabled_at_once(small: Office) -> None:
    small.decide(BERT, _role(small))
    assert small.run(request_disabling, ANNA, name="clara") is None


def test_in_demo_mode_one_person_suffices(tmp_path: Path) -> None:
    office = open_office(tmp_path, alone=True)
    approval = _policy(office)
    office.decide(ANNA, approval)
    assert _deletable(office)
    make_key(office.center, "diz", name="etl")
    assert office.center.work.run(lambda tx: tx.approvals.open()) == []


def test_a_pipelines_grant_waits_where_two_are_needed(small: Office) -> None:
    make_key(small.center, "diz", name="etl")
    (waiting,) = small.center.work.run(lambda tx: tx.approvals.open())
    assert (waiting.kind, waiting.subject["client"]) == (ApprovalKind.GRANT, "etl")
    small.decide(ANNA, waiting.id)


def test_a_request_whose_subject_is_gone_is_not_approved(small: Office) -> None:
    approval = _role(small)
    small.run(request_disabling, ANNA, name="clara")
    with pytest.raises(NotFound):
        small.decide(BERT, approval)
    assert small.get(approval).state is ApprovalState.OPEN


def test_a_policy_that_holds_already_is_not_asked_for(small: Office) -> None:
    with pytest.raises(Conflict):
        small.run(request_domain_policy, ANNA, domain="diz", deletable=False)
