"""Reshare custody: new shares of the same root are dealt, and in force once all are read back; both leave leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from keys.custody import quorum
from keys.custody.errors import NoResharing
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf


def deal_anew(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    path: Path,
    present: Sequence[str],
    threshold: int,
    custodians: Sequence[str],
) -> tuple[tuple[quorum.Share, ...], quorum.Statement]:
    """Deal shares to new custodians; the old ones stay in force until `put_in_force`. Gives shares and statement.

    Not to be retried: every call deals again.

    Raises:
        NotAllowed: the actor does not administer.
        CannotUnseal: what is wrong with the present shares. QuorumImpossible: threshold or names.
    """
    actor.require(Right.ADMINISTER)
    shares = quorum.reshare(path, present, threshold=threshold, custodians=custodians)
    statement = quorum.Statement.read(pending_statement(path))
    record_leaf(center, tx, actor, Act(EventKind.CUSTODY_DEALT_ANEW, facts=_facts(statement)))
    return shares, statement


def put_in_force(
    center: Center, tx: Transaction, actor: Actor, *, path: Path, shares: Sequence[str]
) -> quorum.Statement:
    """Put the new shares in force, all of which have been read back; the old ones are refused from now on.

    Not to be retried: what is in force cannot be confirmed again.

    Raises:
        NotAllowed: the actor does not administer.
        NoResharing, SharesMissing, CannotUnseal: nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if not pending_statement(path).exists():
        raise NoResharing("no resharing of this quorum is under way")
    statement = quorum.Statement.read(pending_statement(path))
    record_leaf(center, tx, actor, Act(EventKind.CUSTODY_RESHARED, facts=_facts(statement)))
    quorum.confirm(path, shares)
    return statement


def pending_statement(path: Path) -> Path:
    """Where the statement of a resharing under way lies."""
    return path.with_name(f"{path.name}.next")


def _facts(statement: quorum.Statement) -> dict[str, str]:
    return {
        "quorum": statement.quorum,
        "epoch": str(statement.epoch),
        "threshold": str(statement.threshold),
        "custodians": ", ".join(custodian.name for custodian in statement.custodians),
    }
