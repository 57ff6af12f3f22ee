"""Spellings: the forms in which a value may lie in a file, a log line or an answer without being recognized at once."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Bytes a spelling has at least: shorter ones are met by chance in what is encrypted."""

_ZEROS = bytes(64)


def spellings(value: str | bytes) -> frozenset[bytes]:
    """UTF-8 and UTF-16 in every case, percent-encoding, JSON escapes, hexadecimal, base64 at each offset, and dates
    in every order of their parts.

    Raises:
        ValueError: the value is too short to be looked for.
    """
    if isinstance(value, bytes):
        found = set(_of_bytes(value))
    else:
        found = {one for text in _texts(value) for one in _of_text(text)}
    if min(len(value), *map(len, found)) < SHORTEST:
        raise ValueError("a value of fewer than 8 bytes is found by chance")
    return frozenset(found)


def found_in(haystack: bytes, values: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """The values that are there, by name, each with the spelling that was met."""
    dense = haystack.replace(_ZEROS, b"")
    return {
        name: spelling
        for name, value in values.items()
        for spelling in spellings(value)
        if spelling in dense
    }


def _texts(value: str) -> Iterable[str]:
    for text in (value, *_dates(value)):
        yield from {text, text.lower(), text.upper(), text.title(), text[::-1]}


def _dates(value: str) -> Iterable[str]:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return ()
    forms = ("%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y")
    return [day.strftime(form) for form in forms]


def _of_text(text: str) -> Iterable[bytes]:
    yield from _of_bytes(text.encode())
    yield from (text.encode(form) for form in ("utf-16-le", "utf-16-be"))
    if not text.isascii():
        yield text.encode("latin-1", errors="replace")
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(text)[1:-1].upper().encode()
    yield from (form(text).encode() for form in (quote, quote_plus))
    yield quote(text).lower().encode()


def _of_bytes(value: bytes) -> Iterable[bytes]:
    yield value
    yield from (value.hex().encode(), value.hex().upper().encode())
    for start in range(3):
        # the characters at both ends depend on what stands beside the value
        encoded = base64.b64encode(bytes(start) + value)
        inner = encoded[(0, 2, 3)[start] : len(encoded) - 4]
        if len(inner) >= SHORTEST:
            yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))
