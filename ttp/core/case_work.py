"""Case work: who works on a case and by when, what people saved for themselves, and what was disclosed to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, InvalidField, NotFound, TooMuch
from ttp.core.names import CaseId, LeafId
from ttp.core.persons import Pair

LEASE = timedelta(minutes=5)
MOST_VIEWS = 30
MOST_REASONS = 9
_LONGEST_REASON = 60


class CaseInWork(Conflict):
    """Somebody else works on this case; take it over knowingly, or wait until their time is over."""

    code = "case-in-work"


class UnknownView(NotFound):
    """You have no saved view of this name."""

    code = "unknown-view"


class DisclosureSpent(TooMuch):
    """You have uncovered as many characters today as one person may."""

    code = "disclosure-spent"


@dataclass(frozen=True, slots=True)
class DeskRules:
    """How a center reviews: reasons by their keys, from which impact on two decide, what a person may uncover a day.

    ``second_vote_above``: 0 is never. ``daily_characters`` are those uncovered beyond the masked view.
    """

    reasons: tuple[str, ...] = ("typing-error", "name-change", "relatives", "other")
    second_vote_above: int = 0
    daily_characters: int = 5000


def reasons_from(text: str) -> tuple[str, ...]:
    """The reasons of a setting. A reason that the pages have no words for is shown as it is written.

    Raises:
        InvalidField: fewer than one, more than nine, or one longer than 60 characters or with a colon.
    """
    reasons = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    wrong = any(len(reason) > _LONGEST_REASON or ":" in reason for reason in reasons)
    if wrong or not 1 <= len(reasons) <= MOST_REASONS:
        raise InvalidField(
            "Decisions have 1 to 9 reasons of at most 60 characters, without colons."
        )
    return reasons


@dataclass(frozen=True, slots=True)
class Lease:
    """Somebody works on a case until ``expires_at`` and may renew it. ``holder`` is like ``staff:NAME``."""

    case_id: CaseId
    holder: str
    taken_at: datetime
    expires_at: datetime

    def keeps_out(self, actor: str, *, at: datetime) -> bool:
        """Whether this other person has to take the case over first."""
        return self.holder != actor and at < self.expires_at


@dataclass(frozen=True, slots=True)
class SavedView:
    """A filter of the queue under a name of one's own; ``query`` is its query string."""

    owner: str
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was uncovered of one field of a pair. ``step``: 1 some more characters, 2 the whole value.

    ``characters`` are those that were not visible before.
    """

    id: UUID
    owner: str
    day: date
    case_id: CaseId
    pair: Pair
    field: str
    step: int
    characters: int


class CaseWorkStore(Protocol):
    """Where the work around cases is kept; none of it changes what is decided."""

    def lease(self, case_id: CaseId) -> Lease | None:
        """Who worked on the case last, whether their time is over or not."""
        ...

    def take(self, lease: Lease, *, at: datetime, over: bool = False) -> bool:
        """Store who works on the case; False if somebody else does at this time, and it is not taken ``over``."""
        ...

    def give_back(self, case_id: CaseId, holder: str) -> None:
        """End the lease if it is this holder's."""
        ...

    def assign(self, cases: Sequence[CaseId], assignee: str | None) -> None:
        """Store who should decide these cases."""
        ...

    def set_due(self, cases: Sequence[CaseId], due_at: datetime | None) -> None:
        """Store by when these cases should be decided."""
        ...

    def returning(self, at: datetime, *, limit: int) -> list[CaseId]:
        """Postponed cases whose time has come."""
        ...

    def views(self, owner: str) -> list[SavedView]:
        """The saved views of a person by name."""
        ...

    def save_view(self, view: SavedView) -> None:
        """Store a view; one of the same name is replaced."""
        ...

    def drop_view(self, owner: str, name: str) -> bool:
        """Forget a view; whether there was one."""
        ...

    def disclose(self, disclosure: Disclosure, *, leaf: LeafId) -> None:
        """Store what was uncovered."""
        ...

    def disclosed(self, owner: str, day: date, *, hold: bool = False) -> int:
        """How many characters a person uncovered on a day; ``hold`` lets no other transaction add to it meanwhile."""
        ...

    def uncovered(self, owner: str, day: date, case_id: CaseId) -> dict[tuple[Pair, str], int]:
        """How far this person has uncovered which fields of a case that day."""
        ...
