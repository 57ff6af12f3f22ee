"""Rotate keys: asked for in a leaf, done by the worker in short steps, paused and resumed at any of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from keys.errors import KeyDestroyed, UnknownKeyVersion
from keys.keyring import Purpose
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import InvalidField, KeysDestroyed
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.rotation import (
    BLOCK,
    SCOPELESS,
    STEPS,
    WHY_NOT,
    NotRotatable,
    Rotation,
    RotationState,
)
from ttp.services.custody.advance_rotation import act_of, advance_rotation
from ttp.services.log.record_leaf import record_leaf

REST = 0.5
"""Seconds of rest per second of work, so that writers of an embedded database find it free."""


def request_rotation(
    center: Center, tx: Transaction, actor: Actor, *, purpose: Purpose, scope: str = ""
) -> Rotation:
    """Ask for the rotation of one key; the worker begins with it.

    ``scope`` is a domain, ``population:NAME``, or empty for keys of the center as a whole.

    Raises:
        NotAllowed, NotRotatable, UnknownDomain, UnknownPopulation, InvalidField, KeysDestroyed,
        RotationRunning: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if purpose not in STEPS:
        raise NotRotatable(WHY_NOT.get(purpose, ""))
    actor.require(Right.ADMINISTER, scope or None)
    found = tx.scopes.scope(scope)
    if (purpose in SCOPELESS) != (not found.name) and purpose is not Purpose.AUDIT:
        raise InvalidField("This purpose has a key for each domain and population, or only one.")
    _require_key(center, purpose, found.name)
    now = center.clock.now()
    rotation = Rotation(center.new_id(), purpose, found.name, actor.name, now, now)
    tx.rotations.add(rotation)
    record_leaf(center, tx, actor, act_of(EventKind.KEY_ROTATION_REQUESTED, rotation))
    return rotation


def pause_rotation(center: Center, tx: Transaction, actor: Actor, *, rotation_id: UUID) -> Rotation:
    """Halt a rotation behind its present block; everything keeps working in the step it is in.

    Raises:
        NotAllowed, UnknownRotation, RotationEnded: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    rotation = tx.rotations.get(rotation_id, hold=True)
    paused = rotation.halted(error=None, at=center.clock.now())
    tx.rotations.save(paused)
    record_leaf(center, tx, actor, act_of(EventKind.KEY_ROTATION_PAUSED, paused))
    return paused


def resume_rotation(
    center: Center, tx: Transaction, actor: Actor, *, rotation_id: UUID
) -> Rotation:
    """Let a paused rotation go on where it was.

    Raises:
        NotAllowed, UnknownRotation, RotationEnded: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    resumed = tx.rotations.get(rotation_id, hold=True).resumed(at=center.clock.now())
    tx.rotations.save(resumed)
    record_leaf(center, tx, actor, act_of(EventKind.KEY_ROTATION_RESUMED, resumed))
    return resumed


def list_rotations(tx: Transaction, actor: Actor) -> list[Rotation]:
    """All rotations, newest first.

    Raises:
        NotAllowed: the actor does not administer.
    """
    actor.require(Right.ADMINISTER)
    return tx.rotations.all()


def advance_rotations(center: Center, *, holder: str) -> int:
    """Do one block of every rotation that goes on, and rest for a while; returns how many got further."""
    running = center.work.run(lambda tx: tx.rotations.running(), write=False)
    begun = center.clock.monotonic()
    moved = sum(advance_rotation(center, rotation_id=one.id, holder=holder) for one in running)
    if moved:
        center.clock.sleep(REST * (center.clock.monotonic() - begun))
    return moved


def run_rotation(
    center: Center,
    *,
    rotation_id: UUID,
    holder: str,
    rest: float = REST,
    block: int = BLOCK,
    progress: Callable[[Rotation], None] = lambda _rotation: None,
) -> Rotation:
    """Do one rotation here and now until it has ended or is paused; another worker's lease is waited for."""
    while True:
        begun = center.clock.monotonic()
        moved = advance_rotation(center, rotation_id=rotation_id, holder=holder, block=block)
        rotation = center.work.run(lambda tx: tx.rotations.get(rotation_id), write=False)
        progress(rotation)
        if rotation.state is not RotationState.RUNNING:
            return rotation
        center.clock.sleep(rest * (center.clock.monotonic() - begun) if moved else 0.1)


def _require_key(center: Center, purpose: Purpose, scope: str) -> None:
    try:
        center.keyring.active(purpose, scope)
    except KeyDestroyed:
        raise KeysDestroyed from None
    except UnknownKeyVersion:
        raise InvalidField("There is no such key yet.") from None
