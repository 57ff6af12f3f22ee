"""The life of pseudonyms: what is wrong with a string that is none, and the end of those whose time is over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ttp.core.domains import Domain
from ttp.core.errors import Conflict
from ttp.core.names import DomainName, LeafId, Pseudonym
from ttp.core.pseudonym_form import PseudonymForm

EXPIRED_AT_ONCE = 1_000


class DifferentPseudonymExists(Conflict):
    """The original has another pseudonym in this domain."""

    code = "different-pseudonym-exists"


class DifferentOriginalExists(Conflict):
    """The pseudonym belongs to another original of this domain, or did; none is ever given again."""

    code = "different-original-exists"


class Flaw(StrEnum):
    """Why a text cannot be a pseudonym of a form; the first that is found."""

    NO_TEXT = "not-a-string"
    LENGTH = "wrong-length"
    PREFIX = "wrong-prefix"
    SUFFIX = "wrong-suffix"
    CHARACTERS = "wrong-characters"
    CHECK_DIGITS = "wrong-check-digits"


def flaw_of(value: object, form: PseudonymForm) -> Flaw | None:
    """What is wrong with a text, None if it fits the form."""
    if not isinstance(value, str):
        return Flaw.NO_TEXT
    if form.fits(value):
        return None
    if not value.startswith(form.prefix):
        return Flaw.PREFIX
    if not value.endswith(form.suffix):
        return Flaw.SUFFIX
    if len(value) != form.total:
        return Flaw.LENGTH
    return Flaw.CHARACTERS if form.token_of(value) is None else Flaw.CHECK_DIGITS


class LifeStore(Protocol):
    """Where the ends of pseudonyms are kept."""

    def due(self, at: datetime) -> list[DomainName]:
        """The domains that hold active pseudonyms whose end has come, by name."""
        ...

    def expire(self, domain: Domain, at: datetime, *, limit: int, leaf: LeafId) -> list[Pseudonym]:
        """End some whose end has come: their links are destroyed, the strings stay as tombstones."""
        ...
