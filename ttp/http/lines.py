"""Lines: batches as NDJSON, read from the stream line by line and written to it after the commit.

A request of type ``application/x-ndjson`` holds on its first line an object with the members of the JSON body other
than the list (``{}`` if there are none), and on every further line one item of the list. Who accepts
``application/x-ndjson`` is answered with one line an item, in the order asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import orjson
from flask import Flask, Request, request

from keys.digests import RunningSha256
from ttp.core.errors import MalformedBody, TooManyItems
from ttp.core.pseudonyms import MAXIMAL_ITEMS

T = TypeVar("T")

JSON = "application/json"
NDJSON = "application/x-ndjson"
LINES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Lines:
    """A body that came as lines: the options of the first, the items of the others, the digest of all bytes."""

    options: dict[str, Any]
    items: list[Any]
    digest: bytes


class LineRequest(Request):
    """A request whose JSON may come as lines."""

    lines: Lines | None = None

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The JSON document, or the ``Lines`` of an NDJSON body; these are read once, and never as a whole.

        Raises:
            MalformedBody: a line is not JSON, or the first is no object. TooManyItems: there are too many lines.
        """
        if self.mimetype != NDJSON:
            return super().get_json(force=force, silent=silent, cache=cache)
        if self.lines is None:
            self.lines = _read(iter(self.stream.readline, b""))
        return self.lines


def register_lines(app: Flask) -> None:
    """Let every route that takes a list take it as lines."""
    app.request_class = LineRequest


def wants_lines() -> bool:
    """Whether the caller of the present request asks for an answer in lines."""
    return request.accept_mimetypes.best_match([JSON, NDJSON], default=JSON) == NDJSON


def in_lines(items: Sequence[T], entry: Callable[[T], Any]) -> Iterator[bytes]:
    """The items as lines, some at a time."""
    written = iter(items)
    while part := list(islice(written, LINES_AT_ONCE)):
        yield b"".join(orjson.dumps(entry(item), option=orjson.OPT_APPEND_NEWLINE) for item in part)


def _read(lines: Iterator[bytes]) -> Lines:
    digest = RunningSha256()
    first = next(lines, b"")
    digest.update(first)
    options = _parsed(first)
    if not isinstance(options, dict):
        raise MalformedBody(
            "The first line of NDJSON is an object with the options of the request."
        )
    items = []
    for line in lines:
        digest.update(line)
        if line.strip():
            items.append(_parsed(line))
        if len(items) > MAXIMAL_ITEMS:
            raise TooManyItems(f"A request holds at most {MAXIMAL_ITEMS} items.")
    return Lines(options, items, digest.digest())


def _parsed(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise MalformedBody("A line of the body is not JSON in UTF-8.") from None
