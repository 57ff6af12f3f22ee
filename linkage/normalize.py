"""Normalization: pure, versioned profiles; a profile never changes, a better one gets a new name.

A value becomes a tuple of parts (empty: missing). Profile `german-1` folds case, umlauts, accents,
punctuation, titles and particles; profile `verbatim-1` leaves values as they are.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib import resources

Parts = tuple[str, ...]
"""Normalized parts of one value, in order; empty means missing."""

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "å": "aa"}
    | {"ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")
_NO_LETTER = re.compile(r"[\W_]+")
_WORDS: dict[str, frozenset[str]] = {
    name: frozenset(words)
    for name, words in json.loads(
        resources.files("linkage").joinpath("data", "german-1.json").read_text("utf-8")
    ).items()
}
_ORNAMENTS = _WORDS["titles"] | _WORDS["particles"] | _WORDS["born"]
_SEXES = {
    "m": ["m", "male", "mann", "maennlich", "1"],
    "f": ["f", "w", "female", "frau", "weiblich", "2"],
    "d": ["d", "x", "divers", "other", "o"],
    "": ["", "u", "unknown", "unbekannt", "k a", "keine angabe", "0", "9"],
}
_SEX_OF = {spelling: sex for sex, spellings in _SEXES.items() for spelling in spellings}
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_KVNR = re.compile(r"[A-Z]\d{9}", re.ASCII)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Digit sums of the doubled digits."""
_OLDEST, _NEWEST = 1850, 2150


class Unreadable(ValueError):
    """A value no profile can read; `code` names the reason. Never carries the value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def fold(value: str) -> str:
    """Lower case, umlauts written out, accents dropped, anything else one blank.

    Idempotent: `fold(fold(x)) == fold(x)`. Letters of other scripts stay.
    """
    if value.isascii():
        return _NO_LETTER.sub(" ", value.lower().translate(_APOSTROPHES)).strip()
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", value).casefold())
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS).translate(_APOSTROPHES))
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return _NO_LETTER.sub(" ", bare.casefold().translate(_LETTERS)).strip()


@lru_cache(maxsize=65_536)
def name_parts(value: str) -> Parts:
    """Parts of a name without titles, particles and `geb.`; hyphens and blanks separate parts.

    What would leave nothing is kept: somebody may be called *Graf*, *Von* or *Med*. Placeholders
    such as *unbekannt* are missing.
    """
    words = fold(value).split()
    if " ".join(words) in _WORDS["no_name"]:
        return ()
    kept = [word for place, word in enumerate(words) if not _ornament(words, place)]
    if kept and len(kept) < len(words):
        return name_parts(" ".join(kept))
    return tuple(words)


def _ornament(words: list[str], place: int) -> bool:
    """Whether a word is a title or particle.

    Nobility only before a particle, `h c` only as a pair.
    """
    word = words[place]
    if word in _ORNAMENTS:
        return True
    if word in _WORDS["nobility"]:
        return any(later in _WORDS["particles"] for later in words[place + 1 : place + 2])
    pair = words[max(place - 1, 0) : place + 2]
    return word in "hc" and ["h", "c"] in (pair[:2], pair[-2:])


def given_name_parts(value: str) -> Parts:
    """Parts of a given name; what a maternity ward writes before there is a name is missing."""
    return () if fold(value) in _WORDS["newborn"] else name_parts(value)


def iso_date(value: str) -> date:
    """A day written YYYY-MM-DD.

    Raises:
        Unreadable: `date-not-iso`, `date-impossible` or `date-out-of-range` (before 1850,
            after 2150).
    """
    found = _DATE.fullmatch(value.strip())
    if not found:
        raise Unreadable("date-not-iso")
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise Unreadable("date-impossible") from None
    if not _OLDEST <= day.year <= _NEWEST:
        raise Unreadable("date-out-of-range")
    return day


def date_parts(value: str) -> Parts:
    """A date as the eight digits YYYYMMDD.

    Eight digits are left alone, so that this is idempotent.
    """
    text = value.strip()
    if not text:
        return ()
    if len(text) == 8 and text.isascii() and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return (iso_date(text).isoformat().replace("-", ""),)


def sex_parts(value: str) -> Parts:
    """`m`, `f` or `d` from the spellings in use (HL7, German, English); unknown is missing.

    Raises:
        Unreadable: `sex-unknown-code`.
    """
    sex = _SEX_OF.get(fold(value))
    if sex is None:
        raise Unreadable("sex-unknown-code")
    return (sex,) if sex else ()


def postcode_parts(value: str) -> Parts:
    """A postcode in letters and digits; a country prefix before five digits (D-04109) is dropped.

    Raises:
        Unreadable: `postcode-malformed` (no digit, or longer than ten characters).
    """
    code = fold(value).replace(" ", "")
    code = re.sub(r"^(?:d|de|ger)(?=\d{5}$)", "", code)
    if code and (len(code) > 10 or not any(char.isdigit() for char in code)):
        raise Unreadable("postcode-malformed")
    return (code,) if code else ()


def text_parts(value: str) -> Parts:
    """Folded free text (a place name), as one part."""
    text = fold(value)
    return (text,) if text and text not in _WORDS["no_name"] else ()


def code_parts(value: str) -> Parts:
    """An identifier: upper case, letters and digits only."""
    code = fold(value).replace(" ", "").upper()
    return (code,) if code else ()


def kvnr_parts(value: str) -> Parts:
    """A German health insurance number.

    One that fails its check digit is missing, as it names nobody.
    """
    code = "".join(code_parts(value))
    return (code,) if kvnr_is_valid(code) else ()


def kvnr_is_valid(number: str) -> bool:
    """Whether a number is a letter, eight digits and their check digit (§ 290 SGB V)."""
    return bool(_KVNR.fullmatch(number)) and kvnr_check_digit(number[:9]) == int(number[9])


def kvnr_check_digit(stem: str) -> int:
    """Check digit of a letter and eight digits.

    The letter counts as its two-digit place in the alphabet; the ten digits are weighted 1, 2, 1,
    2, …, products are reduced to their digit sums, and the total is taken modulo 10.
    """
    digits = f"{ord(stem[0]) - 64:02d}{stem[1:]}"
    single = sum(map(int, digits[::2]))
    return (single + sum(_DOUBLED[int(digit)] for digit in digits[1::2])) % 10


def _verbatim(value: str) -> Parts:
    return (value,) if value else ()


Normalizer = Callable[[str], Parts]

_GERMAN_1: Mapping[str, Normalizer] = {
    "given-name": given_name_parts,
    "surname": name_parts,
    "date": date_parts,
    "sex": sex_parts,
    "postcode": postcode_parts,
    "text": text_parts,
    "code": code_parts,
    "kvnr": kvnr_parts,
}
PROFILES: Mapping[str, Mapping[str, Normalizer]] = {
    "german-1": _GERMAN_1,
    "verbatim-1": dict.fromkeys(_GERMAN_1, _verbatim) | {"date": date_parts},
}
"""Profile name → kind of column → normalizer."""


def normalize(value: str | None, *, kind: StrEnum, profile: str = "german-1") -> Parts:
    """Parts of a value of some kind under a profile; None and blank are missing.

    Raises:
        Unreadable: the value cannot be what its kind says.
    """
    return PROFILES[profile][kind](value) if value else ()
