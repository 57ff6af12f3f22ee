"""Folding: one spelling of a text, whatever keyboard, case or accents it was written with."""

import re
import unicodedata

from linkage.normalization.scripts import romanized

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "å": "aa"}
    | {"ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_BASES = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
    | {"ı": "i", "ħ": "h", "ə": "a", "ŋ": "n"}
)
_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")
_QUOTES = str.maketrans("", "", "'’‘`´ʼʻ′")
_NO_LETTER = re.compile(r"[\W_]+")
_UMLAUT = re.compile(r"(?:(?<![aeiouyq])u|[ao])e(?!e|$)(?!l[as]?$)")
"""A written-out umlaut inside a word: not the vowels of Bauer, Quentin, Zoe or Michael."""


def fold(value: str) -> str:
    """Lower case, umlauts written out, accents dropped, anything else one blank.

    Idempotent: `fold(fold(x)) == fold(x)`. Letters of other scripts stay. Part of `german-1`.
    """
    if value.isascii():
        return _NO_LETTER.sub(" ", value.lower().translate(_APOSTROPHES)).strip()
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", value).casefold())
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS).translate(_APOSTROPHES))
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return _NO_LETTER.sub(" ", bare.casefold().translate(_LETTERS)).strip()


def fold_to_base(value: str) -> str:
    """Lower case in Latin letters, every accent and umlaut dropped (Müller: muller).

    Greek, Cyrillic, Arabic and Hebrew are romanized (`scripts`). Idempotent. Part of `generic-1`.
    """
    if not value.isascii():
        value = _plain_letters(value)
    return _NO_LETTER.sub(" ", value.lower().translate(_QUOTES)).strip()


def fold_umlauts(value: str) -> str:
    """As `fold_to_base`, and Müller, Mueller and Muller become one (muller).

    A written-out umlaut loses its e except where the vowels belong to the word: after another
    vowel (Bauer) or q, at the end (Zoe), and in -ael, -oel, -uel (Michael, Manuela). Idempotent.
    Part of `german-2`.
    """
    return " ".join(_UMLAUT.sub(_without_e, word) for word in fold_to_base(value).split())


def _plain_letters(value: str) -> str:
    """Romanized, without accents; marks between letters of other scripts go as well."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", value).casefold())
    text = unicodedata.normalize("NFKD", romanized(text).translate(_BASES))
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return romanized(bare.casefold()).translate(_BASES)  # letters that had accents of old Greek


def _without_e(found: re.Match[str]) -> str:
    return found[0][0]
