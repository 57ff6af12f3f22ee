"""Translate pseudonyms: from one domain into another, without anybody seeing the originals.

In the domain they come from it is resolving, with grant, budget, reason and leaf; in the other it is issuing, with a
leaf of its own. Two leaves, because commitments to subjects are keyed per domain.
"""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import NotAllowed, TooManyItems, TTPError, UnknownPseudonym
from ttp.core.event_kinds import EventKind
from ttp.core.names import Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import MAXIMAL_ITEMS, Issued
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.pseudonyms.find_anchors import holds_local_persons, require_tellable
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms, refuse_if_atomic
from ttp.services.pseudonyms.resolve_pseudonyms import (
    check_pseudonyms,
    open_pseudonyms,
    spend_grant,
)

Answers = list[Issued | TTPError]


def translate_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    into: str,
    pseudonyms: Sequence[object],
    reason: str | None,
    create: bool = True,
    atomic: bool = False,
) -> Answers:
    """The pseudonym in ``into`` of what each pseudonym stands for, in the order asked; drawn if ``create``.

    Persons are translated among domains of persons only: elsewhere the center's own IDs would become originals.

    Raises:
        UnknownDomain, NotAllowed, NoGrant, ReasonMissing, BudgetExceeded, WrongDomainKind, TooManyItems:
            for the whole request.
        AtomicBatchRefused: the batch is atomic and holds items that cannot be answered.
    """
    source = tx.domains.get(domain_name)
    actor.require(Right.RESOLVE, source.name)
    target = tx.domains.get(into)
    actor.require(Right.ISSUE if create else Right.LOOKUP, target.name)
    source.state.require_reading()
    if source.project or target.project:
        raise NotAllowed("Pseudonyms of projects are not translated: that would join projects.")
    if not holds_local_persons(target):
        require_tellable(source)
    if len(pseudonyms) > MAXIMAL_ITEMS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_ITEMS} items.")
    checked = check_pseudonyms(pseudonyms, source)
    valid = sorted({item for item in checked if isinstance(item, str)})
    grant, purpose = spend_grant(center, tx, actor, source, amount=len(valid), reason=reason)
    opened = open_pseudonyms(center, tx, source, valid)
    found = {token: originals[0] for token, originals in opened.items()}
    approval = str(grant.id) if grant else None
    _record(center, tx, actor, source, target, set(found.values()), purpose, approval)
    originals = sorted(set(found.values()))
    issued = issue_pseudonyms(
        center, tx, actor, domain_name=target.name, originals=originals, create=create
    )
    answers = _answers(checked, found, dict(zip(originals, issued, strict=True)))
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def _answers(
    checked: Sequence[Pseudonym | TTPError],
    found: dict[Pseudonym, Original],
    issued: dict[Original, Issued | TTPError],
) -> Answers:
    return [
        item
        if isinstance(item, TTPError)
        else issued[found[item]]
        if item in found
        else UnknownPseudonym()
        for item in checked
    ]


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    source: Domain,
    target: Domain,
    originals: set[Original],
    purpose: str,
    approval: str | None,
) -> None:
    act = Act(
        EventKind.PSEUDONYMS_TRANSLATED,
        domain=source.name,
        purpose=purpose,
        approval=approval,
        counts={"answered": len(originals)},
        facts={"into": target.name},
        subjects=tuple(sorted(original.encode() for original in originals)),
    )
    record_leaf(center, tx, actor, act)
