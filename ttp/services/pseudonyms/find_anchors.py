"""Find anchors: the domains that hold persons of a population, and the pseudonyms that hang on their records."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ttp.core.center import Center
from ttp.core.domain_policy import LifeCycle
from ttp.core.domains import Domain, DomainFilter, DomainKind
from ttp.core.errors import KeysDestroyed, NotAllowed, UnknownDomain, WrongDomainKind
from ttp.core.names import IdentityId, Original, PopulationName
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.successions import Anchor
from ttp.services.pseudonyms.link_originals import current_indexes

MOST_DOMAINS = 10_000
_PROJECT = "project:"


def holds_local_persons(domain: Domain) -> bool:
    """Whether a domain's originals are persons of this center and no project's."""
    return domain.kind is DomainKind.PERSON and domain.project is None


def require_tellable(domain: Domain) -> None:
    """Pass if the originals of a domain may be told under a grant, or handed to another domain.

    Those of persons are the center's own IDs, which never leave it. What stands behind a project's pseudonyms is
    told by an approval each time.

    Raises:
        WrongDomainKind, NotAllowed: otherwise.
    """
    if holds_local_persons(domain):
        raise WrongDomainKind("Originals of this domain are persons; ask for their records.")
    if domain.project is not None:
        raise NotAllowed("Pseudonyms of a project are re-identified by an approval each time.")


def domains_of_persons(tx: Transaction, population: PopulationName) -> list[Domain]:
    """The domains whose pseudonyms follow the persons of a population, by name; drafts hold none yet."""
    if population != LOCAL:
        try:
            project = tx.projects.get(population.removeprefix(_PROJECT))
            return [tx.domains.get(project.domain)]
        except UnknownDomain:
            return []
    return [one for one in _of_persons(tx) if holds_local_persons(one)]


def domains_of_submissions(tx: Transaction) -> list[Domain]:
    """The domains under whose pseudonyms persons of this center were submitted to projects, by name."""
    return [one for one in _of_persons(tx) if one.project is not None]


def anchors_of(
    center: Center, tx: Transaction, domain: Domain, identities: Iterable[IdentityId]
) -> dict[IdentityId, Anchor]:
    """The pseudonym that hangs on each record; none where the domain's keys were destroyed. One question."""
    records = sorted(set(identities))
    try:
        indexes = current_indexes(center, domain, [Original(str(one)) for one in records])
    except KeysDestroyed:
        return {}
    known = tx.successions.anchors(domain, indexes) if indexes else {}
    return {
        one: known[index] for one, index in zip(records, indexes, strict=True) if index in known
    }


def named_identity(original: object) -> IdentityId | None:
    """The record that an original of a domain of persons names, if it has the form of one."""
    try:
        return IdentityId(UUID(str(original)))
    except ValueError:
        return None


def _of_persons(tx: Transaction) -> list[Domain]:
    found = tx.domains.page(DomainFilter(kind=DomainKind.PERSON), limit=MOST_DOMAINS)
    return [one for one in found if one.state is not LifeCycle.DRAFT and not one.multi]
