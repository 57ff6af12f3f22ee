"""Refuse the unusable: in a project's domain nobody gets a pseudonym whose data the project may not use."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ttp.core.center import Center
from ttp.core.domains import Domain, DomainKind
from ttp.core.errors import TTPError
from ttp.core.names import IdentityId, Original, PersonId
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.services.consents.may_use import ConsentMissing, holds_consents, may_use

Checked = list[Original | TTPError]


def refuse_unusable(center: Center, tx: Transaction, domain: Domain, originals: Checked) -> Checked:
    """The originals, with an error in the place of each that may not be used; any, where no project is served.

    Where consents are kept, originals are persons of this center. Elsewhere the project has to be active.

    Raises:
        UnknownProject, ProjectNotActive: nothing at all may be issued.
    """
    if domain.project is None or domain.kind is not DomainKind.PERSON:
        return originals
    project = tx.projects.get(domain.project)
    project.require_active(center.clock.now())
    if not holds_consents(center, project):
        return originals
    usable = usable_originals(
        center, tx, project, [item for item in originals if isinstance(item, str)]
    )
    return [
        item if isinstance(item, TTPError) or item in usable else ConsentMissing()
        for item in originals
    ]


def usable_originals(
    center: Center, tx: Transaction, project: Project, originals: Sequence[Original]
) -> set[Original]:
    """Those whose person as it stands now may be used: a merged person's former ID is followed.

    Raises:
        ProjectNotActive: the project may not be worked on.
    """
    named = {item: _identity(item) for item in originals}
    known = tx.identities.get(sorted({one for one in named.values() if one is not None}))
    persons: dict[Original, PersonId] = {
        item: known[one].person for item, one in named.items() if one is not None and one in known
    }
    usable = may_use(tx, sorted(set(persons.values())), project, at=center.clock.now())
    return {item for item, person in persons.items() if person in usable}


def _identity(original: Original) -> IdentityId | None:
    """The ID of a person is that of its oldest identity."""
    try:
        return IdentityId(UUID(original))
    except ValueError:
        return None
