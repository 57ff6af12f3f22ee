"""Profile `german-1`: case, umlauts, accents, punctuation, titles and particles folded. Frozen."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from linkage.normalization.folding import fold
from linkage.normalization.numbers import number_parts
from linkage.normalization.reading import Normalizer, Parts
from linkage.normalization.values import (
    code_parts,
    date_parts,
    kvnr_parts,
    postcode_parts,
    sex_parts,
)

_WORDS: dict[str, frozenset[str]] = {
    name: frozenset(words)
    for name, words in json.loads(
        resources.files("linkage").joinpath("data", "german-1.json").read_text("utf-8")
    ).items()
}
_ORNAMENTS = _WORDS["titles"] | _WORDS["particles"] | _WORDS["born"]


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


def text_parts(value: str) -> Parts:
    """Folded free text (a place name), as one part."""
    text = fold(value)
    return (text,) if text and text not in _WORDS["no_name"] else ()


GERMAN_1: Mapping[str, Normalizer] = {
    "given-name": given_name_parts,
    "surname": name_parts,
    "date": date_parts,
    "sex": sex_parts,
    "postcode": postcode_parts,
    "text": text_parts,
    "code": code_parts,
    "number": number_parts,
    "kvnr": kvnr_parts,
}
"""Kind of column → normalizer."""
