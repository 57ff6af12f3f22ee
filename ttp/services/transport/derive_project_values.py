"""Derive project values: date shifts and salts follow from the project's key and the original; no row is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from keys.project_values import project_values
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.date_shifts import Preserve, checked_range, java_shift_of, shift_of
from ttp.core.durations import java_text
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.names import Original
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.pseudonyms import Issued
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.pseudonyms.issue_pseudonyms import check_originals, issue_pseudonyms
from ttp.services.transport.project_key import project_key, transport_project

SEED, SALT = "date-shift", "salt"


@dataclass(frozen=True, slots=True)
class Shifting:
    """How dates are shifted. ``legacy_domain``: where another agent keeps its seeds as pseudonyms, for migration."""

    longest: timedelta
    preserve: Preserve = Preserve.NONE
    legacy_domain: str | None = None
    legacy_discard: int = 1


def derive_date_shifts(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    project_name: str,
    originals: Sequence[object],
    shifting: Shifting,
) -> list[int | TTPError]:
    """The shift of each original's dates in milliseconds, in the order asked; the same whenever it is asked.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, InvalidField, TooManyItems, UnknownDomain: for the whole request.
    """
    project = transport_project(center, tx, actor, project_name)
    checked_range(shifting.longest, shifting.preserve)
    if shifting.legacy_domain is not None:
        answers = _legacy_shifts(center, tx, actor, originals, shifting, shifting.legacy_domain)
        _record(center, tx, actor, project, "date-shift", answers)
        return answers
    seeds = _derive(center, project, SEED, originals)
    answers = [
        one if isinstance(one, TTPError) else shift_of(one, shifting.longest, shifting.preserve)
        for one in seeds
    ]
    _record(center, tx, actor, project, "date-shift", answers)
    return answers


def derive_seeds(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, originals: Sequence[object]
) -> list[bytes | TTPError]:
    """The 32-byte seed of each original's date shift, for those who compute shifts themselves.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, TooManyItems: for the whole request.
    """
    project = transport_project(center, tx, actor, project_name)
    answers = _derive(center, project, SEED, originals)
    _record(center, tx, actor, project, "seed", answers)
    return answers


def derive_salts(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, originals: Sequence[object]
) -> list[bytes | TTPError]:
    """The 32-byte salt of each original, from which stable IDs of what belongs to it are made.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, TooManyItems: for the whole request.
    """
    project = transport_project(center, tx, actor, project_name)
    answers = _derive(center, project, SALT, originals)
    _record(center, tx, actor, project, "salt", answers)
    return answers


def _derive(
    center: Center, project: Project, use: str, originals: Sequence[object]
) -> list[bytes | TTPError]:
    checked = check_originals(originals)
    valid: list[Original] = list(dict.fromkeys(one for one in checked if isinstance(one, str)))
    values = project_values(project_key(center, project).secret, use=use, originals=valid)
    found = dict(zip(valid, values, strict=True))
    return [one if isinstance(one, TTPError) else found[one] for one in checked]


def _legacy_shifts(
    center: Center,
    tx: Transaction,
    actor: Actor,
    originals: Sequence[object],
    shifting: Shifting,
    domain: str,
) -> list[int | TTPError]:
    """Shifts as FTSnext's agent computed them: its seed is the pseudonym of ``PT336H_original`` (P14D) in a domain."""
    checked = check_originals(originals)
    name = java_text(shifting.longest)
    named = [one if isinstance(one, TTPError) else f"{name}_{one}" for one in checked]
    seeds = issue_pseudonyms(
        center,
        tx,
        actor,
        domain_name=domain,
        originals=[one if isinstance(one, str) else "" for one in named],
    )
    return [
        _legacy_shift(given, seed, shifting) for given, seed in zip(checked, seeds, strict=True)
    ]


def _legacy_shift(
    given: Original | TTPError, seed: Issued | TTPError, shifting: Shifting
) -> int | TTPError:
    if isinstance(given, TTPError):
        return given
    if isinstance(seed, TTPError):
        return seed
    return java_shift_of(
        seed.pseudonym, shifting.longest, shifting.preserve, discard=shifting.legacy_discard
    )


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project: Project,
    what: str,
    answers: Sequence[object],
) -> None:
    derived = sum(not isinstance(one, TTPError) for one in answers)
    act = Act(
        EventKind.TRANSPORT_DERIVED,
        counts={"derived": derived},
        facts={"project": project.name, "what": what},
    )
    record_leaf(center, tx, actor, act)
