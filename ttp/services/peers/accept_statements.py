"""Accept statements: what a trusted peer's own keys say of their successors is believed; a revocation ends all trust.

A center that was offline fetches what it missed: the statements prove themselves, whoever hands them over.
"""

from __future__ import annotations

from collections.abc import Sequence

from keys.errors import StatementRefused
from keys.succession import SignedStatement, Standing, StatementKind
from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import Peers
from ttp.core.key_statements import KeyStatementRefused
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.services.log.record_refusals import count_refusal
from ttp.services.peers.announce_keys import keep_statement

FORKED = "forked"
"""The peer, or somebody with its key, said something else under this number before."""


def accept_statements(
    center: Center, tx: Transaction, actor: Actor, *, name: str, documents: Sequence[object]
) -> int:
    """Believe what the statements of a trusted peer say; returns the number of the last that is accounted for.

    The same ones again change nothing. ``actor`` is whoever hands them over; nothing rests on that.

    Raises:
        NotAllowed, UnknownPeer, PeerNotTrusted, KeyStatementRefused, Conflict: and nothing is changed.
    """
    actor.require(Right.FEDERATE)
    before = tx.peer_keys.standing(name)
    now = int(center.clock.now().timestamp())
    try:
        statements = [SignedStatement.read(one) for one in documents]
        after = before.follow_all(statements, now=now)
    except StatementRefused as error:
        raise KeyStatementRefused(reason=error.reason.value) from error
    if after.revoked:
        _revoke(center, tx, actor, before, after, statements)
        return after.sequence
    _check_fork(tx, before, statements)
    if after == before:
        return after.sequence
    tx.peer_keys.advance(before, after, at=center.clock.now())
    for signed in statements:
        if before.sequence < signed.statement.sequence <= after.sequence:
            keep_statement(center, tx, actor, signed, EventKind.PEER_KEYS_SUCCEEDED)
    return after.sequence


def fetch_statements(center: Center, peers: Peers) -> int:
    """Ask every trusted peer for its statements and accept what is new; returns how many peers had some.

    One that cannot be reached is passed over; one whose statements do not hold is counted as refused.
    """
    known = center.work.run(lambda tx: tx.peers.all(), write=False)
    return sum(_fetch(center, peers, one) for one in known if one.state is PeerState.TRUSTED)


def _fetch(center: Center, peers: Peers, peer: Peer) -> bool:
    try:
        documents = peers.statements(peer)
        sequence = center.work.run(
            lambda tx: accept_statements(center, tx, SYSTEM, name=peer.name, documents=documents)
        )
    except KeyStatementRefused as error:
        code = str(error.facts.get("reason", error.code))
        center.work.run(lambda tx: count_refusal(center, tx, actor=peer.name, code=code))
        return False
    except TTPError:
        return False
    return sequence != peer.statements


def _revoke(
    center: Center,
    tx: Transaction,
    actor: Actor,
    before: Standing,
    after: Standing,
    statements: Sequence[SignedStatement],
) -> None:
    tx.peer_keys.advance(before, after, at=center.clock.now())
    for signed in statements:
        if signed.statement.kind is StatementKind.REVOKED:
            keep_statement(center, tx, actor, signed, EventKind.PEER_KEY_REVOKED)
            return


def _check_fork(tx: Transaction, before: Standing, statements: Sequence[SignedStatement]) -> None:
    kept = {
        (one.statement.sequence, one.statement.old_key): one
        for one in tx.statements.of(before.center)
    }
    for signed in statements:
        said = signed.statement
        standing = kept.get((said.sequence, said.old_key))
        if standing is not None and standing.statement != said:
            raise KeyStatementRefused(
                "The peer, or somebody with its key, has said otherwise before.", reason=FORKED
            )
