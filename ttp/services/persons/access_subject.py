"""Access of the data subject (GDPR Article 15): everything held about a person, and to whom it was disclosed.

Two persons: one asks, another agrees, then who asked has it put together once, within a day. The document is not
kept. Pseudonyms stand in it where the one who asked may look them up; of all others it says the domain and how many.
"""

from __future__ import annotations

from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.errors import Conflict, NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identity_life import UnknownPerson
from ttp.core.names import IdentityId, LeafId, PersonId
from ttp.core.persons import LOCAL, Identity, IdentityState, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import checked_reason
from ttp.core.subject_report import Disclosure, SubjectReport
from ttp.services.approvals.settle_approval import (
    Asked,
    finish_approval,
    grant_approval,
    opened,
    request_approval,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.trace_subject import Trace, forms_of, traces_of
from ttp.services.persons.gather_subject import gather_subject, known_values
from ttp.services.pseudonyms.reidentify import cover

KIND = ApprovalKind.SUBJECT_ACCESS


def request_subject_access(
    center: Center, tx: Transaction, actor: Actor, *, person: PersonId, note: str
) -> Approval:
    """Ask to have everything put together that is held about a person; ``note`` is for who decides, kept sealed.

    Raises:
        NotAllowed, WrongRole, UnknownPerson, ReasonMissing, InvalidField: and nothing is changed.
    """
    _require(center, actor)
    members = _members(tx, person)
    sealed = {"members": [str(one.id) for one in members], "reason": checked_reason(note)}
    subject = {"identities": len(members)}
    return request_approval(center, tx, actor, Asked(KIND, subject, sealed=sealed))


def approve_subject_access(
    center: Center, tx: Transaction, actor: Actor, asked: Approval
) -> Approval:
    """Another person's yes; nothing is read yet.

    Raises:
        NotAllowed, NotFound, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    return grant_approval(center, tx, actor, approval_id=asked.id, kind=KIND, carried_out=False)


def access_subject(center: Center, actor: Actor, *, approval_id: UUID) -> SubjectReport:
    """Everything held about the person of an approved request, once. No transaction may be open.

    Raises:
        NotAllowed: another's request, or the right was lost meanwhile. NotFound, Conflict: no such request.
        ApprovalClosed: not approved, carried out before, or too late. UnknownPerson: nothing is held any more.
        AuditUnavailable: no checkpoint covers it in time; nothing is answered.
    """
    _require(center, actor)
    forms = center.work.run(lambda tx: _forms(center, tx, actor, approval_id), write=False)
    traces = traces_of(center, forms)
    report, leaf = center.work.run(lambda tx: _carry_out(center, tx, actor, approval_id, traces))
    cover(center, leaf)
    return report


def _require(center: Center, actor: Actor) -> None:
    actor.require_population(Right.MANAGE_PERSON, LOCAL)
    actor.require(Right.READ_PERSON)
    require_local(center)


def _members(tx: Transaction, person: PersonId) -> list[Identity]:
    members = [
        one
        for one in tx.identities.members([person])
        if one.population == LOCAL and one.state is not IdentityState.DELETED
    ]
    if not members:
        raise UnknownPerson
    return sorted(members, key=lambda one: one.ordinal)


def _present(center: Center, tx: Transaction, asked: Approval) -> list[Identity]:
    """The identities of the person as it stands now, by those it had when it was asked for."""
    named = [IdentityId(UUID(one)) for one in opened(center, asked)["members"]]
    known = tx.identities.get(named)
    alive = [one for one in known.values() if one.state is not IdentityState.DELETED]
    if len({one.person for one in alive}) > 1:
        raise Conflict("The person was parted since the request; ask anew.")
    return _members(tx, alive[0].person) if alive else _members(tx, PersonId(named[0]))


def _checked(tx: Transaction, actor: Actor, approval_id: UUID) -> Approval:
    asked = tx.approvals.get(approval_id)
    if asked.kind is not KIND:
        raise Conflict("This request is of another kind.")
    if not asked.is_own(actor) or actor.kind is not asked.requested_as:
        raise NotAllowed("Only who asked for it carries out a subject access.")
    return asked


def _forms(center: Center, tx: Transaction, actor: Actor, approval_id: UUID) -> tuple[bytes, ...]:
    """What leaves may name the person by; nothing is read before the request is known to be in order."""
    asked = _checked(tx, actor, approval_id)
    asked.carried_out(at=center.clock.now())
    members = _present(center, tx, asked)
    values = known_values(center, tx, members)
    named = {form for one in members for form in forms_of(one.id)}
    return tuple(sorted(named | {value.encode() for value in values}))


def _carry_out(
    center: Center, tx: Transaction, actor: Actor, approval_id: UUID, traces: list[Trace]
) -> tuple[SubjectReport, LeafId]:
    asked = _checked(tx, actor, approval_id)
    members = _present(center, tx, asked)
    done = finish_approval(center, tx, asked)
    held = gather_subject(center, tx, actor, members)
    disclosures = [
        Disclosure(one.at, one.actor, one.action, one.scope, one.purpose) for one in traces
    ]
    report = SubjectReport(
        center=center.name,
        made_at=center.clock.now(),
        approval=done.id,
        requested_by=done.requested_by,
        approved_by=done.decided_by or "",
        held=held,
        disclosures=disclosures,
    )
    leaf = new_leaf_id(center)
    act = Act(
        EventKind.SUBJECT_ACCESS_GIVEN,
        domain=scope_of(LOCAL),
        approval=str(done.id),
        counts={"identities": len(members), "disclosures": len(disclosures)},
        facts={"approved_by": done.decided_by or ""},
        subjects=tuple(sorted(one.id.bytes for one in members)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return report, leaf
