"""Re-identification: down to originals and identifying data, never by one person alone except in an emergency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ttp.core.errors import InvalidField, TooManyItems, TTPError
from ttp.core.names import Original, Pseudonym
from ttp.core.review import MAXIMAL_REASON

MOST_PSEUDONYMS = 1_000
MOST_IN_AN_EMERGENCY = 100
USE_HOURS = 24
MOST_USE_HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class Revealed:
    """What stands behind a pseudonym. ``identities``: identifying data, where the domain holds persons known here."""

    pseudonym: Pseudonym
    originals: tuple[Original, ...]
    identities: tuple[Mapping[str, str | None], ...] = ()


Answer = Revealed | TTPError


def checked_pseudonyms(values: Sequence[object], *, most: int) -> list[str]:
    """The pseudonyms without repetition, in the order given. Whether they exist is told only at the end.

    Raises:
        InvalidField: none at all, or one is not text. TooManyItems: more than ``most``.
    """
    if not values or not all(isinstance(value, str) and 1 <= len(value) <= 200 for value in values):
        raise InvalidField("Name at least one pseudonym; each is a text of at most 200 characters.")
    unique = list(dict.fromkeys(str(value) for value in values))
    if len(unique) > most:
        raise TooManyItems(f"At most {most} pseudonyms at a time.")
    return unique


def checked_purpose(purpose: str) -> str:
    """The purpose without surrounding blanks; it stands in the audit log, so that no name belongs into it.

    Raises:
        InvalidField: empty, longer than 500 characters or with control characters.
    """
    text = purpose.strip()
    if not 1 <= len(text) <= MAXIMAL_REASON or not text.isprintable():
        raise InvalidField(f"A purpose has 1 to {MAXIMAL_REASON} printable characters.")
    return text
