"""May use: the one gate before a person's data serve a project. Submitting, issuing and releasing all ask here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ttp.core.center import Center
from ttp.core.consent import permits
from ttp.core.errors import NotAllowed
from ttp.core.names import PersonId
from ttp.core.ports import Transaction
from ttp.core.projects import Project


class ConsentMissing(NotAllowed):
    """The person has not permitted what the project needs, or no longer does."""

    code = "consent-missing"


def may_use(
    tx: Transaction, persons: Sequence[PersonId], project: Project, *, at: datetime
) -> set[PersonId]:
    """Those of the persons whose data the project may use at this time.

    Raises:
        ProjectNotActive: the project is not approved or has expired.
    """
    project.require_active(at)
    if not project.terms.policies:
        return set(persons)
    statements = tx.consents.of(persons)
    return {
        person
        for person in persons
        if permits(statements.get(person, ()), project.terms.policies, at)
    }


def holds_consents(center: Center, project: Project) -> bool:
    """Whether consents for the project are kept at this center: the linking center knows no persons."""
    return center.name in project.terms.sites
