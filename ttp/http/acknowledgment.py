"""Acknowledgment: every answer to what was recorded names its leaves, so that the log can be asked for them later.

A leaf hash in the header ``Ttp-Audit-Leaf`` is what ``ttp audit find --leaf-hash`` looks for. Only leaves of
transactions that committed are named, whichever door or service opened them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

from flask import Flask, Response, g, has_request_context

from ttp.core.ports import Transaction, Work

T = TypeVar("T")

HEADER = "Ttp-Audit-Leaf"
MOST_NAMED = 50
"""More hashes do not fit the headers that proxies let through; the oldest are named."""


class RememberingWork:
    """Transactions of a request; what they recorded is remembered until the request is answered."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[Transaction]:
        """One transaction; commits when the block ends well, rolls back when it raises."""
        with self._work.begin(write=write) as tx:
            yield tx
        remember(tx.leaves)

    def run(self, step: Callable[[Transaction], T], *, write: bool = True) -> T:
        """Run the step in a transaction, as ``Work.run`` does; only the try that committed is remembered."""
        recorded: list[bytes] = []

        def remembering(tx: Transaction) -> T:
            result = step(tx)
            recorded[:] = tx.leaves
            return result

        result = self._work.run(remembering, write=write)
        remember(recorded)
        return result

    def ask(self, question: Callable[[Transaction], T]) -> T:
        """The answer to a question of one statement; it leaves nothing to remember."""
        return self._work.ask(question)

    def close(self) -> None:
        """Give back all connections."""
        self._work.close()


def remember(leaves: Sequence[bytes]) -> None:
    """Name these leaves in the answer to the present request, if there is one."""
    if leaves and has_request_context():
        g.setdefault("leaves", []).extend(leaves)


def remembered() -> list[bytes]:
    """The hashes of the leaves that the answer to the present request will name."""
    return cast("list[bytes]", g.get("leaves", []))[:MOST_NAMED]


def register_acknowledgment(app: Flask) -> None:
    """Name the leaves of every request in its answer."""

    @app.after_request
    def name(response: Response) -> Response:
        leaves = remembered()
        if leaves:
            response.headers[HEADER] = ", ".join(leaf.hex() for leaf in leaves)
        return response
