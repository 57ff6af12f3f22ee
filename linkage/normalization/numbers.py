"""Numbers, sex, postcodes and insurance numbers as `german-2` and `generic-1` read them."""

import re

from linkage.normalization.folding import fold_umlauts
from linkage.normalization.reading import Parts, Unreadable
from linkage.normalization.values import code_parts, kvnr_is_valid

_SEXES = {
    "m": ["m", "male", "mann", "mannlich", "maennlich", "mannl", "herr", "knabe", "junge", "1"],
    "f": ["f", "w", "female", "frau", "weiblich", "weibl", "madchen", "2"],
    "d": ["d", "x", "divers", "other", "o", "a", "ambiguous", "unbestimmt", "3"],
    "": ["", "u", "unknown", "unbekannt", "unbek", "k a", "keine angabe", "n", "0", "9", "offen"],
}
_SEX_OF = {spelling: sex for sex, spellings in _SEXES.items() for spelling in spellings}
_SEX_OF |= dict.fromkeys(["inter", "intersex", "intersexuell", "nichtbinar", "nonbinary"], "d")
_SEX_OF |= {"non binary": "d", "n a": "", "nicht bekannt": ""}
_COUNTRY = re.compile(r"^(?:d|de|ger|a|at|aut|ch|che|l|lu|b|be|f|fr|i|it|dk|pl|cz)(?=\d{4,5}$)")
_TOWN_BEHIND = re.compile(r"^((?:[a-z]{1,3} )?\d{4,5}) [a-z]{3,}.*$")
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,20})?", re.ASCII)
_NO_CODES = {"00000", "99999", "0000", "9999"}
_CARD = (19, 20, 29, 30)
"""Characters of a card's whole number: insured, insurer, and the insured's family member."""


def sex_code(value: str) -> Parts:
    """`m`, `f` or `d` from the spellings of HL7 v2, FHIR, xDT, ISO 5218 and German forms.

    Raises:
        Unreadable: `sex-unknown-code`.
    """
    sex = _SEX_OF.get(fold_umlauts(value))
    if sex is None:
        raise Unreadable("sex-unknown-code")
    return (sex,) if sex else ()


def postal_code(value: str) -> Parts:
    """A postcode in letters and digits, without a country before it or a town behind it.

    Codes of one digit repeated that stand for *unknown* (00000, 99999) are missing.

    Raises:
        Unreadable: `postcode-malformed` (no digit, or longer than ten characters).
    """
    text = _TOWN_BEHIND.sub(r"\1", fold_umlauts(value))
    code = _COUNTRY.sub("", text.replace(" ", ""))
    if code in _NO_CODES:
        return ()
    if code and (len(code) > 10 or not any(char.isdigit() for char in code)):
        raise Unreadable("postcode-malformed")
    return (code,) if code else ()


def insured_number(value: str) -> Parts:
    """The lasting ten characters of an insurance number, also from a card's whole number.

    One that fails its check digit is missing, as it names nobody.
    """
    code = "".join(code_parts(value))
    code = code[:10] if len(code) in _CARD else code
    return (code,) if kvnr_is_valid(code) else ()


def number_parts(value: str) -> Parts:
    """A whole or decimal number in its shortest form, with a point: 007 is 7, 1,50 is 1.5.

    Raises:
        Unreadable: `number-malformed`.
    """
    text = value.strip().replace(",", ".")
    if not text:
        return ()
    if not _NUMBER.fullmatch(text):
        raise Unreadable("number-malformed")
    sign, text = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    short = (whole.lstrip("0") or "0") + ("." + decimals if decimals else "")
    return (short if short == "0" else sign + short,)


def in_units(text: str, digits: int) -> int:
    """A number in units of the last decimal that counts; whole numbers exactly.

    Raises:
        Unreadable: `number-malformed`, as profiles that leave values as they are find out here.
    """
    try:
        return int(text) * int(10**digits)
    except ValueError:
        pass
    try:
        number = float(text)
        return round(number * 10**digits) if digits else int(number)
    except (ValueError, OverflowError):
        raise Unreadable("number-malformed") from None


def verbatim_number(value: str) -> Parts:
    """As clkhash reads numbers: whole ones in their shortest form, others as they are."""
    try:
        return (str(int(value)),)
    except ValueError:
        return (value,) if value else ()
