"""Answer with project pseudonyms: each site learns them for what it submitted itself, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.center import Center
from ttp.core.domains import NewDomain
from ttp.core.errors import InvalidField, UnknownDomain
from ttp.core.event_kinds import EventKind
from ttp.core.events import Told, recipient_of
from ttp.core.identities import StoredVersion
from ttp.core.names import DomainName, IdentityId, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.project_pseudonyms import MAXIMAL_PAGE, MAXIMAL_SECONDARIES
from ttp.core.projects import Project
from ttp.core.pseudonyms import IssuedMany
from ttp.core.submissions import StoredEncoding
from ttp.services.domains.create_domain import create_domain
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.seal_identities import open_contents
from ttp.services.projects.receive_submissions import linked_project
from ttp.services.projects.settle_project_pseudonyms import settle_project_pseudonyms
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms

DRAWN_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """What a site asks for: up to ``limit`` records after the cursor, with so many secondary pseudonyms each."""

    project: str
    after: str | None = None
    limit: int = 1000
    secondaries: int = 0


def answer_pseudonyms(
    center: Center, tx: Transaction, actor: Actor, *, page: Page
) -> dict[str, Any]:
    """Submission pseudonym → project pseudonym of the asking site's own records, and the next cursor.

    ``former`` lists pseudonyms of the same person that were superseded. Secondary pseudonyms are drawn
    until there are as many as asked for; asking again gives the same ones.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed, InvalidField: and nothing is changed.
    """
    actor.require(Right.FEDERATE)
    project = linked_project(center, tx, page.project)
    project.require_site(actor.name)
    rows, last = _rows(tx, project, actor.name, page)
    assigned = settle_project_pseudonyms(center, tx, project, identities=[row.id for row in rows])
    told = [Told(row.id, assigned[row.id].pseudonym) for row in rows]
    tx.events.note_told(project.domain, recipient_of(actor), told)
    names = _submissions(center, project, rows)
    current = [assigned[row.id].pseudonym for row in rows]
    further = _secondaries(center, tx, project, current, page.secondaries)
    act = Act(
        EventKind.PSEUDONYMS_FETCHED,
        domain=project.domain,
        counts={"records": len(rows)},
        facts={"project": project.name, "site": actor.name},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, actor, act)
    return {
        "members": [
            {
                "submission": names[row.id],
                "pseudonym": assigned[row.id].pseudonym,
                "former": assigned[row.id].former,
                "secondaries": further.get(assigned[row.id].pseudonym, ()),
            }
            for row in rows
        ],
        "next": last,
    }


def _rows(
    tx: Transaction, project: Project, site: str, page: Page
) -> tuple[list[StoredVersion], str | None]:
    """The site's records after the cursor by age, and the cursor of the next page if there is one."""
    limit = min(page.limit, MAXIMAL_PAGE)
    own = tx.successions.records(
        project.population, site, after=_cursor(page.after), limit=limit + 1
    )
    chosen = own[:limit]
    found = tx.identities.versions(chosen)
    rows = [found[identity] for identity in chosen if identity in found]
    return rows, str(chosen[-1]) if len(own) > limit else None


def _cursor(text: str | None) -> IdentityId | None:
    try:
        return None if text is None else IdentityId(UUID(text))
    except ValueError as error:
        raise InvalidField("The cursor is one that an earlier page gave.") from error


def _submissions(
    center: Center, project: Project, rows: Sequence[StoredVersion]
) -> dict[IdentityId, str]:
    contents = open_contents(center, project.population, rows)
    return {
        row.id: StoredEncoding.read(content).record.pseudonym
        for row, content in zip(rows, contents, strict=True)
    }


def _secondaries(
    center: Center,
    tx: Transaction,
    project: Project,
    pseudonyms: Sequence[Pseudonym],
    count: int,
) -> Mapping[Pseudonym, tuple[Pseudonym, ...]]:
    """The first ``count`` secondary pseudonyms of each project pseudonym, drawn where there are fewer."""
    if not count or not pseudonyms:
        return {}
    if count > MAXIMAL_SECONDARIES:
        raise InvalidField(f"At most {MAXIMAL_SECONDARIES} secondary pseudonyms can be asked for.")
    domain = _secondary_domain(center, tx, project)
    originals = list(dict.fromkeys(pseudonyms))
    known = _known(center, tx, domain, originals)
    for lacking in range(1, count + 1):
        few = [one for one in originals if count - len(known[one]) == lacking]
        for start in range(0, len(few), DRAWN_AT_ONCE):
            _draw(center, tx, domain, few[start : start + DRAWN_AT_ONCE], lacking)
    known = _known(center, tx, domain, originals)
    return {one: known[one][:count] for one in originals}


def _known(
    center: Center, tx: Transaction, domain: str, originals: Sequence[Pseudonym]
) -> dict[Pseudonym, tuple[Pseudonym, ...]]:
    answers = issue_secondary_pseudonyms(
        center, tx, SYSTEM, domain_name=domain, originals=originals, count=0
    )
    return {
        original: answer.pseudonyms if isinstance(answer, IssuedMany) else ()
        for original, answer in zip(originals, answers, strict=True)
    }


def _draw(
    center: Center, tx: Transaction, domain: str, originals: Sequence[Pseudonym], count: int
) -> None:
    issue_secondary_pseudonyms(
        center, tx, SYSTEM, domain_name=domain, originals=originals, count=count, atomic=True
    )


def _secondary_domain(center: Center, tx: Transaction, project: Project) -> str:
    """The domain of the project's secondary pseudonyms, made when they are first asked for."""
    name = DomainName(f"{project.name}.secondary")
    try:
        return tx.domains.get(name).name
    except UnknownDomain:
        form = tx.domains.get(project.domain).form
        new = NewDomain(name, form, multi=True, project=project.name)
        return create_domain(center, tx, SYSTEM, new).name
