"""Opening a center: from a home and its root key to a center at work. The same for web, worker and command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from keys.custody import RootKey
from keys.keyring import Keyring
from ttp.anchoring import FileAnchor
from ttp.config import Settings
from ttp.core.case_work import DeskRules, reasons_from
from ttp.core.center import Center, CenterRole
from ttp.core.names import CenterName
from ttp.core.sessions import SessionLimits
from ttp.keeping_keyring import open_keyring
from ttp.storage.engine import open_engine
from ttp.storage.unit_of_work import SqlWork
from ttp.unlocking import root_of


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def _opened_keyring(settings: Settings, root: RootKey | None) -> Keyring:
    """The keyring; a root that was fetched for it is wiped, a given one is the caller's."""
    held = root or root_of(settings)
    try:
        return open_keyring(settings, root=held)
    finally:
        if root is None:
            held.wipe()


def open_center(settings: Settings, *, root: RootKey | None = None) -> Center:
    """The center of a home, unlocked.

    The root comes from the supervisor's socket if one serves this home, else from custody.

    Raises:
        Sealed: nothing opens it. CannotUnseal, KeyringDamaged: the keys do not fit.
        KeyringUnreachable, KeyringNotApart: the keyring's database does not answer, or is the center's own.
    """
    keyring = _opened_keyring(settings, root)
    center = Center(
        name=CenterName(settings.name),
        role=CenterRole(settings.role),
        public_url=settings.url,
        alone=settings.four_eyes == "demo",
        work=SqlWork(open_engine(settings.database_url, pool_size=settings.threads + 2)),
        keyring=keyring,
        clock=SystemClock(),
        witness_hours=settings.witness_hours,
        anchor=FileAnchor(settings.home),
        language=settings.language,
        custody=settings.custody_uri.partition(":")[0],
        keyring_place="database" if settings.keyring else "file",
        identifiers_in_urls=settings.identifiers_in_urls == "allowed",
        second_review_percent=settings.second_review_percent,
        desk=DeskRules(
            reasons_from(settings.decision_reasons),
            settings.second_vote_above,
            settings.disclosure_budget,
        ),
        second_factor=settings.second_factor == "required",
        sessions=SessionLimits(
            idle=timedelta(minutes=settings.session_idle_minutes),
            absolute=timedelta(hours=settings.session_hours),
        ),
    )
    newest = center.work.run(lambda tx: tx.audit.newest_at(), write=False)
    if newest is not None:
        center.newest.saw(newest)
    return center
