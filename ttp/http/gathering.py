"""Gathering: calls that arrive while others of their kind are worked on line up, and are then worked on together.

The first call of a kind is worked on at once: nobody waits for company. Those that arrive meanwhile wait; when it is
done, the first in line works for all of them. A single caller notices nothing; many share what a transaction costs,
which databases call group commit. Work on a call always begins after the call arrived: what it finds is never older.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from ttp.core.errors import DatabaseBusy, TTPError

K = TypeVar("K", bound=Hashable)
C = TypeVar("C")
A = TypeVar("A")

Work = Callable[[K, Sequence[C]], Sequence[A]]
"""Works on calls of one kind and returns the answer to each, in their order."""

MOST_TOGETHER = 100
WAIT_SECONDS = 120.0
"""As long as a statement may take; what waits longer is told to come again."""


class _Asked(Generic[C, A]):
    """A call in line. ``leads``: the calls it has to work on; ``answer`` holds one item once there is one."""

    __slots__ = ("answer", "call", "error", "leads", "woken")

    def __init__(self, call: C) -> None:
        self.call = call
        self.woken = threading.Event()
        self.leads: list[_Asked[C, A]] = []
        self.answer: list[A] = []
        self.error: TTPError | None = None


class Gathering(Generic[K, C, A]):
    """Lines of calls, one for each kind that is worked on in this process just now."""

    def __init__(self, *, most: int = MOST_TOGETHER, seconds: float = WAIT_SECONDS) -> None:
        self._most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._lines: dict[K, deque[_Asked[C, A]]] = {}

    def ask(self, kind: K, call: C, work: Work[K, C, A]) -> A:
        """The answer to this call; ``work`` gets at most ``most`` calls, and is done by one of their threads.

        A named error of the work is that of every call. After any other one each call is worked on alone, so that
        what is wrong with one of them does not concern the others.

        Raises:
            DatabaseBusy: nothing happened for ``seconds``; asking again is safe.
        """
        mine = _Asked[C, A](call)
        self._line_up(kind, mine)
        if not mine.leads and not mine.woken.wait(self._seconds):
            self._give_up(kind, mine)
        if mine.leads:
            self._lead(kind, mine.leads, work)
        if mine.error is not None:
            raise mine.error
        return mine.answer[0] if mine.answer else work(kind, [call])[0]

    def __len__(self) -> int:
        """How many calls wait in line; for measuring."""
        with self._lock:
            return sum(map(len, self._lines.values()))

    def _line_up(self, kind: K, mine: _Asked[C, A]) -> None:
        with self._lock:
            line = self._lines.get(kind)
            if line is None:
                self._lines[kind] = deque()
                mine.leads = [mine]
            else:
                line.append(mine)

    def _give_up(self, kind: K, mine: _Asked[C, A]) -> None:
        """Leave the line, unless it is this call's turn to lead."""
        with self._lock:
            if mine.leads or mine.woken.is_set():
                return
            line = self._lines.get(kind, deque())
            if mine in line:
                line.remove(mine)
        raise DatabaseBusy

    def _lead(self, kind: K, together: Sequence[_Asked[C, A]], work: Work[K, C, A]) -> None:
        """Work for all of them and wake them, whatever happens; then it is the turn of those who came meanwhile."""
        try:
            answers = work(kind, [one.call for one in together])
            for one, answer in zip(together, answers, strict=True):
                one.answer = [answer]
        except TTPError as error:
            for one in together:
                one.error = error
        except Exception:
            if len(together) == 1:
                raise
        finally:
            self._pass_on(kind)
            for one in together[1:]:
                one.woken.set()

    def _pass_on(self, kind: K) -> None:
        with self._lock:
            line = self._lines[kind]
            together = [line.popleft() for _ in range(min(self._most, len(line)))]
            if together:
                together[0].leads = together
            else:
                del self._lines[kind]
        if together:
            together[0].woken.set()
