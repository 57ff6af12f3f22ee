"""Open an account: a person of this center gets a name, a role and a password that is stored only as argon2id."""

from __future__ import annotations

from uuid import UUID

from keys.passwords import hash_password
from keys.randomness import random_token
from ttp.core.access import STAFF_ROLES, Actor, ActorKind, Right, Role
from ttp.core.accounts import Staff
from ttp.core.center import Center
from ttp.core.errors import InvalidField, SecondPersonNeeded
from ttp.core.event_kinds import EventKind
from ttp.core.logins import MAXIMAL_PASSWORD, MINIMAL_PASSWORD
from ttp.core.names import StaffName, slug
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf

LANGUAGES = ("de", "en")
_NAME_LENGTH = 200
PRIVILEGED = frozenset({Role.STEWARD, Role.AUDITOR})
FIRST_STEWARDS = 2
"""Stewards the operator makes alone; from then on there are two persons to ask."""


def open_account(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    name: str,
    role: Role,
    display_name: str = "",
    language: str = "de",
    password: str | None = None,
) -> str:
    """Make a local account and return its password: the given one, or a drawn one of 256 random bits.

    Raises:
        NotAllowed, InvalidName, InvalidField, AlreadyExists: and nothing is changed.
        SecondPersonNeeded: a steward's or auditor's; see ``ttp.services.access.request_role``.
    """
    actor.require(Right.ADMINISTER)
    if needs_second_person(center, tx, actor, role):
        raise SecondPersonNeeded("A steward's or auditor's account is opened by two persons.")
    if role not in STAFF_ROLES:
        raise InvalidField("An account is a clerk's, a steward's, an auditor's or a researcher's.")
    if language not in LANGUAGES:
        raise InvalidField("The language of an account is 'de' or 'en'.")
    secret = random_token() if password is None else acceptable_password(password)
    account = Staff(
        center.new_id(),
        StaffName(slug(name, of="person")),
        role,
        _shown(display_name or name),
        hash_password(secret),
        language,
        None,
    )
    tx.staff.add(account)
    facts = {"account": account.name, "role": role.value}
    record_leaf(center, tx, actor, Act(EventKind.ACCOUNT_OPENED, facts=facts))
    return secret


def change_password(
    center: Center, tx: Transaction, actor: Actor, *, name: str, password: str | None = None
) -> str:
    """Give an account another password, drawn if none is given; its sessions end.

    Raises:
        NotAllowed, InvalidField, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    secret = random_token() if password is None else acceptable_password(password)
    tx.staff.set_password(name, hash_password(secret))
    record_leaf(center, tx, actor, Act(EventKind.ACCOUNT_PASSWORD_CHANGED, facts={"account": name}))
    return secret


def disable_account(
    center: Center, tx: Transaction, actor: Actor, *, name: str, approval: UUID | None = None
) -> None:
    """End an account for good; its sessions end in every process.

    Raises:
        NotAllowed, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    tx.staff.disable(name, at=center.clock.now())
    agreed = str(approval) if approval else None
    act = Act(EventKind.ACCOUNT_DISABLED, approval=agreed, facts={"account": name})
    record_leaf(center, tx, actor, act)


def needs_second_person(center: Center, tx: Transaction, actor: Actor, role: Role) -> bool:
    """Whether giving or taking this role needs two persons.

    Not for the first two stewards, whom the operator makes alone; nor when no steward is left who could agree.
    """
    if center.alone or role not in PRIVILEGED:
        return False
    stewards = [one for one in tx.staff.all() if one.role is Role.STEWARD]
    nobody_to_ask = len(stewards) < FIRST_STEWARDS or all(one.disabled_at for one in stewards)
    return not (actor.kind is ActorKind.OPERATOR and nobody_to_ask)


def acceptable_password(password: str) -> str:
    """The password, if its length is acceptable.

    Raises:
        InvalidField: otherwise.
    """
    if not MINIMAL_PASSWORD <= len(password) <= MAXIMAL_PASSWORD:
        raise InvalidField(f"A password has at least {MINIMAL_PASSWORD} characters.")
    return password


def _shown(display_name: str) -> str:
    if len(display_name) > _NAME_LENGTH or not display_name.isprintable():
        raise InvalidField(f"A shown name has at most {_NAME_LENGTH} printable characters.")
    return display_name
