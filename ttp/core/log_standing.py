"""The log's standing: a database is trusted only as long as its log holds every checkpoint known outside of it.

Two things outside of the database know one: the anchor in the home, and the witnesses. Whoever puts an older database
back, or another history in its place, contradicts them. Then nothing is written until two persons have accepted it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ttp.core.errors import Unavailable

LOOKED_UP_SECONDS = 1.0


class LogInDoubt(Unavailable):
    """The log contradicts a checkpoint known outside of the database; nothing is written until two persons accept."""

    code = "log-in-doubt"


class DatabaseOutdated(LogInDoubt):
    """The database is older than a checkpoint that was witnessed; look with 'ttp restore show'."""

    code = "database-outdated"


class LogForked(LogInDoubt):
    """The log of this database is another history than the one that was witnessed; look with 'ttp restore show'."""

    code = "log-forked"


class AnchorMissing(LogInDoubt):
    """The file 'witnessed.note' of this home is gone: nothing shows that the database is the newest one."""

    code = "anchor-missing"


class AnchorInvalid(LogInDoubt):
    """The file 'witnessed.note' of this home is not a checkpoint that this center signed."""

    code = "anchor-invalid"


@dataclass(frozen=True, slots=True)
class Known:
    """A checkpoint known outside of the database. ``witness``: the peer that showed it, empty for the anchor.

    ``at``: when it was co-signed, as its witness says; None where nobody says so.
    """

    size: int
    root: bytes
    witness: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why nothing is written: the code of the error, and the checkpoint that the log contradicts, if there is one."""

    code: str
    at: datetime
    known: Known | None = None


class Anchor(Protocol):
    """The newest checkpoint of this center that is kept outside of the database, as a signed note."""

    def read(self) -> str | None:
        """The note; None where there never was one, or it is gone."""
        ...

    def write(self, note: str) -> None:
        """Keep this note instead; it survives a power cut once this returns."""
        ...


class UnkeptAnchor:
    """An anchor in memory, for centers without a home."""

    def __init__(self) -> None:
        self._note: str | None = None

    def read(self) -> str | None:
        """The note; None where there never was one."""
        return self._note

    def write(self, note: str) -> None:
        """Keep this note instead, as long as the process lives."""
        self._note = note


class StandingStore(Protocol):
    """Where a database remembers whether it was anchored, and whether it is in doubt."""

    def anchored(self) -> bool:
        """Whether an anchor was ever written for this database."""
        ...

    def put_anchored(self, at: datetime) -> None:
        """Remember that an anchor was written."""
        ...

    def doubt(self) -> Doubt | None:
        """Why nothing is written, None where all is well."""
        ...

    def put_doubt(self, doubt: Doubt | None) -> None:
        """Stop writing, in every process; or let it go on."""
        ...


class Standing:
    """What this process knows of the log's standing; looked up again once a second, so that writing costs no query."""

    __slots__ = ("_doubt", "_judged", "_looked", "_overruled")

    def __init__(self) -> None:
        self._looked: float | None = None
        self._doubt: Doubt | None = None
        self._judged = self._overruled = False

    def overrule(self) -> None:
        """Let this process write in spite of doubts: it is the one in which persons accept a restore."""
        self._overruled = True

    @property
    def needs_judgment(self) -> bool:
        """Whether this process has not yet compared the log with the anchor."""
        return not (self._judged or self._overruled)

    def judged(self) -> None:
        """The log was compared with the anchor, and holds it."""
        self._judged = True

    def require(self, store: StandingStore, *, now: float) -> None:
        """Pass if writing is not stopped; ``now`` in seconds of the monotonic clock.

        Raises:
            LogInDoubt: it is.
        """
        if self._overruled:
            return
        if self._looked is None or abs(now - self._looked) >= LOOKED_UP_SECONDS:
            self._doubt, self._looked = store.doubt(), now
        if self._doubt is not None:
            raise LogInDoubt(reason=self._doubt.code)
