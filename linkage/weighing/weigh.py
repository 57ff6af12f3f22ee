"""Weigh: the evidence that two records are one person, in bits, as a sum that explains itself.

The total is log2 of how probable the comparison is of one person over how probable of two. Two persons are strangers,
relatives or twins (a mixture): every field weighs against strangers, and *household* is what relatives and twins take
off, so that the sum is exact: -log2(1 + kin per stranger x how much better kin explain the comparison).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import Final, NamedTuple

from jellyfish import damerau_levenshtein_distance

from linkage.comparators import Name, Prepared
from linkage.weighing.agreement import NUMBER, Agreement
from linkage.weighing.dates import date_agreement
from linkage.weighing.frequencies import Frequencies
from linkage.weighing.model import REFERENCE, WeighingModel
from linkage.weighing.names import given_agreement, surname_agreement
from linkage.weighing.places import place_agreement

HOUSEHOLD: Final = "household"
POPULATION: Final = "population"
EXCHANGE: Final = -5.5
"""Bits for given name and surname being exchanged: about one record in fifty."""
SEX_OF_NAME: Final = "sex_of_name"
_UNLIKE: Final = Agreement.WEAK


class Part(NamedTuple):
    """What one field adds, in bits. ``agreement`` is None for what no field says: household, population."""

    field: str
    agreement: Agreement | None
    weight: float


class Weighed(NamedTuple):
    """The total in bits and the parts that make it up."""

    total: float
    parts: tuple[Part, ...]


Seen = tuple[str, Agreement, float, float]
"""One observation: the field, how it agrees, the bits of the value in common, and bits on top."""


def weigh(
    first: Prepared,
    second: Prepared,
    frequencies: Frequencies,
    model: WeighingModel,
    *,
    at_least: float = -1e9,
) -> Weighed | None:
    """Weigh two records; None where the total is below ``at_least``, mostly found out before names are compared.

    Symmetric. A missing value adds nothing.
    """
    number, bits = _number(first.kvnr, second.kvnr, model)
    base = bits + population(frequencies)
    quick = (_date(first, second, frequencies), _place(first, second, frequencies))
    so_far = base + _bits(quick, model, "same")
    if so_far < 0 and so_far + _most(first, second, frequencies, model) < at_least:
        return None
    readings = _readings(first, second, frequencies, model, quick)
    seen = _best(readings, model)
    named = bool(first.given_name and second.given_name)
    unnamed = not named and frequencies.is_child(first.birth_date, second.birth_date)
    charge = _household(readings, frequencies, model, unnamed=unnamed)
    if base + _bits(seen, model, "same") + charge < at_least:
        return None
    return _explained(seen, charge, (number, bits), frequencies, model)


def observed(
    first: Prepared, second: Prepared, frequencies: Frequencies, model: WeighingModel
) -> tuple[Sequence[Seen], float]:
    """What is seen of a pair, and the bits of the insurance numbers; names that seem exchanged are left out."""
    readings = _readings(first, second, frequencies, model)
    best = _best(readings, model)
    if best is not readings[0]:
        best = [one for one in best if one[0] in {"birth_date", "place"}]
    return best, _number(first.kvnr, second.kvnr, model)[1]


def population(frequencies: Frequencies) -> float:
    """Bits for the size of the register: the more records, the more strangers agree by chance."""
    larger = frequencies.records / REFERENCE
    return -log2(larger) if larger > 1 else 0.0


def _readings(
    first: Prepared,
    second: Prepared,
    frequencies: Frequencies,
    model: WeighingModel,
    quick: tuple[Seen, Seen] | None = None,
) -> list[Sequence[Seen]]:
    """What is seen of a pair: with the names as they stand, then, where they are unlike so, exchanged."""
    rest = quick or (_date(first, second, frequencies), _place(first, second, frequencies))
    return [
        (*rest, *names, _sex(first.sex, second.sex, names[0][1]))
        for names in _names(first, second, frequencies, model)
    ]


def _explained(
    seen: Sequence[Seen],
    charge: float,
    number: tuple[Agreement, float],
    frequencies: Frequencies,
    model: WeighingModel,
) -> Weighed:
    table = model.tables["same"]
    date, place, given, surname, sex = seen
    parts = [_part(one, table) for one in (given, surname, date, sex, place)]
    parts.append(Part(NUMBER, *number))
    if charge:
        parts.append(Part(HOUSEHOLD, None, charge))
    if size := population(frequencies):
        parts.append(Part(POPULATION, None, size))
    return Weighed(sum([part.weight for part in parts]), tuple(parts))


def _part(one: Seen, table: Mapping[str, tuple[float, ...]]) -> Part:
    field, agreement, bits, extra = one
    shown = Agreement.SWAPPED if extra else agreement
    weight = table[field][agreement] + bits + extra
    return Part("sex" if field == SEX_OF_NAME else field, shown, weight)


def _best(readings: Sequence[Sequence[Seen]], model: WeighingModel) -> Sequence[Seen]:
    """The reading that fits one person best; of equals the same one whichever record comes first."""
    if len(readings) == 1:
        return readings[0]
    return max(readings, key=lambda one: (round(_bits(one, model, "same"), 6), *one[2][1:3]))


def _bits(seen: Sequence[Seen], model: WeighingModel, of: str) -> float:
    table = model.tables[of]
    total = 0.0
    for field, agreement, bits, extra in seen:
        total += table[field][agreement] + bits + extra
    return total


def _household(
    readings: Sequence[Sequence[Seen]],
    frequencies: Frequencies,
    model: WeighingModel,
    *,
    unnamed: bool,
) -> float:
    """Bits that kin take off, read in the way that fits them best: -log2(1 + odds of kin over strangers).

    ``unnamed`` is a child without a given name: more often a twin than others are.
    """
    records = max(frequencies.records, REFERENCE)
    odds = 0.0
    for of, per_record in model.kin.items():
        bits = max([_bits(seen, model, of) for seen in readings])
        bits += model.unnamed if unnamed and of == "twins" else 0.0
        odds += per_record / records * 2.0 ** min(bits, 900.0)
    return -log2(1.0 + odds)


def _most(
    first: Prepared, second: Prepared, frequencies: Frequencies, model: WeighingModel
) -> float:
    """What names and sex can add at most; a name says how rare it is only where it is equal, exchanged or not."""
    given, surname = first.given_name, first.surname
    exchanged = _equal(given, second.surname) or _equal(surname, second.given_name)
    most = model.most["sex"] + model.most[SEX_OF_NAME]
    for field, name, other in (
        ("given_name", given, second.given_name),
        ("surname", surname, second.surname),
    ):
        if name is not None and (exchanged or _equal(name, other)):
            most += _most_of(field, name, frequencies, model)
        elif name is not None:
            most += model.most[field]
    return most


def _most_of(field: str, name: Name, frequencies: Frequencies, model: WeighingModel) -> float:
    equal = model.tables["same"][field][Agreement.EQUAL] + frequencies.bits(field, name.joined)
    return max(equal, model.most[field])


def _equal(first: Name | None, second: Name | None) -> bool:
    return first is not None and second is not None and first.known == second.known


def _names(
    first: Prepared, second: Prepared, frequencies: Frequencies, model: WeighingModel
) -> list[tuple[Seen, Seen]]:
    """Given name and surname as they stand; where they are unlike so, exchanged in the one or in the other record."""
    given = first.given_name, second.given_name
    straight = _pair(given, (first.surname, second.surname), frequencies, model)
    levels = straight[0][1], straight[1][1]
    if max(levels) > _UNLIKE or min(levels) == Agreement.MISSING:
        return [straight]
    ways = [straight]
    for one, other in ((first, second), (second, first)):
        names = (one.given_name, other.surname), (one.surname, other.given_name)
        crossed = _pair(*names, frequencies, model)
        if max(crossed[0][1], crossed[1][1]) > _UNLIKE:
            exchanged = [_exchanged(*way, frequencies) for way in zip(crossed, names, strict=True)]
            ways.append((exchanged[0], exchanged[1]))
    return ways


def _exchanged(
    seen: Seen, names: tuple[Name | None, Name | None], frequencies: Frequencies
) -> Seen:
    """A name in the wrong field: whichever field it is more frequent in is its own."""
    field, agreement, bits, _ = seen
    first, second = names
    if agreement is Agreement.EQUAL and first is not None and second is not None:
        bits = min(_commoner(of, first, second, frequencies) for of in ("given_name", "surname"))
    return field, agreement, bits, EXCHANGE / 2


def _pair(
    given: tuple[Name | None, Name | None],
    surname: tuple[Name | None, Name | None],
    frequencies: Frequencies,
    model: WeighingModel,
) -> tuple[Seen, Seen]:
    of_given = given_agreement(*given, frequencies.given_names)
    return (
        _seen("given_name", of_given, given, frequencies, model),
        _seen("surname", surname_agreement(*surname), surname, frequencies, model),
    )


def _seen(
    field: str,
    agreement: Agreement,
    names: tuple[Name | None, Name | None],
    frequencies: Frequencies,
    model: WeighingModel,
) -> Seen:
    """A name seen twice; a mere likeness never says more than the commoner of the names would if it were equal."""
    first, second = names
    if agreement <= Agreement.DIFFERENT or first is None or second is None:
        return field, agreement, 0.0, 0.0
    bits = _commoner(field, first, second, frequencies)
    if agreement is Agreement.EQUAL:
        return field, agreement, bits, 0.0
    table = model.tables["same"][field]
    equal = table[Agreement.EQUAL] + bits
    return field, agreement, min(0.0, equal - table[agreement]), 0.0


def _commoner(field: str, first: Name, second: Name, frequencies: Frequencies) -> float:
    """Bits of the commoner of two names; equal ones may have their parts in another order."""
    names = {first.joined, second.joined}
    return min([frequencies.bits(field, name) for name in names])


def _date(first: Prepared, second: Prepared, frequencies: Frequencies) -> Seen:
    agreement = date_agreement(first.birth_date, second.birth_date)
    equal = agreement is Agreement.EQUAL
    bits = frequencies.bits("birth_date", first.birth_date) if equal else 0.0
    return "birth_date", agreement, bits, 0.0


def _place(first: Prepared, second: Prepared, frequencies: Frequencies) -> Seen:
    agreement = place_agreement(first, second)
    bits = 0.0
    if agreement is Agreement.CLOSE:
        bits = min(frequencies.bits("city", one.city) for one in (first, second))
    elif agreement > Agreement.CLOSE:
        bits = frequencies.bits("postcode", first.postcode)
    return "place", agreement, bits, 0.0


def _sex(first: str, second: str, given: Agreement) -> Seen:
    field = SEX_OF_NAME if given >= Agreement.PARTIAL else "sex"
    if not first or not second:
        return field, Agreement.MISSING, 0.0, 0.0
    return field, Agreement.EQUAL if first == second else Agreement.DIFFERENT, 0.0, 0.0


def _number(first: str, second: str, model: WeighingModel) -> tuple[Agreement, float]:
    """Insurance numbers, which `Prepared` holds only with the right check digit; those of kin differ as others do."""
    if not first or not second:
        return Agreement.MISSING, 0.0
    if first == second:
        agreement = Agreement.EQUAL
    else:
        near = damerau_levenshtein_distance(first, second) <= 1
        agreement = Agreement.CLOSE if near else Agreement.DIFFERENT
    return agreement, model.number[agreement]
