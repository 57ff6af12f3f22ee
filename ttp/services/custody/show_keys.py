"""Show keys: versions and states, what rotates, which copies of the keyring exist, what was destroyed; never a key."""

from __future__ import annotations

from dataclasses import dataclass

from keys.keyring import KeyVersionInfo, Purpose
from ttp.core.access import Actor, Right
from ttp.core.approvals import ApprovalState
from ttp.core.center import Center
from ttp.core.key_destruction import KeyDestruction, KeyringBackup
from ttp.core.ports import Transaction
from ttp.core.rotation import Rotation
from ttp.services.pseudonyms.issue_receipt import older_copies

PAGE = 50


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """Which versions to show; empty means all. ``scope`` is exact, ``-`` for keys of the center as a whole."""

    purpose: str = ""
    scope: str = ""
    state: str = ""

    def about(self, purpose: Purpose | None, scope: str) -> bool:
        """Whether what is done to keys of this purpose and scope is to be shown; None: of every purpose."""
        named = purpose is None or self.purpose in {"", purpose.value}
        return named and self.scope in {"", scope or "-"}

    def admits(self, info: KeyVersionInfo) -> bool:
        """Whether a version is to be shown."""
        return self.about(info.purpose, info.domain) and self.state in {"", info.state.value}


@dataclass(frozen=True, slots=True)
class DestructionShown:
    """A destruction, where its approval stands, and how many older copies of the keyring are not disposed of."""

    destruction: KeyDestruction
    state: ApprovalState
    copies: int


@dataclass(frozen=True, slots=True)
class KeysShown:
    """What people see of the keys. ``versions`` is one page of ``total``; rotations and destructions newest first."""

    fingerprint: str
    generation: int
    versions: list[KeyVersionInfo]
    total: int
    more: bool
    rotations: list[Rotation]
    backups: list[KeyringBackup]
    destructions: list[DestructionShown]


def show_keys(
    center: Center, tx: Transaction, actor: Actor, *, wanted: KeyFilter, after: int = 0
) -> KeysShown:
    """Versions that the filter admits, behind the first ``after``; what was done to such keys; all copies.

    Raises:
        NotAllowed: the actor does not read the audit log.
    """
    actor.require(Right.READ_AUDIT)
    found = sorted(
        (info for info in center.keyring.all_versions() if wanted.admits(info)), key=_place
    )
    return KeysShown(
        fingerprint=center.keyring.fingerprint(),
        generation=center.keyring.generation(),
        versions=found[after : after + PAGE],
        total=len(found),
        more=len(found) > after + PAGE,
        rotations=[one for one in tx.rotations.all() if wanted.about(one.purpose, one.scope)],
        backups=tx.destructions.backups()[::-1],
        destructions=[
            _shown(tx, one) for one in tx.destructions.all() if wanted.about(one.purpose, one.scope)
        ],
    )


def _place(info: KeyVersionInfo) -> tuple[str, Purpose, int]:
    return info.domain, info.purpose, -info.version


def _shown(tx: Transaction, one: KeyDestruction) -> DestructionShown:
    copies = [copy for copy in older_copies(tx, one) if copy.disposed_at is None]
    state = tx.approvals.get(one.id).state
    return DestructionShown(one, state, len(copies) if one.destroyed_at else 0)
