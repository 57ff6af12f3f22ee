"""Exchange a transfer: its receiver gets what the transport IDs stand for, once; what expired is removed."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from keys.digests import sha256
from keys.seal import by_key_version, open_many
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.transfers import (
    EXPIRED_KNOWN_FOR,
    Carried,
    Transfer,
    TransferExchanged,
    TransferExpired,
    UnknownTransfer,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.limit_batch import limit_batch
from ttp.services.transport.hand_in_transfer import bound_to
from ttp.services.transport.project_key import project_key_at, transport_project


def exchange_transfer(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, transfer: str
) -> dict[str, str]:
    """What all transport IDs of the transfer stand for that were not exchanged before.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive.
        UnknownTransfer: there is none, or it is another project's or receiver's.
        TransferExpired, TransferExchanged: too late, or a second time.
    """
    project = transport_project(center, tx, actor, project_name)
    found = _waiting(center, tx, actor, project, sha256(transfer.encode()))
    left = [one for one in tx.transfers.carried_by(found.digest) if one.envelope is not None]
    if not left:
        raise TransferExchanged
    return _hand_out(center, tx, actor, project, left, {found.sender})


def exchange_transport_ids(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, names: Sequence[str]
) -> dict[str, str]:
    """What these transport IDs stand for, whatever transfers they are of; all of them or none.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, TooManyItems.
        UnknownTransfer, TransferExpired, TransferExchanged: for one of them at least.
    """
    project = transport_project(center, tx, actor, project_name)
    limit_batch(tx, len(names), atomic=True)
    if not names:
        raise UnknownTransfer
    digests = {sha256(name.encode()) for name in names}
    transfers: dict[bytes, Transfer] = {}
    carried: list[Carried] = []
    for one in tx.transfers.carried(sorted(digests)):
        if one.transfer not in transfers:
            known = tx.transfers.find(one.transfer)
            if known is None or not _is_for(known, actor, project):
                continue
            transfers[one.transfer] = _waiting(center, tx, actor, project, one.transfer)
        carried.append(one)
    if {one.digest for one in carried} != digests:
        raise UnknownTransfer
    if any(one.envelope is None for one in carried):
        raise TransferExchanged
    senders = {one.sender for one in transfers.values()}
    return _hand_out(center, tx, actor, project, carried, senders)


def forget_transfers(center: Center, tx: Transaction) -> int:
    """Remove what expired; for a day it stays known that it did. Returns how many values were removed."""
    now = center.clock.now()
    return tx.transfers.forget(expired=now, known=now - EXPIRED_KNOWN_FOR)


def _waiting(
    center: Center, tx: Transaction, actor: Actor, project: Project, digest: bytes
) -> Transfer:
    found = tx.transfers.find(digest)
    if found is None or not _is_for(found, actor, project):
        raise UnknownTransfer
    if center.clock.now() >= found.expires_at:
        raise TransferExpired
    return found


def _is_for(transfer: Transfer, actor: Actor, project: Project) -> bool:
    return transfer.receiver == actor.name and transfer.project == project.name


def _hand_out(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project: Project,
    carried: Sequence[Carried],
    senders: set[str],
) -> dict[str, str]:
    leaf = new_leaf_id(center)
    tx.transfers.take(carried, leaf=leaf)
    facts = {"project": project.name, "from": ",".join(sorted(senders))[:200]}
    act = Act(EventKind.TRANSFER_EXCHANGED, counts={"items": len(carried)}, facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return _open(center, project, carried)


def _open(center: Center, project: Project, carried: Sequence[Carried]) -> dict[str, str]:
    """The values by transport ID, in the order handed in."""
    envelopes = [one.envelope or b"" for one in carried]
    texts: list[bytes] = [b""] * len(carried)
    for version, positions in by_key_version(envelopes).items():
        key = project_key_at(center, project, version)
        pairs = [
            (envelopes[at], bound_to(carried[at].transfer, carried[at].digest)) for at in positions
        ]
        for at, text in zip(positions, open_many(key.secret, pairs), strict=True):
            texts[at] = text
    return dict(orjson.loads(text) for text in texts)
