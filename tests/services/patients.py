"""Patients for tests: records that are plainly different persons, and ways to register and look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from keys.custody.file import unseal
from tests.builders import PASSPHRASE
from ttp.config import ROOT_FILE, Settings
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.identities import Registered
from ttp.core.names import CaseId, IdentityId, PersonId
from ttp.core.persons import LOCAL, EdgeKind, persons_from
from ttp.core.review import ASKING, CaseQuery, ReviewCase
from ttp.opening import open_center
from ttp.services.persons.register_identities import register_identities

CLERK = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)

UNLIKE = 8_000


def patient(number: int, **change: Any) -> dict[str, Any]:
    """A record; no two of the first `UNLIKE` numbers make records that look alike."""
    draw = Random(number)  # the same patient at every run
    birth = draw.randint(1930, 2009), draw.randint(1, 12), draw.randint(1, 28)
    record = {
        "record_id": f"r{number}",
        "given_name": _word(draw, 9),
        "surname": _word(draw, 10),
        "birth_date": "{}-{:02}-{:02}".format(*birth),
        "sex": "mf"[number % 2],
        "postcode": str(draw.randint(10_000, 99_998)),
        "city": f"Stadt{_word(draw, 5).lower()}",
    }
    return record | change


def _word(draw: Random, letters: int) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrst", k=letters)).capitalize()


def make_again(home: Path, database_url: str) -> Center:
    """The same home opened once more, as another process would."""
    settings = Settings(home, name="nord", role="embedded", database=database_url)
    return open_center(settings, root=unseal(home / ROOT_FILE, passphrase=PASSPHRASE))


def register(
    center: Center, *records: Mapping[str, Any], source: str = "kis", actor: Actor = OPERATOR
) -> list[Registered | TTPError]:
    """Register records in one transaction."""
    return center.work.run(
        lambda tx: register_identities(center, tx, actor, source=source, records=records)
    )


def registered(
    center: Center, *records: Mapping[str, Any], source: str = "kis"
) -> list[Registered]:
    """Register records that are all in order."""
    done = register(center, *records, source=source)
    assert all(isinstance(one, Registered) for one in done), done
    return [one for one in done if isinstance(one, Registered)]


def persons(center: Center, identities: Sequence[IdentityId]) -> list[PersonId]:
    """The present persons of identities."""
    with center.work.begin(write=False) as tx:
        found = tx.identities.get(identities)
    return [found[one].person for one in identities]


def open_cases_of(center: Center) -> list[ReviewCase]:
    """All cases that ask something."""
    with center.work.begin(write=False) as tx:
        return tx.review.page(CaseQuery(states=ASKING, limit=500))


def only_case(center: Center) -> ReviewCase:
    """The one case that asks something."""
    (case,) = open_cases_of(center)
    return case


def case_of(center: Center, case_id: CaseId) -> ReviewCase:
    """The case as it stands."""
    with center.work.begin(write=False) as tx:
        return tx.review.get(case_id)


def recomputed(
    center: Center, of: Sequence[IdentityId] = ()
) -> tuple[dict[IdentityId, PersonId], dict[IdentityId, PersonId]]:
    """The stored view of persons, and the same computed anew from all standing edges; of these identities or of all.

    Nothing may join one of these with another identity.
    """
    with center.work.begin(write=False) as tx:
        rows = tx.identities.get(of or [row.id for row in tx.identities.all_versions(LOCAL)])
        same = [edge.pair for edge in tx.edges.standing(list(rows), EdgeKind.SAME)]
    view = {identity: row.person for identity, row in rows.items()}
    return view, persons_from({one: row.ordinal for one, row in rows.items()}, same)
