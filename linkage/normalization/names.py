"""Names (`german-2`, `generic-1`): words of a name, without what is not part of it.

The words of a profile (titles, particles, placeholders) lie in its data file; what they mean is here.
What would leave nothing is kept: somebody may be called *Graf*, *Von* or *Med*.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from linkage.normalization.reading import Parts

_MARKS = {
    mark: place
    for place, mark in enumerate(["a", "b", "c", "d", "1", "2", "3", "4", "i", "ii", "iii", "iv"])
}


@dataclass(frozen=True)
class Names:
    """How a profile reads names: its folding and its lists of words."""

    fold: Callable[[str], str]
    words: Mapping[str, frozenset[str]]

    @cached_property
    def _dropped(self) -> frozenset[str]:
        return self.words["titles"] | self.words["born"] | self.words["generations"]

    def surname(self, value: str) -> Parts:
        """Parts of a surname, without titles, particles, nobility, generation and `geb.`."""
        return self._parts(value, self.words["particles"])

    def given_name(self, value: str) -> Parts:
        """Parts of a given name; what a maternity ward writes before there is a name is missing.

        A multiple's mark after a name (Anna, Zwilling A) is dropped.
        """
        words = self.fold(value).split()
        if words and words[0] in self.words["child"]:
            return () if len(words) > 1 or words[0] in self.words["unnamed"] else tuple(words)
        return self._parts(" ".join(self._without_newborn(words)), self.words["given_particles"])

    def _without_newborn(self, words: list[str]) -> list[str]:
        """Words less *Zwilling A*, *Neugeborenes weiblich*, *Baby*."""
        kept: list[str] = []
        after_newborn = False
        for word in words:
            newborn = word in self.words["newborn"]
            if not newborn and not (after_newborn and self._is_mark(word)):
                kept.append(word)
            after_newborn = newborn or (after_newborn and self._is_mark(word))
        return kept

    def _is_mark(self, word: str) -> bool:
        return word in _MARKS or word in self.words["newborn_marks"]

    def _parts(self, value: str, particles: frozenset[str]) -> Parts:
        words = self.fold(value).split()
        if " ".join(words) in self.words["no_name"]:
            return ()
        words = self._joined(words)
        kept = [
            word for place, word in enumerate(words) if not self._ornament(words, place, particles)
        ]
        if kept and len(kept) < len(words):
            return self._parts(" ".join(kept), particles)
        return tuple(words)

    def _joined(self, words: list[str]) -> list[str]:
        """Words written apart by some and together by others become one: O Neill, Mc Donald."""
        kept: list[str] = []
        words = ["von", "der", *words[2:]] if words[:2] == ["v", "d"] else words
        for word in words:
            if kept and kept[-1] in self.words["prefixes"] and len(word) > 2:
                kept[-1] += word
            elif len(kept) > 1 and kept[-2] == "abd" and kept[-1] in ("al", "el", "ul"):
                kept[-2:] = ["abdul", word]
            else:
                kept.append(word)
        return kept

    def _ornament(self, words: list[str], place: int, particles: frozenset[str]) -> bool:
        """Whether a word is no part of the name itself.

        Nobility only beside a particle; `v` for *von* only before a name; `h c`, `e h` as pairs.
        """
        word, later = words[place], words[place + 1 : place + 2]
        before = words[max(place - 1, 0) : place]
        if word in self._dropped or word in particles:
            return True
        if word in self.words["nobility"]:
            return bool({*later, *before} & particles)
        if word == "v":
            return place == 0 and bool(later)
        if word in self.words["last_only"]:
            return place == len(words) - 1
        return (*before, word) in _PAIRS or (word, *later) in _PAIRS


_PAIRS = {("h", "c"), ("e", "h"), ("m", "sc"), ("b", "sc")}


def words_of(profile: str) -> dict[str, frozenset[str]]:
    """The lists of words of a profile's data file."""
    raw = resources.files("linkage").joinpath("data", f"{profile}.json").read_text("utf-8")
    return {name: frozenset(words) for name, words in json.loads(raw).items()}
