"""Values with a form of their own: dates, sex, postcodes, codes, insurance numbers (`german-1`)."""

import re
from datetime import date

from linkage.normalization.folding import fold
from linkage.normalization.reading import Parts, Unreadable

_SEXES = {
    "m": ["m", "male", "mann", "maennlich", "1"],
    "f": ["f", "w", "female", "frau", "weiblich", "2"],
    "d": ["d", "x", "divers", "other", "o"],
    "": ["", "u", "unknown", "unbekannt", "k a", "keine angabe", "0", "9"],
}
_SEX_OF = {spelling: sex for sex, spellings in _SEXES.items() for spelling in spellings}
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_KVNR = re.compile(r"[A-Z]\d{9}", re.ASCII)
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
"""From a digit to the digit sum of its double."""
_OLDEST, _NEWEST = 1850, 2150


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


def code_parts(value: str) -> Parts:
    """An identifier: upper case, letters and digits only."""
    code = fold(value).replace(" ", "").upper()
    return (code,) if code else ()


def kvnr_parts(value: str) -> Parts:
    """A German health insurance number.

    One that fails its check digit is missing, as it names nobody.
    """
    code = value if _KVNR.fullmatch(value) else "".join(code_parts(value))
    return (code,) if kvnr_is_valid(code) else ()


def kvnr_is_valid(number: str) -> bool:
    """Whether a number is a letter, eight digits and their check digit (§ 290 SGB V)."""
    return bool(_KVNR.fullmatch(number)) and kvnr_check_digit(number[:9]) == int(number[9])


def kvnr_check_digit(stem: str) -> int:
    """Check digit of a letter and eight digits.

    The letter counts as its two-digit place in the alphabet; the ten digits are weighted 1, 2, 1,
    2, …, products are reduced to their digit sums, and the total is taken modulo 10.
    """
    digits = f"{ord(stem[0]) - 64:02d}{stem[1:]}".encode()
    single = sum(digits[::2]) - 5 * ord("0")
    return (single + sum(digits[1::2].translate(_DOUBLED))) % 10
