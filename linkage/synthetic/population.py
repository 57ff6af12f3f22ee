"""Population: what several sites recorded about overlapping patients, and who is who in truth."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from random import Random

from linkage.records import RecordTable, table_of
from linkage.synthetic.noise import MODERATE, ErrorProfile, Row, disturb
from linkage.synthetic.persons import Person, married, moved, people

COLUMNS = ("record_id", "given_name", "surname", "birth_date", "sex", "postcode", "city", "kvnr")
"""Columns of a site's records; `person` (truth) and `consent` come on top and are never encoded."""

_REFUSING = 0.08
_UNNAMED = 0.5


@dataclass(frozen=True, slots=True)
class Population:
    """Records by site.

    Each is a mapping with `COLUMNS`, `person` and `consent` (`permit` or `deny`).
    """

    sites: Mapping[str, tuple[Mapping[str, str | None], ...]]

    def table(self, site: str) -> RecordTable:
        """One site's records without truth and consent."""
        rows = [{name: row[name] for name in COLUMNS} for row in self.sites[site]]
        return table_of(site, rows)

    def persons(self, site: str) -> dict[str, str]:
        """Who each record of a site is about: record ID → person."""
        return {str(row["record_id"]): str(row["person"]) for row in self.sites[site]}

    def truth_pairs(self, first: str, second: str) -> set[tuple[str, str]]:
        """All pairs of record IDs (of the first, of the second site) that are one person."""
        known: dict[str, list[str]] = {}
        for record, person in self.persons(first).items():
            known.setdefault(person, []).append(record)
        return {
            (mine, record)
            for record, person in self.persons(second).items()
            for mine in known.get(person, ())
        }

    def write_csv(self, folder: Path) -> list[Path]:
        """Write `SITE.csv` per site and `truth.csv` (site, record_id, person).

        Gives the site files.
        """
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for site, rows in self.sites.items():
            written.append(folder / f"{site}.csv")
            _write(written[-1], COLUMNS, [[row[name] for name in COLUMNS] for row in rows])
        truth = [
            [site, record, person]
            for site in self.sites
            for record, person in self.persons(site).items()
        ]
        _write(folder / "truth.csv", ("site", "record_id", "person"), truth)
        return written


def generate(
    sites: Sequence[str],
    patients_per_site: int,
    overlap: float,
    seed: int,
    errors: ErrorProfile = MODERATE,
) -> Population:
    """Made-up patients of several sites; the same arguments give the same records for ever.

    Each site has `patients_per_site` patients (and a few registered twice). A share `overlap` of
    them is also known to another site; with more than two sites these are spread over all pairs.
    """
    rng = Random(seed)  # noqa: S311  # made-up data must be repeatable, not unguessable
    crowd = people(rng)
    members = _members(sites, patients_per_site, round(overlap * patients_per_site), crowd)
    return Population({site: _register(rng, site, members[site], errors) for site in sites})


def _members(
    sites: Sequence[str], size: int, shared: int, crowd: Iterator[Person]
) -> dict[str, list[Person]]:
    """Who goes where: shared persons to two sites each, in turn over all pairs; the rest to one."""
    members: dict[str, list[Person]] = {site: [] for site in sites}
    pairs = list(combinations(sites, 2))
    for number in range(shared * len(sites) // 2 if pairs else 0):
        person = next(crowd)
        for site in pairs[number % len(pairs)]:
            if len(members[site]) < size:
                members[site].append(person)
    for group in members.values():
        group.extend(islice(crowd, size - len(group)))
    return members


def _register(
    rng: Random, site: str, members: list[Person], errors: ErrorProfile
) -> tuple[Mapping[str, str | None], ...]:
    """Records of one site in random order."""
    again = [person for person in members if rng.random() < errors.duplicate]
    patients = members + again
    rng.shuffle(patients)
    prefix = "".join(char for char in site.upper() if char.isalnum())[:8] or "S"
    refusing = {person.number for person in members if rng.random() < _REFUSING}
    rows = []
    for number, person in enumerate(patients, start=1):
        row = disturb(rng, _recorded(rng, _now(rng, person, errors), errors), errors)
        row["record_id"] = f"{prefix}-{number:06d}"
        row["person"] = f"P{person.number:07d}"
        row["consent"] = "deny" if person.number in refusing else "permit"
        rows.append(row)
    return tuple(rows)


def _now(rng: Random, person: Person, errors: ErrorProfile) -> Person:
    """The person at the time of this registration: perhaps moved or married since the last one."""
    if rng.random() < errors.moved / 2:
        person = moved(rng, person)
    adult = person.birth_date.year < 2006
    if adult and rng.random() < errors.married * (0.8 if person.sex == "f" else 0.2):
        person = married(rng, person)
    return person


def _recorded(rng: Random, person: Person, errors: ErrorProfile) -> Row:
    """The fields of a flawless record; newborns may not have a name yet."""
    name = person.given_name
    if errors.faulty and person.is_newborn and rng.random() < _UNNAMED:
        name = rng.choice(["Knabe", "Sohn"] if person.sex == "m" else ["Mädchen", "Tochter"])
    return {
        "given_name": name,
        "surname": person.surname,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
        "postcode": person.postcode,
        "city": person.city,
        "kvnr": None if rng.random() < errors.no_kvnr else person.kvnr,
    }


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([value or "" for value in row] for row in rows)
