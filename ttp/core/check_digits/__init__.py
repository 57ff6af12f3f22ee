"""Check digits: characters after a pseudonym that reveal a mistyped one. One file a method, one registry by name.

What each method finds and misses is measured in ``docs/domains.md``. Names that begin with ``gpas-`` compute what
gPAS computes, its departures from the textbooks included, so that pseudonyms of such domains stay valid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache

from ttp.core.check_digits.damm import Damm, GpasDamm
from ttp.core.check_digits.gpas_hamming import GpasHamming
from ttp.core.check_digits.gpas_reed_solomon import GpasReedSolomon
from ttp.core.check_digits.gumm import GpasGumm, GpasVerhoeffGumm
from ttp.core.check_digits.hamming import Hamming
from ttp.core.check_digits.iso7064 import Iso7064
from ttp.core.check_digits.method import CheckDigits, NoCheckDigits
from ttp.core.check_digits.reed_solomon import ReedSolomon
from ttp.core.check_digits.verhoeff import GpasVerhoeff, Verhoeff
from ttp.core.errors import InvalidField

DIGITS = "0123456789"
DIGITS_AND_LETTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class CheckMethod(StrEnum):
    """The registered methods."""

    NONE = "none"
    ISO7064 = "iso7064"  # the hybrid system for any alphabet with an even number of characters
    MOD_11_10 = "iso7064-mod-11-10"
    MOD_37_36 = "iso7064-mod-37-36"
    VERHOEFF = "verhoeff"
    DAMM = "damm"
    HAMMING = "hamming"
    REED_SOLOMON = "reed-solomon"
    GPAS_VERHOEFF = "gpas-verhoeff"
    GPAS_VERHOEFF_GUMM = "gpas-verhoeff-gumm"
    GPAS_GUMM = "gpas-gumm"
    GPAS_DAMM = "gpas-damm"
    GPAS_HAMMING = "gpas-hamming"
    GPAS_REED_SOLOMON = "gpas-reed-solomon"


Maker = Callable[[str, int, int], CheckDigits]
"""Makes a method from the alphabet, the number of characters checked, and how many errors are to be found."""

METHODS: Mapping[CheckMethod, Maker] = {
    CheckMethod.NONE: lambda _alphabet, _length, _errors: NoCheckDigits(),
    CheckMethod.ISO7064: lambda alphabet, _length, _errors: Iso7064(alphabet),
    CheckMethod.MOD_11_10: lambda alphabet, _length, _errors: Iso7064(_only(alphabet, DIGITS)),
    CheckMethod.MOD_37_36: lambda alphabet, _length, _errors: Iso7064(
        _only(alphabet, DIGITS_AND_LETTERS)
    ),
    CheckMethod.VERHOEFF: lambda alphabet, _length, _errors: Verhoeff(alphabet),
    CheckMethod.DAMM: lambda alphabet, _length, _errors: Damm(alphabet),
    CheckMethod.HAMMING: lambda alphabet, length, _errors: Hamming(alphabet, length),
    CheckMethod.REED_SOLOMON: ReedSolomon,
    CheckMethod.GPAS_VERHOEFF: lambda alphabet, _length, _errors: GpasVerhoeff(alphabet),
    CheckMethod.GPAS_VERHOEFF_GUMM: lambda alphabet, _length, _errors: GpasVerhoeffGumm(alphabet),
    CheckMethod.GPAS_GUMM: lambda alphabet, _length, _errors: GpasGumm(alphabet),
    CheckMethod.GPAS_DAMM: lambda alphabet, _length, _errors: GpasDamm(alphabet),
    CheckMethod.GPAS_HAMMING: lambda alphabet, length, _errors: GpasHamming(alphabet, length),
    CheckMethod.GPAS_REED_SOLOMON: GpasReedSolomon,
}


@lru_cache(maxsize=256)
def check_digits(method: str, alphabet: str, length: int, detected_errors: int = 2) -> CheckDigits:
    """The method of this name for bodies of ``length`` characters of the alphabet.

    ``detected_errors`` (1 to 9) is how many wrong characters Reed–Solomon codes are to find for certain.

    Raises:
        InvalidField: there is no such method, or it is not defined for this alphabet or length.
    """
    if method not in METHODS:
        raise InvalidField(f"Check digits are one of: {', '.join(METHODS)}.")
    if not 1 <= detected_errors <= 9:
        raise InvalidField("Between 1 and 9 errors can be detected.")
    return METHODS[CheckMethod(method)](alphabet, length, detected_errors)


def _only(alphabet: str, wanted: str) -> str:
    if alphabet != wanted:
        raise InvalidField(f"This check character is defined for the alphabet {wanted} only.")
    return alphabet
