"""Cologne phonetics: German words that sound alike get one code (Postel 1969, Kölner Phonetik)."""

from functools import lru_cache

_VOWELS = frozenset("aeijouy")
_FIXED = {"b": "1", "f": "3", "v": "3", "w": "3", "g": "4", "k": "4", "q": "4", "l": "5"}
_FIXED |= {"m": "6", "n": "6", "r": "7", "s": "8", "z": "8"}
_FOLD = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "s"})
_HARD_C_FIRST = frozenset("ahkloqrux")
_HARD_C = frozenset("ahkoqux")


@lru_cache(maxsize=65_536)
def cologne(word: str) -> str:
    """The code of one word: digits, empty when the word has no letter a to z.

    Zeros (vowels) count only at the start; equal neighbors are written once. Umlauts count as their
    base vowel, which gives the same code as writing them out (ae, oe, ue).
    """
    letters = [letter for letter in word.lower().translate(_FOLD) if "a" <= letter <= "z"]
    digits = "".join(_digits(letters, place) for place in range(len(letters)))
    single = [digit for place, digit in enumerate(digits) if digits[place - 1 : place] != digit]
    return "".join(single[:1] + [digit for digit in single[1:] if digit != "0"])


def _digits(letters: list[str], place: int) -> str:
    """Digits of one letter, given its neighbors; `h` has none."""
    letter = letters[place]
    before = letters[place - 1] if place else ""
    after = letters[place + 1] if place + 1 < len(letters) else ""
    if letter in _VOWELS:
        return "0"
    if letter == "p":
        return "3" if after == "h" else "1"
    if letter in "dt":
        return "8" if after and after in "csz" else "2"
    if letter == "c":
        return _digit_of_c(before, after)
    if letter == "x":
        return "8" if before and before in "ckq" else "48"
    return _FIXED.get(letter, "")


def _digit_of_c(before: str, after: str) -> str:
    """`c` sounds like k or like z, by what surrounds it."""
    if not before:
        return "4" if after in _HARD_C_FIRST else "8"
    return "4" if before not in "sz" and after in _HARD_C else "8"
