"""Calls that arrive together are worked on together; each gets its own answer, and nobody harms a neighbor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.errors import DatabaseBusy, UnknownDomain
from ttp.http.gathering import Gathering

Numbers = Gathering[str, int, int]
Work = Callable[[str, Sequence[int]], list[int]]


class Held:
    """Work that squares numbers; the first piece of it begins at once and ends when it is let go."""

    def __init__(self, then: Work | None = None) -> None:
        self.pieces: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self._then = then or (lambda _kind, numbers: [number**2 for number in numbers])

    def __call__(self, kind: str, numbers: Sequence[int]) -> list[int]:
        self.pieces.append(list(numbers))
        if not self.begun.is_set():
            self.begun.set()
            assert self.go.wait(20)
        return self._then(kind, numbers)


@contextmanager
def in_line(gathering: Numbers, work: Held, waiting: Sequence[int]) -> Iterator[list[Future[int]]]:
    """Call 0 is worked on, and these calls wait behind it in this order."""
    with ThreadPoolExecutor(len(waiting) + 1) as threads:
        try:
            asked = [threads.submit(gathering.ask, "kind", 0, work)]
            assert work.begun.wait(20)
            for number in waiting:
                asked.append(threads.submit(gathering.ask, "kind", number, work))
                _until(lambda: len(gathering) == len(asked) - 1)
            yield asked
        finally:
            work.go.set()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@given(st.lists(st.integers(), max_size=8), st.integers(1, 9))
def test_every_call_gets_its_own_answer_and_those_that_waited_are_one_piece_of_work(
    waiting: list[int], most: int
) -> None:
    work = Held()
    with in_line(Numbers(most=most), work, waiting) as asked:
        work.go.set()
        assert [one.result(20) for one in asked] == [0, *(number**2 for number in waiting)]
    parts = [waiting[start : start + most] for start in range(0, len(waiting), most)]
    assert work.pieces == [[0], *parts]


def test_a_call_alone_is_worked_on_at_once_by_its_own_thread() -> None:
    threads = []

    def work(_kind: str, numbers: Sequence[int]) -> list[int]:
        threads.append(threading.get_ident())
        return list(numbers)

    gathering = Numbers()
    assert [gathering.ask("kind", number, work) for number in range(3)] == [0, 1, 2]
    assert threads == [threading.get_ident()] * 3


def test_calls_of_different_kinds_never_wait_for_each_other() -> None:
    gathering, work = Numbers(), Held()
    with in_line(gathering, work, []):
        assert gathering.ask("other", 3, lambda _kind, numbers: [7 for _ in numbers]) == 7


def test_a_named_error_is_that_of_every_call_and_is_not_tried_again() -> None:
    def refuse(_kind: str, numbers: Sequence[int]) -> list[int]:
        if 0 in numbers:
            return list(numbers)
        raise UnknownDomain

    work = Held(refuse)
    with in_line(Numbers(), work, [1, 2, 3]) as asked:
        work.go.set()
        for one in asked[1:]:
            with pytest.raises(UnknownDomain):
                one.result(20)
    assert work.pieces == [[0], [1, 2, 3]]


def test_a_call_that_breaks_the_work_breaks_only_its_own() -> None:
    def poisoned(_kind: str, numbers: Sequence[int]) -> list[int]:
        if 2 in numbers:
            raise ZeroDivisionError
        return [number**2 for number in numbers]

    work = Held(poisoned)
    with in_line(Numbers(), work, [1, 2, 3]) as asked:
        work.go.set()
        assert (asked[1].result(20), asked[3].result(20)) == (1, 9)
        with pytest.raises(ZeroDivisionError):
            asked[2].result(20)
    assert sorted(work.pieces) == [[0], [1], [1, 2, 3], [2], [3]]


def test_when_the_thread_that_works_for_all_is_ended_the_others_are_answered() -> None:
    def ending(_kind: str, numbers: Sequence[int]) -> list[int]:
        if len(numbers) > 1:
            raise SystemExit
        return [number**2 for number in numbers]

    gathering, work = Numbers(), Held(ending)
    with in_line(gathering, work, [1, 2, 3]) as asked:
        work.go.set()
        with pytest.raises(SystemExit):
            asked[1].result(20)
        assert (asked[2].result(20), asked[3].result(20)) == (4, 9)
    assert gathering.ask("kind", 5, work) == 25
    assert len(gathering) == 0


def test_who_waits_too_long_is_told_to_come_again_and_leaves_the_line() -> None:
    gathering, work = Numbers(seconds=0.05), Held()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(gathering.ask, "kind", 0, work)
        assert work.begun.wait(20)
        with pytest.raises(DatabaseBusy):
            gathering.ask("kind", 1, work)
        work.go.set()
        assert first.result(20) == 0
    assert work.pieces == [[0]]


def test_many_threads_are_all_answered_rightly() -> None:
    gathering = Numbers(most=5)

    def work(kind: str, numbers: Sequence[int]) -> list[int]:
        time.sleep(0.0005)
        return [number * len(kind) for number in numbers]

    def many(thread: int) -> bool:
        kind = "k" * (1 + thread % 3)
        return all(gathering.ask(kind, one, work) == one * len(kind) for one in range(60))

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(many, range(12)))
    assert len(gathering) == 0
