"""Change identities: rest them, take them up again, prefer one; what was done stays on record, by whom and why.

An inactive identity keeps its links, so that the person it bridges remains one person; only who asks for it lets the
automatic links go. Taken up again it is matched as if it had just come.
"""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import InvalidField, TooManyItems
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identities import MAXIMAL_RECORDS
from ttp.core.identity_life import (
    MOST_SOURCES,
    ChangeKind,
    ChangeReason,
    IdentityChange,
    UnknownIdentity,
)
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import LOCAL, Identity, IdentityState, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.matching.weigh_again import versions_of
from ttp.services.persons.follow_changes import AUTOMATIC
from ttp.services.persons.link_matches import link_matches, match_stored
from ttp.services.persons.match_records import index_of
from ttp.services.persons.register_identities import checked_source
from ttp.services.persons.settle_persons import settle, settle_cases


def deactivate_identities(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    identities: Sequence[IdentityId],
    reason: ChangeReason,
    end_links: bool = False,
) -> int:
    """Match these no more; returns how many were active. With ``end_links`` their automatic links end, too.

    Raises:
        NotAllowed, WrongRole, UnknownIdentity, TooManyItems: and nothing is changed.
    """
    rows = held_identities(center, tx, actor, identities)
    chosen = [one.id for one in rows if one.state is IdentityState.ACTIVE]
    leaf = new_leaf_id(center)
    tx.identity_life.set_state(LOCAL, chosen, IdentityState.INACTIVE, leaf=leaf)
    ended = _end_automatic(center, tx, chosen, leaf=leaf) if end_links else 0
    settle_cases(center, tx, chosen, leaf=leaf)
    note_changes(center, tx, actor, chosen, ChangeKind.DEACTIVATED, reason, leaf=leaf)
    counts = {"identities": len(chosen), "unlinked": ended}
    _record(center, tx, actor, EventKind.IDENTITIES_DEACTIVATED, chosen, counts, leaf=leaf)
    return len(chosen)


def reactivate_identities(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    identities: Sequence[IdentityId],
    reason: ChangeReason,
) -> int:
    """Match these again, with everybody who came meanwhile; returns how many were inactive.

    Raises:
        NotAllowed, WrongRole, UnknownIdentity, TooManyItems: and nothing is changed.
    """
    rows = held_identities(center, tx, actor, identities)
    chosen = [one.id for one in rows if one.state is IdentityState.INACTIVE]
    leaf, population = new_leaf_id(center), tx.identities.population(LOCAL)
    index = index_of(center, tx, population)  # before anything is written that could be rolled back
    tx.identity_life.set_state(LOCAL, chosen, IdentityState.ACTIVE, leaf=leaf)
    settle_cases(center, tx, chosen, leaf=leaf)
    stored = versions_of(center, tx, LOCAL, chosen)
    records = [(one, version, data) for one, (version, data) in stored.items()]
    asked = link_matches(center, tx, population, match_stored(tx, index, records), leaf=leaf)
    note_changes(center, tx, actor, chosen, ChangeKind.REACTIVATED, reason, leaf=leaf)
    counts = {"identities": len(chosen), "questions": len(asked)}
    _record(center, tx, actor, EventKind.IDENTITIES_REACTIVATED, chosen, counts, leaf=leaf)
    return len(chosen)


def prefer_identity(
    center: Center, tx: Transaction, actor: Actor, *, identity: IdentityId, pinned: bool = True
) -> int:
    """Let this identity speak for its person whatever the order of sources says, or no longer; returns 1 if it did not.

    Raises:
        NotAllowed, WrongRole, UnknownIdentity: and nothing is changed.
    """
    (row,) = held_identities(center, tx, actor, [identity])
    if pinned is (row.pinned_at is not None):
        return 0
    leaf = new_leaf_id(center)
    tx.identity_life.pin(identity, at=center.clock.now() if pinned else None, leaf=leaf)
    kind = ChangeKind.PINNED if pinned else ChangeKind.UNPINNED
    note_changes(center, tx, actor, [identity], kind, None, leaf=leaf)
    _record(
        center, tx, actor, EventKind.IDENTITY_PREFERRED, [identity], {"pinned": pinned}, leaf=leaf
    )
    return 1


def order_sources(center: Center, tx: Transaction, actor: Actor, *, sources: Sequence[str]) -> None:
    """Say whose identities speak for a person, the most trusted source first; those not named come last.

    Raises:
        NotAllowed, WrongRole, InvalidField: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    require_local(center)
    names = [checked_source(one) for one in sources]
    if len(set(names)) != len(names) or len(names) > MOST_SOURCES:
        raise InvalidField(f"An order names at most {MOST_SOURCES} sources, each once.")
    leaf = new_leaf_id(center)
    tx.identities.lock(LOCAL)
    tx.identity_life.set_sources(LOCAL, names, leaf=leaf)
    act = Act(EventKind.SOURCES_ORDERED, domain=scope_of(LOCAL), counts={"sources": len(names)})
    record_leaf(center, tx, actor, act, leaf_id=leaf)


def held_identities(
    center: Center, tx: Transaction, actor: Actor, identities: Sequence[IdentityId]
) -> list[Identity]:
    """These identities of the local population, which stays as it is until the transaction ends.

    Raises:
        NotAllowed, WrongRole: the actor may not. UnknownIdentity: one does not exist or was deleted.
        TooManyItems: more than 1,000.
    """
    actor.require_population(Right.MANAGE_PERSON, LOCAL)
    require_local(center)
    wanted = list(dict.fromkeys(identities))
    if len(wanted) > MAXIMAL_RECORDS:
        raise TooManyItems(f"A request names at most {MAXIMAL_RECORDS} identities.")
    tx.identities.lock(LOCAL)
    found = tx.identities.get(wanted)
    rows = [found[one] for one in wanted if one in found]
    local = [one for one in rows if one.population == LOCAL]
    if len(local) < len(wanted) or any(one.state is IdentityState.DELETED for one in local):
        raise UnknownIdentity
    return local


def note_changes(
    center: Center,
    tx: Transaction,
    actor: Actor,
    identities: Sequence[IdentityId],
    kind: ChangeKind,
    reason: ChangeReason | None,
    *,
    leaf: LeafId,
) -> None:
    """Put what was done to each identity on record."""
    by, now = f"{actor.kind}:{actor.name}", center.clock.now()
    changes = [IdentityChange(one, kind, reason, by, now, leaf) for one in identities]
    tx.identity_life.add_changes([(center.new_id(), one) for one in changes])


def _end_automatic(
    center: Center, tx: Transaction, identities: Sequence[IdentityId], *, leaf: LeafId
) -> int:
    standing = tx.edges.standing(identities)
    edges = [one for one in standing if one.decision is None and one.made_by.startswith(AUTOMATIC)]
    tx.edges.end_some([one.id for one in edges], by=leaf, at=center.clock.now(), leaf=leaf)
    settle(center, tx, sorted({one for edge in edges for one in edge.pair}), leaf=leaf)
    return len(edges)


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    kind: EventKind,
    identities: Sequence[IdentityId],
    counts: dict[str, int],
    *,
    leaf: LeafId,
) -> None:
    subjects = tuple(sorted(one.bytes for one in identities))
    act = Act(kind, domain=scope_of(LOCAL), counts=counts, subjects=subjects)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
