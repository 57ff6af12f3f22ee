"""Fit keys: before anything is served, keyring, database and clock are shown to belong together."""

from __future__ import annotations

from keys.errors import CheckpointInvalid
from keys.keyring import KeyState, Purpose
from keys.signatures import SigningKey
from keys.transparency import verify_note
from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.center_identity import CenterIdentity, KeysDoNotFit
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.judge_log import require_standing
from ttp.services.log.record_leaf import Act, record_leaf


def require_fit(center: Center, tx: Transaction) -> None:
    """Pass if this center may be served; changes nothing.

    Raises:
        KeysDoNotFit: the database was written with another keyring.
        KeyringOutdated: the keyring is an older state of the one this database was served with.
        ClockBehind: the clock stands before the last audit entry.
        DatabaseOutdated, LogForked, AnchorMissing, AnchorInvalid: the log does not hold the anchor of the home.
        LogInDoubt: writing was stopped while the center served.
    """
    require_keyring(center, tx)
    require_standing(center, tx)
    newest = tx.audit.newest_at()
    if newest is not None:
        center.newest.saw(newest)
    center.newest.check(center.clock.now())


def require_keyring(center: Center, tx: Transaction) -> None:
    """Pass if the database was written with this keyring, in this state or an earlier one.

    Of a database that knows no keyring yet, the log tells: its newest checkpoint was signed with a key of this one.

    Raises:
        KeysDoNotFit, KeyringOutdated: it was not.
    """
    known = tx.center_identity.get()
    if known is not None:
        known.accept(identity_of(center))
        return
    newest = tx.audit.latest_checkpoint()
    if newest is not None and not _signed_here(center, newest.note):
        raise KeysDoNotFit


def remember_keyring(center: Center, tx: Transaction) -> int:
    """Write down how far the keyring has come; returns 1 if it had changed, else 0.

    A database that knows no keyring takes this one for its own, with a leaf.

    Raises:
        KeysDoNotFit, KeyringOutdated: see `require_fit`.
    """
    known, found = tx.center_identity.get(), identity_of(center)
    if known == found:
        return 0
    require_keyring(center, tx)
    if known is None:
        facts = {"keyring": found.keyring, "generation": str(found.generation)}
        record_leaf(center, tx, SYSTEM, Act(EventKind.KEYRING_ADOPTED, facts=facts))
    tx.center_identity.put(found)
    return 1


def keep_keyring_known(center: Center) -> int:
    """Remember the keyring if it has changed since; an unchanged one costs one read and no write."""
    known = center.work.run(lambda tx: tx.center_identity.get(), write=False)
    if known == identity_of(center):
        return 0
    return center.work.run(lambda tx: remember_keyring(center, tx))


def identity_of(center: Center) -> CenterIdentity:
    """The keyring this center holds now."""
    return CenterIdentity(center.keyring.fingerprint(), center.keyring.generation())


def _signed_here(center: Center, note: str) -> bool:
    for info in center.keyring.versions(Purpose.SIGNING):
        if info.state is KeyState.DESTROYED:
            continue
        secret = center.keyring.at(Purpose.SIGNING, "", info.version).secret
        key = SigningKey.from_secret(secret).public
        try:
            verify_note(note, {center.origin: key})
        except CheckpointInvalid:
            continue
        return True
    return False
