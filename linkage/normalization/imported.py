"""Profiles of other systems: what their encoders do to a value before they hash it. Frozen.

`verbatim-1` leaves values as they are (clkhash). `epix-1` is E-PIX's usual preprocessing: trim, upper
case, umlauts written out, then letters outside ASCII without their accents or not at all. `fttp-1`
is the federated trusted third party's: titles out, upper case, letters and blanks alone.
"""

import re
import unicodedata
from collections.abc import Mapping

from linkage.normalization.numbers import verbatim_number
from linkage.normalization.reading import Normalizer, Parts
from linkage.normalization.values import date_parts

_KINDS = ("given-name", "surname", "date", "sex", "postcode", "text", "code", "kvnr")
_UPPER = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ẞ": "SS"})
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_TITLES = re.compile(r"Dr\.|Dipl\.")
_SPELLED = str.maketrans(
    {"é": "e", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "AE", "Ö": "OE", "Ü": "UE"}
)
_NOT_FTTP = re.compile(r"[^A-Z\s]", re.ASCII)


def _verbatim(value: str) -> Parts:
    return (value,) if value else ()


def epix_text(value: str) -> Parts:
    """Trimmed, upper case, Ä as AE and ß as SS, other accents dropped, the rest of Unicode too."""
    text = value.strip().upper().translate(_UPPER)
    return _verbatim(_NOT_ASCII.sub("", unicodedata.normalize("NFD", text)))


def fttp_name(value: str) -> Parts:
    """*Dr.* and *Dipl.* taken out, umlauts written out, upper case, A to Z and blanks alone."""
    text = _TITLES.sub("", value).translate(_SPELLED).upper().strip()
    return _verbatim(_NOT_FTTP.sub("", text))


def fttp_sex(value: str) -> Parts:
    """Lower case, as the federated client writes it."""
    return _verbatim(value.strip().lower())


_OWN: dict[str, Normalizer] = {"date": date_parts, "number": verbatim_number}
_VERBATIM: dict[str, Normalizer] = dict.fromkeys(_KINDS, _verbatim)
_EPIX: dict[str, Normalizer] = dict.fromkeys(_KINDS, epix_text)
_FTTP: dict[str, Normalizer] = {
    "given-name": fttp_name,
    "surname": fttp_name,
    "sex": fttp_sex,
}
VERBATIM_1: Mapping[str, Normalizer] = _VERBATIM | _OWN
EPIX_1: Mapping[str, Normalizer] = _EPIX | _OWN
FTTP_1: Mapping[str, Normalizer] = _VERBATIM | _OWN | _FTTP
