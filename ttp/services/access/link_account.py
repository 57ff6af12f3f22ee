"""Link accounts: an administrator says which subject of an identity provider may use which account."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.accounts import Staff
from ttp.core.center import Center
from ttp.core.errors import InvalidField, NotFound
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.providers import LONGEST_SUBJECT, AccountLink, Issuer
from ttp.services.log.record_leaf import Act, record_leaf


def link_account(
    center: Center, tx: Transaction, actor: Actor, issuer: Issuer, *, name: str, subject: str
) -> None:
    """Let a subject of the issuer log in to the account.

    Raises:
        NotAllowed, NotFound, InvalidField, AlreadyExists: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise InvalidField(f"A subject has 1 to {LONGEST_SUBJECT} printable characters.")
    staff = _open_account(tx, name)
    tx.providers.link(AccountLink(issuer.url, subject, staff.id, center.clock.now()))
    facts = {"account": staff.name, "issuer": issuer.name}
    record_leaf(center, tx, actor, Act(EventKind.ACCOUNT_LINKED, facts=facts))


def unlink_account(
    center: Center, tx: Transaction, actor: Actor, issuer: Issuer, *, name: str
) -> None:
    """End what subjects of the issuer may do with the account, and the sessions they have open.

    Raises:
        NotAllowed, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    staff = _open_account(tx, name)
    if not tx.providers.unlink(issuer.url, staff.id):
        raise NotFound("The account has no link to this issuer.")
    for session in tx.providers.sessions_of(issuer.url, sid_digest=None, staff_id=staff.id):
        tx.sessions.close(session.token_digest)
    facts = {"account": staff.name, "issuer": issuer.name}
    record_leaf(center, tx, actor, Act(EventKind.ACCOUNT_UNLINKED, facts=facts))


def _open_account(tx: Transaction, name: str) -> Staff:
    staff = tx.staff.by_name(name)
    if staff is None:
        raise NotFound("No account of this name is open.")
    return staff
