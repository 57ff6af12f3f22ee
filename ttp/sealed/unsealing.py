"""Unsealing: shares come one by one, at most ten a minute; the last one needed opens the root key."""

from __future__ import annotations

import logging
import threading
from collections import deque
from pathlib import Path

from keys.custody import RootKey
from keys.custody.quorum import Accepted, Collector, Statement
from keys.errors import CannotUnseal
from ttp.core.ports import Clock
from ttp.core.unsealing import ACCEPTED, AlreadyUnsealed, Attempt, TooManyShares, Unsealed

MOST_A_MINUTE = 10
MOST_REMEMBERED = 1000
_MINUTE = 60.0

_log = logging.getLogger("ttp.sealed")


class Unsealing:
    """The shares entered so far, for any number of threads; what was tried, without any share.

    Raises:
        CannotUnseal: the custody file is missing, damaged or foreign.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._collector = Collector(Statement.read(path))
        self._recent: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._attempts: list[Attempt] = []
        self._dropped = 0
        self._root: RootKey | None = None
        self._opened = threading.Event()

    @property
    def is_open(self) -> bool:
        """Whether the root key has been opened."""
        return self._opened.is_set()

    @property
    def statement(self) -> Statement:
        """The quorum in force."""
        return self._collector.statement

    @property
    def missing(self) -> int:
        """How many shares are still needed."""
        return 0 if self.is_open else self._collector.missing

    @property
    def entered(self) -> tuple[str, ...]:
        """The custodians whose shares are counted."""
        return self._collector.entered

    def enter(self, text: str) -> Accepted:
        """Count one share; the last one needed opens the root.

        Raises:
            TooManyShares: ten were entered within a minute; this one was not looked at.
            AlreadyUnsealed: none is needed any more.
            CannotUnseal: what is wrong with it; shares counted before stay counted, unless the custody file is false.
        """
        with self._lock:
            self._require_patience()
            try:
                self._follow_resharing()
                accepted = self._collector.add(text)
                self._remember(ACCEPTED, accepted.custodian)
                self._open_if_complete()
            except CannotUnseal as error:
                self._remember(error.code, getattr(error, "custodian", None))
                raise
            return accepted

    def await_root(self) -> tuple[RootKey, Unsealed]:
        """Wait until custodians have opened the root; tell what they tried."""
        self._opened.wait()
        with self._lock:
            root, self._root = self._root, None
        if root is None:
            raise AlreadyUnsealed
        stated = self.statement
        told = Unsealed("quorum", stated.quorum, stated.epoch, self._attempts, self._dropped)
        return root, told

    def forget(self) -> None:
        """Wipe all shares: nobody waits any more."""
        self._collector.forget()

    def _require_patience(self) -> None:
        if self.is_open:
            raise AlreadyUnsealed
        now = self._clock.monotonic()
        if len(self._recent) == MOST_A_MINUTE and now - self._recent[0] < _MINUTE:
            raise TooManyShares
        self._recent.append(now)

    def _follow_resharing(self) -> None:
        """Shares dealt anew count from the moment on at which they are in force; older ones no more."""
        stated = Statement.read(self._path)
        if stated != self.statement:
            self.forget()
            self._collector = Collector(stated)

    def _open_if_complete(self) -> None:
        if not self._collector.missing:
            self._root = self._collector.root()
            self._opened.set()

    def _remember(self, outcome: str, custodian: str | None) -> None:
        _log.warning("share entered: %s, custodian %s", outcome, custodian or "not known")
        if len(self._attempts) < MOST_REMEMBERED:
            self._attempts.append(Attempt(self._clock.now(), outcome, custodian))
        else:
            self._dropped += 1
