"""Noise: how registration desks get it wrong; every error here is one that linkage must survive."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from linkage.synthetic.lists import Weighted

Row = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ErrorProfile:
    """How often things go wrong, each as a probability.

    `faulty`: a record has at least one error; `second`: one more error, again and again up to
    three. `moved`, `married`: the person did so between two registrations. `no_kvnr`: the insurance
    number was not recorded. `duplicate`: a site registered the patient twice.
    """

    faulty: float
    second: float = 0.25
    moved: float = 0.09
    married: float = 0.03
    no_kvnr: float = 0.35
    duplicate: float = 0.01


NONE = ErrorProfile(faulty=0, moved=0, married=0, no_kvnr=0, duplicate=0)
LIGHT = ErrorProfile(faulty=0.12, moved=0.04, married=0.01)
MODERATE = ErrorProfile(faulty=0.36)
HEAVY = ErrorProfile(faulty=0.65, second=0.5, moved=0.15, married=0.05, no_kvnr=0.6, duplicate=0.03)

_KEYBOARD = ("qwertzuiop", "asdfghjkl", "yxcvbnm")
_MISREAD = {"m": "rn"} | dict(zip("lnuhecg0815634", "iunbceq8076589", strict=True))
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_BARE = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "s"})
_SOUNDS = {
    "ei": "ai",
    "ai": "ei",
    "ey": "ei",
    "ay": "ai",
    "tt": "t",
    "mm": "m",
    "nn": "n",
    "ll": "l",
    "ff": "f",
    "ss": "s",
    "ß": "ss",
    "ph": "f",
    "f": "ph",
    "ck": "k",
    "c": "k",
    "k": "c",
    "th": "t",
    "t": "dt",
    "ie": "i",
    "z": "tz",
    "chr": "kr",
}


def disturb(rng: Random, row: Row, profile: ErrorProfile) -> Row:
    """A record as it might have been typed: none to three errors."""
    if rng.random() >= profile.faulty:
        return row
    row = dict(row)
    for _ in range(3):
        for _ in range(8):
            before = dict(row)
            _ERRORS.draw(rng)(rng, row)
            if row != before:
                break
        if rng.random() >= profile.second:
            break
    return row


def mistyped(rng: Random, value: str) -> str:
    """One typing, reading or hearing error in a word; short words are left alone."""
    if len(value) < 3:
        return value
    return _TYPOS.draw(rng)(rng, value)


def _transpose(rng: Random, value: str) -> str:
    at = rng.randrange(len(value) - 1)
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


def _leave_out(rng: Random, value: str) -> str:
    at = rng.randrange(1, len(value))
    return value[:at] + value[at + 1 :]


def _double(rng: Random, value: str) -> str:
    at = rng.randrange(len(value))
    return value[: at + 1] + value[at:]


def _wrong_key(rng: Random, value: str) -> str:
    at = rng.randrange(len(value))
    row = next((keys for keys in _KEYBOARD if value[at].lower() in keys), None)
    if row is None:
        return value
    place = row.index(value[at].lower())
    return value[:at] + rng.choice(row[max(place - 1, 0) : place + 2]) + value[at + 1 :]


def _misread(rng: Random, value: str) -> str:
    at = rng.randrange(len(value))
    return value[:at] + _MISREAD.get(value[at], value[at]) + value[at + 1 :]


def _misheard(rng: Random, value: str) -> str:
    fitting = [(said, heard) for said, heard in _SOUNDS.items() if said in value]
    if not fitting:
        return value
    said, heard = rng.choice(fitting)
    return value.replace(said, heard, 1)


_TYPOS: Weighted[Callable[[Random, str], str]] = Weighted(
    [_transpose, _leave_out, _double, _wrong_key, _misread, _misheard], [2, 2, 1, 3, 1.5, 3]
)


def _typo(column: str) -> Callable[[Random, Row], None]:
    def apply(rng: Random, row: Row) -> None:
        if value := row[column]:
            row[column] = mistyped(rng, value)

    return apply


def _missing(column: str) -> Callable[[Random, Row], None]:
    def apply(_rng: Random, row: Row) -> None:
        row[column] = None

    return apply


def _umlaut(rng: Random, row: Row) -> None:
    """Umlauts written out (harmless) or without their dots."""
    table = _SPELLED_OUT if rng.random() < 0.6 else _BARE
    for column in ("given_name", "surname", "city"):
        row[column] = (row[column] or "").translate(table) or None


def _digit(rng: Random, value: str, places: list[int]) -> str:
    at = rng.choice(places)
    return value[:at] + str((int(value[at]) + rng.randint(1, 9)) % 10) + value[at + 1 :]


def _date(rng: Random, row: Row) -> None:
    """Day and month exchanged where that is a date; else one digit wrong, within what is a date."""
    value = row["birth_date"]
    if value is None:
        return
    if int(value[8:]) <= 12 and rng.random() < 0.5:
        row["birth_date"] = f"{value[:4]}-{value[8:]}-{value[5:7]}"
    elif rng.random() < 0.5:
        day = int(value[8:])
        row["birth_date"] = value[:8] + f"{rng.choice([d for d in range(1, 29) if d != day]):02d}"
    else:
        row["birth_date"] = value[:3] + _digit(rng, value[3], [0]) + value[4:8] + _safe_day(value)


def _safe_day(value: str) -> str:
    return "28" if value[5:] == "02-29" else value[8:]


def _postcode(rng: Random, row: Row) -> None:
    if value := row["postcode"]:
        swap = rng.random() < 0.4
        row["postcode"] = _transpose(rng, value) if swap else _digit(rng, value, [2, 3, 4])


def _exchange_names(_rng: Random, row: Row) -> None:
    row["given_name"], row["surname"] = row["surname"], row["given_name"]


def _shorten_given(rng: Random, row: Row) -> None:
    """Only the first of two given names, or the first letter of the second."""
    value = (row["given_name"] or "").replace("-", " ")
    if " " in value:
        first, rest = value.split(" ", 1)
        row["given_name"] = first if rng.random() < 0.7 else f"{first} {rest[0]}."


def _halve_surname(rng: Random, row: Row) -> None:
    """One half of a double surname, or without its particle."""
    value = row["surname"] or ""
    if "-" in value or " " in value:
        row["surname"] = rng.choice(value.replace(" ", "-").split("-")[-2:])


def _title(rng: Random, row: Row) -> None:
    row["surname"] = rng.choice(["Dr. ", "Dr. med. ", "Prof. Dr. "]) + (row["surname"] or "")


def _shout(_rng: Random, row: Row) -> None:
    row["surname"] = (row["surname"] or "").upper() or None


def _city(rng: Random, row: Row) -> None:
    """The place without its addition, or mistyped."""
    value = row["city"] or ""
    short = value.split(" ")[0].split("-")[0]
    row["city"] = (short if short != value else mistyped(rng, value)) or None


def _sex(rng: Random, row: Row) -> None:
    row["sex"] = None if rng.random() < 0.5 else ("f" if row["sex"] == "m" else "m")


_WEIGHTS: list[tuple[float, Callable[[Random, Row], None]]] = [
    (16, _typo("given_name")),
    (20, _typo("surname")),
    (7, _umlaut),
    (11, _date),
    (9, _postcode),
    (9, _city),
    (4, _exchange_names),
    (9, _shorten_given),
    (4, _halve_surname),
    (1.5, _title),
    (2, _shout),
    (4, _sex),
    (5, _missing("postcode")),
    (5, _missing("city")),
    (1.5, _missing("birth_date")),
    (1, _missing("given_name")),
]
_ERRORS = Weighted([error for _, error in _WEIGHTS], [weight for weight, _ in _WEIGHTS])
