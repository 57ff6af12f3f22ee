"""Persons: who the made-up patients really are.

Families share names and homes, twins a birthday.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from linkage.normalize import kvnr_check_digit
from linkage.synthetic import lists

TODAY = date(2026, 11, 1)
"""The generator's present: fixed, so that a seed means the same persons for ever."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AGES = lists.Weighted(
    [
        (0, 0),
        (1, 5),
        (6, 17),
        (18, 29),
        (30, 44),
        (45, 59),
        (60, 69),
        (70, 79),
        (80, 89),
        (90, 100),
    ],
    [4, 4, 5, 10, 14, 17, 16, 16, 12, 2],
)


@dataclass(frozen=True, slots=True)
class Person:
    """The truth about one person at one time."""

    number: int
    given_name: str
    surname: str
    birth_date: date
    sex: str
    postcode: str
    city: str
    kvnr: str

    @property
    def is_newborn(self) -> bool:
        """Whether the person was born within the last weeks and may not be named yet."""
        return (TODAY - self.birth_date).days < 60


def people(rng: Random) -> Iterator[Person]:
    """Persons without end: four of five unrelated, the others a relative of somebody before."""
    known: list[Person] = []
    while True:
        number = len(known) + 1
        if known and rng.random() < 0.2:
            person = _relative(
                rng, number, known[rng.randrange(max(0, len(known) - 500), len(known))]
            )
        else:
            person = _stranger(rng, number)
        known.append(person)
        yield person


def moved(rng: Random, person: Person) -> Person:
    """The person after a move: half stay in town, most others in the region."""
    kind = rng.random()
    if kind < 0.5:
        home = lists.town(person.city)
    else:
        near = kind < 0.85
        home = lists.neighbor_place(rng, person.postcode) if near else lists.place(rng)
    return replace(person, city=home.city, postcode=rng.choice(home.postcodes))


def married(rng: Random, person: Person) -> Person:
    """The person after a change of surname: the new one, sometimes joined to the old."""
    new = lists.surname(rng)
    joined = rng.random() < 0.25
    return replace(person, surname=f"{person.surname}-{new}" if joined else new)


def _stranger(rng: Random, number: int) -> Person:
    sex = rng.choice("mf")
    low, high = _AGES.draw(rng)
    days = rng.randint(low * 365, high * 365 + 364)
    birth = TODAY - timedelta(days=days)
    home = lists.place(rng)
    return Person(
        number=number,
        given_name=_given(rng, sex, birth.year),
        surname=_surname(rng),
        birth_date=birth,
        sex="d" if rng.random() < 0.001 else sex,
        postcode=rng.choice(home.postcodes),
        city=home.city,
        kvnr=_kvnr(rng),
    )


def _given(rng: Random, sex: str, year: int) -> str:
    """A given name; 8 % have two, and 2 % a hyphenated one."""
    first = lists.given_name(rng, sex=sex, year=year)
    kind = rng.random()
    if kind >= 0.1 or "-" in first:
        return first
    second = lists.given_name(rng, sex=sex, year=year)
    if second in first:
        return first
    return f"{first}-{second}" if kind < 0.02 else f"{first} {second}"


def _surname(rng: Random) -> str:
    """A surname; 2 % are double, 0.7 % have a particle."""
    name, kind = lists.surname(rng), rng.random()
    if kind < 0.02:
        return f"{name}-{lists.surname(rng)}"
    return f"von {name}" if kind < 0.027 else name


def _kvnr(rng: Random) -> str:
    stem = rng.choice(_LETTERS) + f"{rng.randrange(10**8):08d}"
    return f"{stem}{kvnr_check_digit(stem)}"


def _relative(rng: Random, number: int, of: Person) -> Person:
    """Somebody of the same home: a twin, a sibling, a child, or the spouse."""
    make = _KIN.draw(rng)
    return replace(make(rng, of), number=number, kvnr=_kvnr(rng))


def _twin(rng: Random, of: Person) -> Person:
    sex = of.sex if rng.random() < 0.65 else ("f" if of.sex == "m" else "m")
    name = of.given_name
    while name == of.given_name:
        name = _given(rng, "f" if sex == "f" else "m", of.birth_date.year)
    return replace(of, given_name=name, sex=sex)


def _sibling(rng: Random, of: Person) -> Person:
    apart = timedelta(days=rng.choice((-1, 1)) * rng.randint(330, 2500))
    return _born(rng, of, min(of.birth_date + apart, TODAY))


def _child(rng: Random, of: Person) -> Person:
    return _born(rng, of, min(of.birth_date + timedelta(days=rng.randint(7000, 14000)), TODAY))


def _born(rng: Random, of: Person, birth: date) -> Person:
    sex = rng.choice("mf")
    return replace(of, given_name=_given(rng, sex, birth.year), sex=sex, birth_date=birth)


def _spouse(rng: Random, of: Person) -> Person:
    sex = "f" if of.sex == "m" else "m"
    birth = min(of.birth_date + timedelta(days=rng.randint(-2500, 2500)), TODAY)
    name = of.surname if rng.random() < 0.8 else _surname(rng)
    return replace(
        of, given_name=_given(rng, sex, birth.year), surname=name, sex=sex, birth_date=birth
    )


_KIN: lists.Weighted[Callable[[Random, Person], Person]] = lists.Weighted(
    [_twin, _sibling, _child, _spouse], [0.08, 0.22, 0.3, 0.4]
)
