"""Vignettes: made-up pairs of records whose truth is known, one for each way in which records mislead people.

Practice shows ten of them, one a story; the quality desk plants others among real questions. They are computed from
a number and stored nowhere: no person, pseudonym or statistic ever knows of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ttp.core.review import Verdict

Record = Mapping[str, str]
Telling = Callable[[int], tuple[Record, Record]]

_WOMEN = ("Johanna", "Katharina", "Franziska", "Annika", "Helene", "Miriam", "Theresa", "Ronja")
_MEN = ("Jonathan", "Sebastian", "Konrad", "Matthias", "Valentin", "Henning", "Tobias", "Emil")
_SURNAMES = ("Lindemann", "Hagedorn", "Westphal", "Brinkmann", "Osterloh", "Rademacher", "Thiessen")
_PLACES = (("24103", "Kiel"), ("23552", "Lübeck"), ("20095", "Hamburg"), ("18055", "Rostock"))


@dataclass(frozen=True, slots=True)
class Vignette:
    """Two records of a story and whether they are one person."""

    first: Record
    second: Record
    truth: Verdict
    story: str


def vignette(seed: int, story: str | None = None) -> Vignette:
    """The pair of a number, always the same; the story follows from the number unless it is named."""
    told = story or tuple(STORIES)[seed % len(STORIES)]
    truth, telling = STORIES[told]
    first, second = telling(seed)
    return Vignette(first, second, truth, told)


def practice() -> tuple[Vignette, ...]:
    """The ten pairs of the practice: every story once, same and different mixed."""
    return tuple(vignette(3 * place + 5, story) for place, story in enumerate(STORIES))


def _woman(seed: int) -> dict[str, str]:
    return _person(seed, _WOMEN, "female")


def _man(seed: int) -> dict[str, str]:
    return _person(seed, _MEN, "male")


def _person(seed: int, names: tuple[str, ...], sex: str) -> dict[str, str]:
    postcode, city = _PLACES[seed % len(_PLACES)]
    return {
        "given_name": names[seed % len(names)],
        "surname": _SURNAMES[seed // 3 % len(_SURNAMES)],
        "birth_date": f"{1948 + seed * 7 % 55}-{seed % 9 + 1:02}-{seed * 5 % 19 + 10}",
        "sex": sex,
        "postcode": postcode,
        "city": city,
    }


def _elsewhere(seed: int) -> dict[str, str]:
    postcode, city = _PLACES[(seed + 1) % len(_PLACES)]
    return {"postcode": postcode, "city": city}


def _typing_error(seed: int) -> tuple[Record, Record]:
    person = _man(seed)
    name = person["surname"]
    return person, person | {"surname": name[:2] + name[3] + name[2] + name[4:]}


def _twins(seed: int) -> tuple[Record, Record]:
    person = _woman(seed)
    return person, person | {"given_name": _WOMEN[(seed + 3) % len(_WOMEN)]}


def _marriage(seed: int) -> tuple[Record, Record]:
    person = _woman(seed)
    married = _SURNAMES[(seed // 3 + 2) % len(_SURNAMES)]
    return person, person | {"surname": married, "birth_name": person["surname"]} | _elsewhere(seed)


def _father_and_son(seed: int) -> tuple[Record, Record]:
    father = _man(seed)
    year = int(father["birth_date"][:4]) + 28
    born = f"{min(year, 2020)}-{seed % 7 + 2:02}-{seed % 15 + 11}"
    return father, father | {"birth_date": born}


def _swapped_date(seed: int) -> tuple[Record, Record]:
    person = _man(seed)
    year = person["birth_date"][:4]
    day, month = seed % 6 + 1, seed % 5 + 7
    dates = (f"{year}-{month:02}-{day:02}", f"{year}-{day:02}-{month:02}")
    return person | {"birth_date": dates[0]}, person | {"birth_date": dates[1]}


def _namesakes(seed: int) -> tuple[Record, Record]:
    person, other = _man(seed), _man(seed + 4)
    return person, person | {"birth_date": other["birth_date"]} | _elsewhere(seed)


def _swapped_names(seed: int) -> tuple[Record, Record]:
    person = _man(seed)
    return person, person | {"given_name": person["surname"], "surname": person["given_name"]}


def _siblings(seed: int) -> tuple[Record, Record]:
    person = _woman(seed)
    year = int(person["birth_date"][:4]) + 2
    brother = {"given_name": _MEN[seed % len(_MEN)], "sex": "male"}
    return person, person | brother | {"birth_date": f"{year}{person['birth_date'][4:]}"}


def _moved(seed: int) -> tuple[Record, Record]:
    person = _woman(seed)
    return person, person | _elsewhere(seed)


def _double_name(seed: int) -> tuple[Record, Record]:
    person = _woman(seed)
    other = _SURNAMES[(seed // 3 + 3) % len(_SURNAMES)]
    return person, person | {"surname": f"{person['surname']}-{other}"}


STORIES: Mapping[str, tuple[Verdict, Telling]] = {
    "typing-error": (Verdict.SAME, _typing_error),
    "twins": (Verdict.DIFFERENT, _twins),
    "marriage": (Verdict.SAME, _marriage),
    "father-and-son": (Verdict.DIFFERENT, _father_and_son),
    "swapped-date": (Verdict.SAME, _swapped_date),
    "namesakes": (Verdict.DIFFERENT, _namesakes),
    "swapped-names": (Verdict.SAME, _swapped_names),
    "siblings": (Verdict.DIFFERENT, _siblings),
    "moved": (Verdict.SAME, _moved),
    "double-name": (Verdict.SAME, _double_name),
}
