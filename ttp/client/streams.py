"""Streams: iterables of any length pass through with bounded memory, in order, with several requests under way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def in_order(asks: Iterable[S], answer: Callable[[S], T], *, at_once: int) -> Iterator[T]:
    """The answers in the order of the asks; at most ``at_once`` are under way, and as many are held.

    Raises:
        What ``answer`` raises, at its place; what is under way then is let finish, what waits is dropped.
    """
    pool: ThreadPoolExecutor | None = None
    waiting: deque[Future[T]] = deque()
    source = iter(asks)
    try:
        for ask, last in _with_last(source):
            if pool is None and last:
                yield answer(ask)  # a single request needs no thread
                return
            pool = pool or ThreadPoolExecutor(at_once, thread_name_prefix="ttp-client")
            waiting.append(pool.submit(answer, ask))
            if len(waiting) >= at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


async def in_order_async(
    asks: Iterable[S] | AsyncIterable[S], answer: Callable[[S], Awaitable[T]], *, at_once: int
) -> AsyncIterator[T]:
    """The same for event loops."""
    waiting: deque[asyncio.Task[T]] = deque()
    try:
        async for ask in _every(asks):
            waiting.append(asyncio.ensure_future(_awaited(answer, ask)))
            if len(waiting) >= at_once:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()


async def chunked(items: Iterable[T] | AsyncIterable[T], size: int) -> AsyncIterator[list[T]]:
    """Lists of at most ``size`` items."""
    part: list[T] = []
    async for item in _every(items):
        part.append(item)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


async def _awaited(answer: Callable[[S], Awaitable[T]], ask: S) -> T:
    return await answer(ask)


async def _every(items: Iterable[S] | AsyncIterable[S]) -> AsyncIterator[S]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


def _with_last(source: Iterator[S]) -> Iterator[tuple[S, bool]]:
    """Each item, and whether it is the last one."""
    for held in source:
        current = held
        for following in source:
            yield current, False
            current = following
        yield current, True
