"""Pseudonyms: one per original and domain; never changed, never reused, never moved to another meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol, cast
from uuid import UUID

from ttp.core.domains import Domain
from ttp.core.errors import InvalidOriginal, InvalidPseudonym
from ttp.core.names import LeafId, Original, Pseudonym

MAXIMAL_ORIGINAL_BYTES = 4096
MAXIMAL_ITEMS = 100_000
MAXIMAL_COUNT = 10_000
MAXIMAL_FOREIGN = 255
REDRAWS = 5
SMALL_CAPACITY = 1_000_000
MOST_REDRAWS = 200
"""Of a domain too large to be searched: 0.9²⁰⁰ is less than 10⁻⁹."""
LOOK_AFTER = 20
NEARLY_FULL = 0.9

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class PseudonymState(IntEnum):
    """What became of a pseudonym. Every state but ACTIVE is a tombstone: the string is never used again."""

    ACTIVE = 0
    ANONYMIZED = 1
    DELETED = 2
    SUPERSEDED = 3
    EXPIRED = 4  # its validity ended; like an anonymized one it resolves to nothing


class Issued(NamedTuple):
    """A pseudonym of an original, and whether this request made it.

    A tuple, as a link is: batches make up to 100,000 of them, and a frozen dataclass takes thrice as long.
    """

    pseudonym: Pseudonym
    created: bool


@dataclass(frozen=True, slots=True)
class IssuedMany:
    """Secondary pseudonyms of one original in order of creation, and how many of them this request made."""

    pseudonyms: tuple[Pseudonym, ...]
    created: int


class Link(NamedTuple):
    """One stored link original ↔ pseudonym: the blind indexes find it, the envelope holds it."""

    pseudonym: Pseudonym
    index_current: bytes
    index_next: bytes | None
    envelope: bytes


@dataclass(frozen=True, slots=True)
class OriginalRow:
    """One stored original of a multi-pseudonym domain."""

    id: UUID
    index_current: bytes
    index_next: bytes | None
    envelope: bytes


def checked_original(value: object) -> Original:
    """The original exactly as given.

    Raises:
        InvalidOriginal: it is not a string, empty, longer than 4,096 bytes in UTF-8, or holds a NUL or
            another control character.
    """
    if not isinstance(value, str):
        raise InvalidOriginal("An original is a string.")
    if not value:
        raise InvalidOriginal("An original is not empty.")
    if len(value) > MAXIMAL_ORIGINAL_BYTES or _CONTROL.search(value):
        raise InvalidOriginal(
            f"An original has at most {MAXIMAL_ORIGINAL_BYTES} bytes and no control characters."
        )
    if len(value.encode()) > MAXIMAL_ORIGINAL_BYTES:
        raise InvalidOriginal(f"An original has at most {MAXIMAL_ORIGINAL_BYTES} bytes in UTF-8.")
    return Original(value)


def are_plainly_valid(values: Sequence[object]) -> bool:
    """Whether all values are originals by one look at them together; False leaves it to ``checked_original``."""
    if set(map(type, values)) != {str}:
        return False
    texts = cast("Sequence[str]", values)
    longest = max(map(len, texts)) * 4  # bytes a character has at most in UTF-8
    return all(texts) and longest <= MAXIMAL_ORIGINAL_BYTES and not _CONTROL.search("".join(texts))


def are_plainly_fitting(values: Sequence[object], domain: Domain) -> bool:
    """Whether the domain can hold all values, by one look at them; False leaves it to ``checked_pseudonym``."""
    return set(map(type, values)) == {str} and domain.form.fits_all(cast("Sequence[str]", values))


def checked_pseudonym(value: object, domain: Domain) -> Pseudonym:
    """The pseudonym, if the domain can have issued it.

    Raises:
        InvalidPseudonym: wrong type, prefix, length, alphabet or check character.
    """
    if not accepts_text(value, domain):
        raise InvalidPseudonym
    return Pseudonym(str(value))


def accepts_text(value: object, domain: Domain) -> bool:
    """Whether the domain can hold this pseudonym: by its form, or because pseudonyms of other forms are imported."""
    if not isinstance(value, str):
        return False
    return (domain.accepts_foreign and is_foreign_text(value)) or domain.form.fits(value)


def is_foreign_text(value: str) -> bool:
    """Whether a string can be an imported pseudonym: 1 to 255 printable characters, none but inner spaces."""
    return 0 < len(value) <= MAXIMAL_FOREIGN and value.isprintable() and value == value.strip()


class PseudonymStore(Protocol):
    """Where the pseudonyms of single- and multi-pseudonym domains are kept. All calls take batches."""

    @property
    def most_atomic(self) -> int:
        """How many items a batch may hold that is done as a whole or not at all."""
        ...

    def find(self, domain: Domain, indexes: Sequence[bytes]) -> dict[bytes, Pseudonym]:
        """The current pseudonym of each blind index that has one."""
        ...

    def add_missing(self, domain: Domain, rows: Sequence[Link], *, leaf: LeafId) -> set[bytes]:
        """Insert, in the order of the index, the rows whose index and pseudonym are both free.

        Returns the current indexes of the rows that were inserted by this call.
        """
        ...

    def envelopes(self, domain: Domain, pseudonyms: Sequence[Pseudonym]) -> dict[Pseudonym, bytes]:
        """The envelope of each pseudonym whose original is still linked."""
        ...

    def end(
        self, domain: Domain, indexes: Sequence[bytes], *, state: PseudonymState, leaf: LeafId
    ) -> dict[bytes, Pseudonym]:
        """Destroy the links of these indexes for good, leaving tombstones; returns what was ended."""
        ...

    def count(self, domain: Domain) -> int:
        """How many pseudonyms the domain has issued, tombstones included."""
        ...

    def taken(self, domain: Domain) -> set[Pseudonym]:
        """Every string the domain has issued, tombstones included; for small domains only."""
        ...

    def find_originals(self, domain: Domain, indexes: Sequence[bytes]) -> dict[bytes, UUID]:
        """The row of each original of a multi-pseudonym domain that is known."""
        ...

    def add_originals(self, domain: Domain, rows: Sequence[OriginalRow], *, leaf: LeafId) -> None:
        """Insert the originals whose index is free."""
        ...

    def secondaries(self, domain: Domain, originals: Sequence[UUID]) -> dict[UUID, list[Pseudonym]]:
        """The secondary pseudonyms of each original, in order of creation."""
        ...

    def add_secondaries(
        self, domain: Domain, rows: Sequence[tuple[Pseudonym, UUID]], *, leaf: LeafId
    ) -> set[Pseudonym]:
        """Insert secondary pseudonyms whose string is free; returns those inserted."""
        ...

    def take_back_secondaries(
        self, domain: Domain, originals: Sequence[UUID], *, leaf: LeafId
    ) -> None:
        """Delete what this act inserted for these originals in this transaction and tells nobody."""
        ...

    def take_back_originals(
        self, domain: Domain, originals: Sequence[UUID], *, leaf: LeafId
    ) -> None:
        """Delete those of these originals that this act inserted in this transaction; nothing hangs on them."""
        ...

    def original_envelopes(
        self, domain: Domain, pseudonyms: Sequence[Pseudonym]
    ) -> dict[Pseudonym, tuple[UUID, bytes]]:
        """The row and envelope of the original on which each secondary pseudonym hangs."""
        ...

    def end_originals(
        self, domain: Domain, indexes: Sequence[bytes], *, state: PseudonymState, leaf: LeafId
    ) -> dict[bytes, tuple[Pseudonym, ...]]:
        """Like ``end``, in a multi-pseudonym domain: all secondary pseudonyms of an original end with it."""
        ...
