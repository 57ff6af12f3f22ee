"""Asking: how work is cut into requests, which answers are worth another try, and what refusals say.

Every request carries an Idempotency-Key derived from its call and its place in it, so that a try whose
answer was lost is answered again instead of done again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from ttp.client.errors import AnswerInvalid, Refused

CHUNK = 10_000
REGISTERED_AT_ONCE = 256
TRIES = 6
FIRST_WAIT = 0.25
LONGEST_WAIT = 30.0
STILL_RUNNING = "still-running"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: path below the base URL, JSON body, number of items, and the key that names it."""

    path: str
    body: dict[str, Any]
    count: int
    idempotency_key: str


def asks(
    path: str, member: str, items: Sequence[Any], *, chunk: int = CHUNK, **more: Any
) -> Iterator[Ask]:
    """Cut items into requests of at most ``chunk``; ``member`` names them in the body."""
    call = uuid.uuid4().hex
    for number, start in enumerate(range(0, len(items), chunk)):
        part = list(items[start : start + chunk])
        yield Ask(path, {member: part, **more}, len(part), f"{call}-{number}")


def domain_path(domain: str, action: str) -> str:
    """The path of an action in a domain."""
    return f"/api/v1/domains/{quote(domain, safe='')}/{action}"


def waits(tries: int = TRIES) -> Iterator[float]:
    """Seconds to wait before each try: none, then doubling."""
    yield 0.0
    for number in range(tries - 1):
        yield min(FIRST_WAIT * 2**number, LONGEST_WAIT)


def worth_another_try(response: httpx.Response) -> bool:
    """Whether the same request may be answered later: the center is overloaded, or still at work on it."""
    return response.status_code >= 500 or _problem(response).get("code") == STILL_RUNNING


def document_of(response: httpx.Response) -> Any:
    """The document of a good answer.

    Raises:
        Refused: it is a refusal. AnswerInvalid: no center speaks so.
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
    raise Refused(response.status_code, str(problem["code"]), str(problem.get("detail", "")))


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
