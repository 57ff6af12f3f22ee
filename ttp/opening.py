"""Opening a center: from a home and its root key to a center at work. The same for web, worker and command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from keys.custody import RootKey
from keys.keyring import Keyring
from ttp.config import KEYRING_FILE, Settings
from ttp.core.center import Center, CenterRole
from ttp.core.names import CenterName
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


def open_center(settings: Settings, *, root: RootKey | None = None) -> Center:
    """The center of a home, unlocked.

    The root comes from the supervisor's socket if one serves this home, else from custody.

    Raises:
        Sealed: nothing opens it. CannotUnseal, KeyringDamaged: the keys do not fit.
    """
    root = root or root_of(settings)
    center = Center(
        name=CenterName(settings.name),
        role=CenterRole(settings.role),
        public_url=settings.url,
        alone=settings.four_eyes == "demo",
        work=SqlWork(open_engine(settings.database_url, pool_size=settings.threads + 2)),
        keyring=Keyring.open(settings.home / KEYRING_FILE, root=root),
        clock=SystemClock(),
        language=settings.language,
    )
    newest = center.work.run(lambda tx: tx.audit.newest_at(), write=False)
    if newest is not None:
        center.newest.saw(newest)
    return center
