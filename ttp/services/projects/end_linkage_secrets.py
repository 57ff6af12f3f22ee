"""End linkage secrets: when a project has ended, nobody may encode for it again; its secrets are destroyed at once.

Every center that holds them does so for itself, at the time the terms name or when a person ends the project. With
them goes what is remembered of the tokens used under them.
"""

from __future__ import annotations

from keys.keyring import KeyState, Purpose
from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.linkage_secrets import keyring_domain
from ttp.core.ports import Transaction
from ttp.core.projects import Project, ProjectState
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.projects.remember_tokens import forget_tokens


def destroy_ended_secrets(center: Center) -> int:
    """Destroy all versions of the linkage secrets of projects that are over; returns how many projects had some.

    The leaf comes first: killed before the keyring follows, the next round records and destroys again.
    """
    projects = center.work.run(lambda tx: tx.projects.all(), write=False)
    now = center.clock.now()
    over = [one for one in projects if _is_over(one) or now >= one.terms.expires_at]
    return sum(_destroy(center, project) for project in over)


def _is_over(project: Project) -> bool:
    return project.state is ProjectState.ENDED


def _destroy(center: Center, project: Project) -> bool:
    domain = keyring_domain(project.name)
    living = [
        info.version
        for info in center.keyring.versions(Purpose.LINKAGE, domain)
        if info.state is not KeyState.DESTROYED
    ]
    if not living:
        return False
    center.work.run(lambda tx: _record(center, tx, project, living))
    for version in living:
        center.keyring.destroy(Purpose.LINKAGE, domain, version)
    return True


def _record(center: Center, tx: Transaction, project: Project, living: list[int]) -> None:
    facts = {"project": project.name, "keyring": center.keyring.fingerprint()}
    counts = {"versions": len(living), "newest": max(living)}
    forget_tokens(tx, project)
    record_leaf(center, tx, SYSTEM, Act(EventKind.SECRET_DESTROYED, counts=counts, facts=facts))
