"""Patients for tests: records that are plainly different persons, and ways to register and look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
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
from ttp.services.register_identities import register_identities

CLERK = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)

_GIVEN = ["Zoltan", "Brunhilde", "Kasimir", "Ottilie", "Wenzel", "Friederike", "Igor", "Mechthild"]
_SUR = ["Abendroth", "Quandt", "Vielstich", "Jebsen", "Oswald", "Umbreit", "Nymphius", "Eckhold"]


def patient(number: int, **change: Any) -> dict[str, Any]:
    """A record; two numbers never make records that look alike."""
    record = {
        "record_id": f"r{number}",
        "given_name": f"{_GIVEN[number % 8]}{_letters(number * 7919)}",
        "surname": f"{_SUR[number // 8 % 8]}{_letters(number * 104_729)}",
        "birth_date": f"{1930 + number * 13 % 80}-{1 + number * 5 % 12:02}-{1 + number * 11 % 28:02}",
        "sex": "mf"[number % 2],
        "postcode": f"{10_000 + number * 7_561 % 89_999:05}",
        "city": f"Stadt{_letters(number * 31)}",
    }
    return record | change


def _letters(number: int) -> str:
    return "".join("abcdefghijklmnopqrst"[number // 20**place % 20] for place in range(5))


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


def recomputed(center: Center) -> tuple[dict[IdentityId, PersonId], dict[IdentityId, PersonId]]:
    """The stored view of persons, and the same computed anew from all standing edges."""
    with center.work.begin(write=False) as tx:
        rows = {row.id: row for row in tx.identities.all_versions(LOCAL)}
        same = [edge.pair for edge in tx.edges.standing(list(rows), EdgeKind.SAME)]
    view = {identity: row.person for identity, row in rows.items()}
    return view, persons_from({one: row.ordinal for one, row in rows.items()}, same)
