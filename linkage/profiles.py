"""Profiles: two ways to encode, each with the schema it stands for and what was measured about it.

`protected` is for encodings that leave a center; `accurate` never does. A profile promises nothing that
is not in its figures: what was not measured is null there, and null is not "fine".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Final

from linkage.schema import LinkageSchema, load

FIGURES: Final = "profiles-2026-11.json"
"""The file of measured figures in this package."""


class Scope(StrEnum):
    """Where encodings of a profile may go."""

    BETWEEN_CENTERS = "between centers"
    ONE_BOUNDARY = "inside one trust boundary, with an approved risk note"


@dataclass(frozen=True, slots=True)
class Profile:
    """A named choice: ``schema`` is a shipped name, ``cost`` says openly what the choice costs."""

    name: str
    schema: str
    scope: Scope
    cost: str

    def load(self) -> LinkageSchema:
        """The schema."""
        return load(self.schema)

    def figures(self) -> Mapping[str, object]:
        """What was measured: quality, gates, bits and speed, each with its conditions.

        Measured for the schema with the fingerprint named there and for no other.
        """
        text = resources.files("linkage").joinpath("data", FIGURES).read_text("utf-8")
        found: Mapping[str, object] = json.loads(text)["profiles"][self.name]
        return found


PROTECTED: Final = Profile(
    "protected",
    "salted-2026-11",
    Scope.BETWEEN_CENTERS,
    "Records are compared only where a salt of several fields is equal: who has errors in most of them "
    "is not found. 8,512 bits a record; a site must keep the tokens it used.",
)
ACCURATE: Final = Profile(
    "accurate",
    "accurate-2026-11",
    Scope.ONE_BOUNDARY,
    "Similarity stays visible: whoever holds the encodings and knows the population can find persons.",
)
PROFILES: Final = {profile.name: profile for profile in (PROTECTED, ACCURATE)}
