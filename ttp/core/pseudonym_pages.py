"""Pages of pseudonyms: the strings of a domain in their order, never with what they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ttp.core.domains import Domain
from ttp.core.names import Pseudonym

DEFAULT_PAGE = 25
MAXIMAL_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ListedPseudonym:
    """A pseudonym in use, and when it was made."""

    pseudonym: Pseudonym
    created_at: datetime


class PseudonymPages(Protocol):
    """Where pseudonyms are read in their order. Tombstones are left out."""

    def after(self, domain: Domain, pseudonym: str, *, limit: int) -> Sequence[ListedPseudonym]:
        """The first ``limit`` pseudonyms of a domain that sort after this string."""
        ...

    def count(self, domain: Domain) -> int:
        """How many pseudonyms of a domain are in use."""
        ...
