"""Request a role: who may approve or read the log is decided by two persons, once there are two stewards to do so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from keys.passwords import hash_password
from keys.randomness import random_token
from ttp.core.access import STAFF_ROLES, Actor, Right, Role
from ttp.core.accounts import Staff
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists, Conflict, InvalidField, NotFound
from ttp.core.event_kinds import EventKind
from ttp.core.names import StaffName, slug
from ttp.core.ports import Transaction
from ttp.services.access.open_account import (
    acceptable_password,
    disable_account,
    needs_second_person,
    open_account,
)
from ttp.services.approvals.settle_approval import Asked, grant_approval, opened, request_approval
from ttp.services.log.record_leaf import Act, record_leaf

OPEN, CHANGE, DISABLE = "open", "change", "disable"


@dataclass(frozen=True, slots=True)
class RequestedAccount:
    """The password of a new account, and the request on which it waits; None: it is open."""

    password: str = field(repr=False)
    approval: UUID | None


def request_account(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    name: str,
    role: Role,
    display_name: str = "",
    language: str = "de",
    password: str | None = None,
) -> RequestedAccount:
    """Open an account; that of a steward or auditor waits for a second person, with the password given now.

    Raises:
        NotAllowed, InvalidName, InvalidField, AlreadyExists: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if not needs_second_person(center, tx, actor, role):
        secret = open_account(
            center,
            tx,
            actor,
            name=name,
            role=role,
            display_name=display_name,
            language=language,
            password=password,
        )
        return RequestedAccount(secret, None)
    if any(known.name == name for known in tx.staff.all()):
        raise AlreadyExists("An account of this name exists.")
    secret = random_token() if password is None else acceptable_password(password)
    sealed = {
        "password_hash": hash_password(secret),
        "display_name": display_name,
        "language": language,
    }
    subject = {"account": slug(name, of="person"), "role": role.value, "change": OPEN}
    asked = Asked(ApprovalKind.ROLE, subject, sealed=sealed)
    return RequestedAccount(secret, request_approval(center, tx, actor, asked).id)


def request_role(
    center: Center, tx: Transaction, actor: Actor, *, name: str, role: Role
) -> Approval | None:
    """Give an account another role; None: done. A change from or to steward or auditor waits for a second person.

    Raises:
        NotAllowed, NotFound, InvalidField: and nothing is changed. Conflict: the account has this role.
    """
    actor.require(Right.ADMINISTER)
    account = _account(tx, name)
    if role not in STAFF_ROLES:
        raise InvalidField("An account is a clerk's, a steward's, an auditor's or a researcher's.")
    if account.role is role:
        raise Conflict("The account has this role.")
    if not any(needs_second_person(center, tx, actor, one) for one in (account.role, role)):
        _change(center, tx, actor, name, role, None)
        return None
    subject = {"account": name, "role": role.value, "change": CHANGE}
    return request_approval(center, tx, actor, Asked(ApprovalKind.ROLE, subject))


def request_disabling(
    center: Center, tx: Transaction, actor: Actor, *, name: str
) -> Approval | None:
    """End an account; None: done. Only ending one of the last two stewards' waits for a second person.

    Raises:
        NotAllowed, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    account = _account(tx, name)
    waits = account.role is Role.STEWARD and len(_stewards(tx)) <= 2
    if not (waits and needs_second_person(center, tx, actor, account.role)):
        disable_account(center, tx, actor, name=name)
        return None
    subject = {"account": name, "role": account.role.value, "change": DISABLE}
    return request_approval(center, tx, actor, Asked(ApprovalKind.ROLE, subject))


def settle_role(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> Approval:
    """Approve the request; the account is opened, changed or ended in this transaction.

    Raises:
        NotAllowed, NotFound, Conflict, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    granted = grant_approval(center, tx, actor, approval_id=asked.id, kind=ApprovalKind.ROLE)
    name, role = str(granted.subject["account"]), Role(str(granted.subject["role"]))
    match granted.subject["change"]:
        case "open":
            _open(center, tx, actor, granted, name, role)
        case "change":
            _change(center, tx, actor, name, role, granted)
        case _:
            disable_account(center, tx, actor, name=name, approval=granted.id)
    return granted


def _open(
    center: Center, tx: Transaction, actor: Actor, granted: Approval, name: str, role: Role
) -> None:
    kept = opened(center, granted)
    account = Staff(
        center.new_id(),
        StaffName(name),
        role,
        str(kept["display_name"]) or name,
        str(kept["password_hash"]),
        str(kept["language"]),
        None,
    )
    tx.staff.add(account)
    facts = {"account": name, "role": role.value, "requested_by": granted.requested_by}
    act = Act(EventKind.ACCOUNT_OPENED, approval=str(granted.id), facts=facts)
    record_leaf(center, tx, actor, act)


def _change(
    center: Center, tx: Transaction, actor: Actor, name: str, role: Role, granted: Approval | None
) -> None:
    tx.staff.change_role(replace(_account(tx, name), role=role))
    facts = {"account": name, "role": role.value}
    approval = str(granted.id) if granted else None
    act = Act(EventKind.ACCOUNT_ROLE_CHANGED, approval=approval, facts=facts)
    record_leaf(center, tx, actor, act)


def _account(tx: Transaction, name: str) -> Staff:
    found = tx.staff.by_name(name)
    if found is None:
        raise NotFound("No account of this name is open.")
    return found


def _stewards(tx: Transaction) -> list[Staff]:
    return [one for one in tx.staff.all() if one.role is Role.STEWARD and one.disabled_at is None]
