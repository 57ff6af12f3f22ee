"""Places (`german-2`): one spelling of a town, with or without river, district and postcode."""

import json
from importlib import resources

from linkage.normalization.folding import fold_umlauts
from linkage.normalization.reading import Parts

_PLACES = json.loads(
    resources.files("linkage").joinpath("data", "places-2.json").read_text("utf-8")
)
_CONNECTIVES = frozenset(_PLACES["connectives"])
_DISTRICT = frozenset(_PLACES["district"])


def place_parts(value: str) -> Parts:
    """A town as one part: abbreviations written out, *am*, *an der* and numbers left out.

    A district after *OT* or *Ortsteil* is cut off: not every register names it.
    """
    words = fold_umlauts(value).split()
    if " ".join(words) in _PLACES["no_place"]:
        return ()
    words = [_PLACES["spelled"].get(word, word) for word in _without_district(words)]
    kept = [word for word in words if not word.isdigit()]
    town = _by_river(kept)
    return (town,) if town else ()


def _without_district(words: list[str]) -> list[str]:
    for place, word in enumerate(words):
        if place and word in _DISTRICT:
            return words[:place]
    return words


def _by_river(words: list[str]) -> str:
    """Words less the connectives, an abbreviated river or region written out."""
    if len(words) > 1:
        named = _PLACES["rivers"].get(f"{words[0]} {words[-1]}")
        if named:
            return str(named)
    named_words = [word for word in words if word not in _CONNECTIVES]
    return " ".join(named_words or words)
