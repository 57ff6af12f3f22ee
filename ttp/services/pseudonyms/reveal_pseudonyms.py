"""Reveal pseudonyms: originals, and the identifying data behind those that stand for persons of this center.

Not a door of its own: who calls this has an approval or breaks the glass, and records the leaf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain, DomainKind
from ttp.core.errors import TTPError, UnknownPseudonym
from ttp.core.identifying_data import from_content, readable
from ttp.core.names import IdentityId, Original, Pseudonym
from ttp.core.persons import Identity, IdentityKind
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import checked_pseudonym
from ttp.core.reidentification import Answer, Revealed
from ttp.services.persons.seal_identities import open_contents
from ttp.services.pseudonyms.resolve_pseudonyms import open_pseudonyms

Fields = Mapping[str, str | None]


def reveal_pseudonyms(
    center: Center, tx: Transaction, actor: Actor, domain: Domain, pseudonyms: Sequence[str]
) -> list[Answer]:
    """What stands behind each pseudonym, in the order given; an error in the place of those nobody knows.

    Identifying data only for those who may read persons.

    Raises:
        KeysDestroyed: nothing can be opened in this domain any more.
    """
    checked = [_checked(text, domain) for text in pseudonyms]
    found = open_pseudonyms(
        center, tx, domain, sorted({one for one in checked if isinstance(one, str)})
    )
    names = domain.kind is DomainKind.PERSON and actor.may(Right.READ_PERSON)
    known = _identities(center, tx, found) if names else {}
    return [_answer(one, found, known) for one in checked]


def subjects_of(answers: Sequence[Answer]) -> tuple[bytes, ...]:
    """The originals that were told, as the subjects of a leaf."""
    told = {
        original.encode()
        for answer in answers
        if isinstance(answer, Revealed)
        for original in answer.originals
    }
    return tuple(sorted(told))


def counts_of(answers: Sequence[Answer]) -> dict[str, int]:
    """How much was asked and told, for a leaf."""
    told = [answer for answer in answers if isinstance(answer, Revealed)]
    return {
        "asked": len(answers),
        "answered": len(told),
        "identities": sum(len(answer.identities) for answer in told),
    }


def _checked(text: str, domain: Domain) -> Pseudonym | TTPError:
    try:
        return checked_pseudonym(text, domain)
    except TTPError as error:
        return error


def _answer(
    one: Pseudonym | TTPError,
    found: Mapping[Pseudonym, tuple[Original, ...]],
    known: Mapping[Original, tuple[Fields, ...]],
) -> Answer:
    if isinstance(one, TTPError):
        return one
    originals = found.get(one)
    if not originals:
        return UnknownPseudonym()
    behind = tuple(data for original in originals for data in known.get(original, ()))
    return Revealed(one, originals, behind)


def _identities(
    center: Center, tx: Transaction, found: Mapping[Pseudonym, tuple[Original, ...]]
) -> dict[Original, tuple[Fields, ...]]:
    """The records of the person each original names now; an original is the ID of a person's oldest record."""
    named = {
        original: identity
        for originals in found.values()
        for original in originals
        if (identity := _identity(original)) is not None
    }
    anchors = tx.identities.get(sorted(set(named.values())))
    persons = sorted({anchor.person for anchor in anchors.values()})
    members = tx.identities.members(persons) if persons else []
    data = _opened(center, tx, members)
    return {
        original: tuple(
            data[one.id]
            for one in members
            if one.person == anchors[identity].person and one.id in data
        )
        for original, identity in named.items()
        if identity in anchors
    }


def _opened(
    center: Center, tx: Transaction, members: Sequence[Identity]
) -> dict[IdentityId, Fields]:
    populations = {one.id: one.population for one in members}
    rows = tx.identities.versions(list(populations)).values() if members else ()
    found: dict[IdentityId, Fields] = {}
    for population in sorted(set(populations.values())):
        own = [
            row
            for row in rows
            if row.kind is IdentityKind.CLEAR and populations[row.id] == population
        ]
        contents = open_contents(center, population, own)
        for row, content in zip(own, contents, strict=True):
            found[row.id] = readable(from_content(content))
    return found


def _identity(original: Original) -> IdentityId | None:
    try:
        return IdentityId(UUID(original))
    except ValueError:
        return None
