"""Hand in a transfer: values, or pseudonyms in a domain, wait sealed under random IDs for one receiver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from keys.digests import sha256
from keys.randomness import random_token
from keys.seal import binding, seal_many
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import AtomicBatchRefused, InvalidField, NotFound, TTPError, UnknownPseudonym
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.pseudonyms import Issued, PseudonymState, checked_pseudonym
from ttp.core.transfers import (
    MAXIMAL_VALUE_BYTES,
    Carried,
    Transfer,
    UnknownReceiver,
    checked_lifetime,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.limit_batch import limit_batch
from ttp.services.transport.project_key import project_key, transport_project

_LINKED = frozenset({PseudonymState.ACTIVE, PseudonymState.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to carry: a value as it is, the pseudonym of an original, or a pseudonym that exists.

    ``transport_id``: the ID under which it waits, where the sender chose one; it has at least 128 random bits.
    """

    value: str | None = None
    original: str | None = None
    pseudonym: str | None = None
    domain: str | None = None
    transport_id: str | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the sender gets: the transfer's ID, the transport IDs in the order handed in, and until when they last."""

    transfer: str
    transport_ids: list[str]
    expires_at: datetime


def hand_in_transfer(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    project_name: str,
    receiver: str,
    items: Sequence[Item],
    lifetime: timedelta | None = None,
) -> HandedIn:
    """Seal what the items stand for under transport IDs (256 random bits, URL safe), all or nothing.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, TooManyItems, InvalidField, UnknownDomain, UnknownReceiver.
        AtomicBatchRefused: an item cannot be carried; every position and code is named.
    """
    project = transport_project(center, tx, actor, project_name)
    limit_batch(tx, len(items), atomic=True)
    if not items:
        raise InvalidField("A transfer carries at least one item.")
    _require_receiver(tx, project, receiver)
    expires_at = center.clock.now() + checked_lifetime(lifetime)
    values = _values(center, tx, actor, items)
    transfer, leaf = random_token(), new_leaf_id(center)
    names = [one.transport_id or random_token() for one in items]
    new = Transfer(
        sha256(transfer.encode()),
        project.name,
        actor.name,
        receiver,
        len(items),
        center.clock.now(),
        expires_at,
        leaf,
    )
    tx.transfers.add(new, _sealed(center, project, new, names, values))
    facts = {"project": project.name, "receiver": receiver}
    act = Act(EventKind.TRANSFER_MADE, counts={"items": len(items)}, facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return HandedIn(transfer, names, expires_at)


def bound_to(transfer: bytes, transport_id: bytes) -> bytes:
    """The place of a carried value: its transfer's digest and its own."""
    return binding("transport_id", "envelope", "", transfer + transport_id)


def _require_receiver(tx: Transaction, project: Project, receiver: str) -> None:
    """Pass if the receiver is a client that may exchange in this project."""
    try:
        client = tx.clients.by_name(receiver)
    except NotFound:
        client = None
    if client is None or client.revoked_at is not None:
        raise UnknownReceiver
    found = client.actor()
    if not found.may(Right.TRANSPORT) or not found.sees(project.name):
        raise UnknownReceiver


def _values(center: Center, tx: Transaction, actor: Actor, items: Sequence[Item]) -> list[str]:
    """What each item stands for; items of a domain are asked for together."""
    found: list[str | TTPError | None] = [_plain(one) for one in items]
    wanted = [number for number, one in enumerate(found) if one is None]
    for domain in sorted({items[number].domain or "" for number in wanted}):
        inside = [number for number in wanted if items[number].domain == domain]
        fresh = [number for number in inside if items[number].original is not None]
        known = [number for number in inside if items[number].original is None]
        originals = [items[number].original for number in fresh]
        if fresh:
            issued = issue_pseudonyms(
                center, tx, actor, domain_name=domain, originals=list(originals)
            )
            _fill(found, fresh, [_token(one) for one in issued])
        if known:
            texts = [items[number].pseudonym or "" for number in known]
            _fill(found, known, _existing(center, tx, actor, domain, texts))
    errors = [
        {"position": number, "code": one.code}
        for number, one in enumerate(found)
        if isinstance(one, TTPError)
    ]
    if errors:
        raise AtomicBatchRefused(errors=errors)
    return [one for one in found if isinstance(one, str)]


def _plain(item: Item) -> str | TTPError | None:
    """The value of an item as it is; None if it has to be asked for."""
    given = [one for one in (item.value, item.original, item.pseudonym) if one is not None]
    if len(given) != 1 or (item.value is None) != (item.domain is not None):
        return InvalidField("An item has a value, or a domain and an original or a pseudonym.")
    if item.transport_id is not None and not 21 <= len(item.transport_id) <= 64:
        return InvalidField("A transport ID has 21 to 64 characters.")
    if not 1 <= len(given[0].encode("utf-8", "replace")) <= MAXIMAL_VALUE_BYTES:
        return InvalidField("A value has 1 to 4,096 bytes.")
    return item.value


def _fill(
    found: list[str | TTPError | None], numbers: Sequence[int], values: Sequence[str | TTPError]
) -> None:
    for number, value in zip(numbers, values, strict=True):
        found[number] = value


def _token(issued: Issued | TTPError) -> str | TTPError:
    return issued if isinstance(issued, TTPError) else issued.pseudonym


def _existing(
    center: Center, tx: Transaction, actor: Actor, domain_name: str, texts: Sequence[str]
) -> list[str | TTPError]:
    """Each pseudonym that stands for something, superseded ones included; an error in the place of others."""
    domain = tx.domains.get(domain_name)
    actor.require(Right.LOOKUP, domain.name)
    domain.state.require_reading()
    checked: list[str | TTPError] = []
    for text in texts:
        try:
            checked.append(checked_pseudonym(text, domain))
        except TTPError as error:
            checked.append(error)
    tokens = sorted({checked_pseudonym(one, domain) for one in checked if isinstance(one, str)})
    now = center.clock.now()
    standing = tx.pseudonym_states.standing(domain, tokens)
    known = {token for token, one in standing.items() if one.at(now).state in _LINKED}
    return [
        one if isinstance(one, TTPError) or one in known else UnknownPseudonym() for one in checked
    ]


def _sealed(
    center: Center,
    project: Project,
    transfer: Transfer,
    names: Sequence[str],
    values: Sequence[str],
) -> list[Carried]:
    if len(set(names)) != len(names):
        raise InvalidField("A transfer holds each transport ID once.")
    key = project_key(center, project)
    digests = [sha256(name.encode()) for name in names]
    envelopes = seal_many(
        key.secret,
        [
            (orjson.dumps([name, value]), bound_to(transfer.digest, digest))
            for name, value, digest in zip(names, values, digests, strict=True)
        ],
        key_version=key.version,
    )
    return [
        Carried(transfer.digest, digest, envelope)
        for digest, envelope in zip(digests, envelopes, strict=True)
    ]
