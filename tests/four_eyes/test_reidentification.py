"""Re-identification takes two persons; in an emergency one, and then a judgment by another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.four_eyes.office import ANNA, BERT, CLARA, ORIGINALS, PIPELINE, Office
from tests.pages.people import NORTH
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.approvals import ApprovalClosed, ApprovalState, Comment, ReviewOverdue
from ttp.core.domains import DomainKind, NewDomain, PseudonymForm, alphabet_named
from ttp.core.errors import (
    InvalidField,
    NotAllowed,
    ReasonMissing,
    SecondPersonNeeded,
    TooManyItems,
    TTPError,
    UnknownDomain,
    UnknownPseudonym,
)
from ttp.core.event_kinds import EventKind
from ttp.core.names import DomainName
from ttp.core.reidentification import Revealed
from ttp.services.access.break_glass import break_glass, overdue_reviews
from ttp.services.domains.create_domain import create_domain
from ttp.services.persons.register_identities import register_identities
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.reidentify import (
    Told,
    carry_out_reidentification,
    cover,
    request_reidentification,
)

REASON = "finding concerns Mrs Petersen"


def ask(office: Office, actor: Actor = CLARA, **changed: Any) -> UUID:
    how: dict[str, Any] = {
        "domain": "diz",
        "pseudonyms": office.tokens,
        "purpose": "incidental finding",
        "reason": REASON,
    }
    approval: UUID = office.run(request_reidentification, actor, **{**how, **changed}).id
    return approval


def carry_out(office: Office, approval: UUID, actor: Actor = CLARA) -> Told:
    told: Told = office.run(carry_out_reidentification, actor, approval_id=approval)
    cover(office.center, told.leaf)
    return told


def originals(told: Told) -> list[str]:
    return [one.originals[0] for one in told.answers if isinstance(one, Revealed)]


@pytest.mark.parametrize("actor", [CLARA, PIPELINE, ANNA], ids=lambda one: one.name)
def test_who_asked_learns_once_what_another_person_approved(office: Office, actor: Actor) -> None:
    approval = ask(office, actor)
    office.decide(BERT, approval)
    assert originals(carry_out(office, approval, actor)) == ORIGINALS
    with pytest.raises(ApprovalClosed):
        carry_out(office, approval, actor)
    assert office.actions(approval) == [
        "approval.granted",
        "approval.requested",
        "pseudonyms.re-identified",
    ]
    assert office.get(approval).state is ApprovalState.CARRIED_OUT
    (leaf,) = [
        one for one in office.leaves(approval) if one["action"] == EventKind.PSEUDONYMS_REIDENTIFIED
    ]
    assert leaf["subjects"]["count"] == len(ORIGINALS)
    assert leaf["counts"] == {"asked": 3, "answered": 3, "identities": 0}


def test_nothing_is_told_before_a_checkpoint_covers_it(small: Office) -> None:
    approval = ask(small)
    small.decide(BERT, approval)
    told = carry_out(small, approval)
    position = small.center.work.run(lambda tx: tx.audit.position(told.leaf), write=False)
    checkpoint = small.center.work.run(lambda tx: tx.audit.latest_checkpoint(), write=False)
    assert position is not None
    assert checkpoint is not None
    assert checkpoint.size > position


def test_neither_pseudonyms_nor_the_reason_stand_in_the_request_or_the_log(small: Office) -> None:
    approval = small.get(ask(small))
    log = str(small.leaves())
    for secret in (*small.tokens, REASON):
        assert secret not in str(dict(approval.subject)) + log
        assert secret.encode() not in (approval.sealed or b"")


def test_one_bad_pseudonym_does_not_hide_the_others(small: Office) -> None:
    approval = ask(small, pseudonyms=[small.tokens[0], "0" * 16, "short"])
    small.decide(BERT, approval)
    told = carry_out(small, approval)
    assert originals(told) == ORIGINALS[:1]
    assert isinstance(told.answers[1], UnknownPseudonym)
    assert isinstance(told.answers[2], TTPError)


OUTCOMES: dict[str, tuple[Actor, type[Exception]]] = {
    "another steward": (ANNA, NotAllowed),
    "who approved": (BERT, NotAllowed),
    "a client of the same name": (
        Actor(ActorKind.CLIENT, "clara", Role.PIPELINE, domains=None),
        NotAllowed,
    ),
    "the person after losing the right": (
        Actor(ActorKind.STAFF, "clara", Role.RESEARCHER, domains=None),
        NotAllowed,
    ),
    "the person, limited to other projects": (
        Actor(ActorKind.STAFF, "dora", Role.CLERK, domains=None, projects=frozenset({"herz"})),
        NotAllowed,
    ),
}


@pytest.mark.parametrize("who", OUTCOMES)
def test_nobody_else_carries_it_out(small: Office, who: str) -> None:
    approval = ask(small)
    small.decide(BERT, approval)
    actor, error = OUTCOMES[who]
    with pytest.raises(error):
        carry_out(small, approval, actor)
    assert originals(carry_out(small, approval)) == ORIGINALS


def test_before_approval_after_refusal_and_too_late_nothing_is_told(small: Office) -> None:
    early, refused, late, week = (ask(small, use_hours=hours) for hours in (24, 24, 24, 168))
    small.decide(BERT, refused, yes=False, comment=Comment.NO_REASON)
    for one in (late, week):
        small.decide(BERT, one)
    small.clock.skip(hours=24)
    for approval in (early, refused, late):
        with pytest.raises(ApprovalClosed):
            carry_out(small, approval)
    assert small.expire() == 1
    assert small.get(late).state is ApprovalState.EXPIRED
    assert originals(carry_out(small, week)) == ORIGINALS


DEFECTS: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "no pseudonym": ({"pseudonyms": []}, InvalidField),
    "too many": ({"pseudonyms": [f"P{n}" for n in range(1001)]}, TooManyItems),
    "not text": ({"pseudonyms": [7]}, InvalidField),
    "no reason": ({"reason": "  "}, ReasonMissing),
    "no purpose": ({"purpose": " "}, InvalidField),
    "unknown domain": ({"domain": "nowhere"}, UnknownDomain),
    "longer than a week": ({"use_hours": 169}, InvalidField),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_request_that_cannot_be_decided_is_refused(small: Office, defect: str) -> None:
    changed, error = DEFECTS[defect]
    with pytest.raises(error):
        ask(small, **changed)


def test_a_person_behind_a_pseudonym_is_named_to_those_who_may_read_persons(office: Office) -> None:
    center = office.center
    form = PseudonymForm(alphabet_named("base32"), 16)
    new = NewDomain(DomainName("people"), form, kind=DomainKind.PERSON)
    center.work.run(lambda tx: create_domain(center, tx, OPERATOR, new))
    (known,) = office.run(register_identities, OPERATOR, source="nord", records=[NORTH[0]])
    (issued,) = office.run(
        issue_pseudonyms, OPERATOR, domain_name="people", originals=[str(known.person)]
    )
    for actor, names in ((CLARA, ["Petersen"]), (PIPELINE, [])):
        approval = ask(office, actor, domain="people", pseudonyms=[issued.pseudonym])
        office.decide(BERT, approval)
        (told,) = carry_out(office, approval, actor).answers
        assert isinstance(told, Revealed)
        assert [one["surname"] for one in told.identities] == names


def _break(office: Office, actor: Actor = ANNA, **changed: Any) -> Told:
    how: dict[str, Any] = {"domain": "diz", "pseudonyms": office.tokens, "reason": REASON}
    told: Told = office.run(break_glass, actor, **{**how, **changed})
    return told


def test_breaking_the_glass_tells_at_once_and_opens_a_review(office: Office) -> None:
    told = _break(office)
    assert originals(told) == ORIGINALS
    with pytest.raises(SecondPersonNeeded):
        office.decide(ANNA, told.approval, comment=Comment.DANGER)
    with pytest.raises(SecondPersonNeeded):
        office.decide(ANNA, told.approval, yes=False, comment=Comment.DANGER)
    with pytest.raises(NotAllowed):
        office.withdraw(ANNA, told.approval)
    with pytest.raises(InvalidField):
        office.decide(BERT, told.approval)
    judged = office.decide(BERT, told.approval, yes=False, comment=Comment.DISPROPORTIONATE)
    assert (judged.state, judged.comment) == (ApprovalState.REFUSED, Comment.DISPROPORTIONATE)
    assert office.actions(told.approval) == [
        "approval.refused",
        "approval.requested",
        "break-glass.reviewed",
        "break-glass.used",
    ]


def test_an_overdue_review_stops_the_person_and_only_that_person(office: Office) -> None:
    told = _break(office)
    office.clock.skip(hours=71)
    again = _break(office)
    assert office.expire() == 0
    office.clock.skip(hours=1)
    assert office.expire() == 1
    assert office.expire() == 0
    with pytest.raises(ReviewOverdue):
        _break(office)
    _break(office, BERT)
    assert [
        one.id for one in office.center.work.run(lambda tx: overdue_reviews(office.center, tx))
    ] == [told.approval]
    office.decide(BERT, told.approval, comment=Comment.DANGER)
    assert "break-glass.overdue" in office.actions(told.approval)
    office.decide(BERT, again.approval, comment=Comment.DANGER)
    _break(office)


BREAKERS: dict[str, tuple[Actor, dict[str, Any], type[Exception]]] = {
    "a clerk": (CLARA, {}, NotAllowed),
    "a client": (PIPELINE, {}, NotAllowed),
    "the operator, who is no person": (OPERATOR, {}, NotAllowed),
    "too many": (ANNA, {"pseudonyms": [f"P{n}" for n in range(101)]}, TooManyItems),
    "without reason": (ANNA, {"reason": ""}, ReasonMissing),
}


@pytest.mark.parametrize("who", BREAKERS)
def test_the_glass_is_not_broken_by(small: Office, who: str) -> None:
    actor, changed, error = BREAKERS[who]
    with pytest.raises(error):
        _break(small, actor, **changed)
    assert small.center.work.run(lambda tx: tx.approvals.open()) == []
