"""Asking: how work is cut into requests, which answers are worth another try, and what refusals say.

Every request carries an Idempotency-Key derived from its call and its place in it, so that a try whose
answer was lost is answered again instead of done again.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

import httpx

from ttp.client.errors import KINDS, AnswerInvalid, Refused, Unreachable
from ttp.client.operations import Operation

CHUNK = 10_000
CONNECTIONS = 4
TRIES = 6
FIRST_WAIT = 0.25
LONGEST_WAIT = 30.0
STILL_RUNNING = "still-running"
PROBLEM_MEMBERS = frozenset({"type", "code", "title", "detail", "status", "instance"})

_chance = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: path below the base URL, JSON body, its items, and the key that names it."""

    path: str
    body: dict[str, Any]
    items: list[Any]
    idempotency_key: str


def asks(
    operation: Operation[Any], items: Iterable[Any], *, chunk: int = CHUNK, key: str | None = None
) -> Iterator[Ask]:
    """Cut items into requests, reading no further than is asked for.

    ``key`` names the call; the same call with the same items under the same key is answered as before.
    """
    call, source, number = key or uuid.uuid4().hex, iter(items), 0
    while part := list(islice(source, min(chunk, operation.at_once))):
        yield ask_of(operation, part, f"{call}-{number}")
        number += 1


def ask_of(operation: Operation[Any], items: list[Any], key: str) -> Ask:
    """The one request for these items."""
    return Ask(operation.path, {operation.member: items, **operation.more}, items, key)


def waits(tries: int = TRIES) -> Iterator[float]:
    """Seconds to wait before each try: none, then doubling, by chance up to a half shorter.

    Many clients that lost the same center do not come back at the same moment.
    """
    yield 0.0
    for number in range(tries - 1):
        longest = min(FIRST_WAIT * 2**number, LONGEST_WAIT)
        yield _chance.uniform(longest / 2, longest)


class Tries:
    """The tries of one request: seconds to wait before each, until an answer settles it or none can come."""

    def __init__(self, most: int = TRIES) -> None:
        self._waits = waits(most)
        self._last: httpx.Response | None = None
        self._hopeless = False

    def __iter__(self) -> Iterator[float]:
        for seconds in self._waits:
            if self._hopeless:
                return
            yield max(seconds, wait_of(self._last))

    def lost(self, error: httpx.TransportError) -> None:
        """The request or its answer was lost."""
        self._hopeless = not may_come_through(error)

    def settled(self, response: httpx.Response) -> bool:
        """Whether this answer is the last word."""
        self._last = response
        return not worth_another_try(response)

    def unreachable(self) -> Unreachable:
        """The error after the last try."""
        return unreachable(self._last)


def wait_of(response: httpx.Response | None) -> float:
    """Seconds that the center asks for (``Retry-After``, RFC 9110 section 10.2.3), at most 30; else 0."""
    said = response.headers.get("Retry-After", "") if response is not None else ""
    if said.isdecimal():
        return min(float(said), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT)


def worth_another_try(response: httpx.Response) -> bool:
    """Whether the same request may be answered later: the center is overloaded, or still at work on it."""
    return response.status_code >= 500 or _problem(response).get("code") == STILL_RUNNING


def may_come_through(error: httpx.TransportError) -> bool:
    """Whether a lost request may be answered later; a URL nobody can call is no such case."""
    return not isinstance(error, httpx.UnsupportedProtocol)


def document_of(response: httpx.Response) -> Any:
    """The document of a good answer.

    Raises:
        Refused: it is a refusal, of the kind that its status says. AnswerInvalid: no center speaks so.
    """
    if response.is_success:
        try:
            return response.json()
        except ValueError:
            raise AnswerInvalid("The answer is not JSON; is this the URL of a center?") from None
    problem = _problem(response)
    if "code" not in problem:
        raise AnswerInvalid(
            f"The answer has status {response.status_code} and is no problem document;"
            " is this the URL of a center?"
        )
    facts = {name: value for name, value in problem.items() if name not in PROBLEM_MEMBERS}
    kind = KINDS.get(response.status_code, Refused)
    raise kind(response.status_code, str(problem["code"]), str(problem.get("detail", "")), facts)


def unreachable(last: httpx.Response | None) -> Unreachable:
    """The error after the last try; ``last`` is the last answer, if there was one."""
    if last is None:
        return Unreachable("The center cannot be reached.")
    return Unreachable(
        f"The center cannot answer now (status {last.status_code}); try again later."
    )


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
