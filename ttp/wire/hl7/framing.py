"""Framing: where messages begin and end in files: one or many, in batches (FHS, BHS) or frames (MLLP), by CR or LF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from ttp.wire.hl7.message import MAXIMAL_BYTES

START, END = b"\x0b", b"\x1c"
_ENVELOPES = (b"FHS", b"BHS", b"BTS", b"FTS")
_BLOCK = 1 << 16
_BREAK = re.compile(rb"\r\n|\r|\n|\x1c\r?|\x0b")


def framed(message: bytes) -> bytes:
    """The message in an MLLP frame."""
    return START + message + END + b"\r"


def messages_in(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each message and the offset of its end, however it is framed; what stands before the first is a message too.

    A message grows to its limit and a little at most: what is larger comes in pieces, which are refused.
    """
    held: list[bytes] = []
    size = end = 0
    for segment, after in _segments(file):
        begins = segment.startswith(b"MSH") or segment[:3] in _ENVELOPES
        if held and (begins or size > MAXIMAL_BYTES):
            yield end, b"\r".join(held)
            held, size = [], 0
        if segment and segment[:3] not in _ENVELOPES:
            held.append(segment)
            size += len(segment) + 1
        end = after
    if held:
        yield end, b"\r".join(held)


def _segments(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Each segment and the offset behind it; one that never ends is cut."""
    rest, offset = b"", file.tell()
    while block := file.read(_BLOCK):
        rest += block
        start = 0
        for found in _BREAK.finditer(rest):
            if found.end() == len(rest):
                break  # CR at the end of a block: LF may follow
            yield rest[start : found.start()].removeprefix(b"\xef\xbb\xbf"), offset + found.end()
            start = found.end()
        rest, offset = rest[start:], offset + start
        if len(rest) > 2 * MAXIMAL_BYTES:
            yield rest, offset + len(rest)
            rest, offset = b"", offset + len(rest)
    for part in _BREAK.split(rest):
        yield part.removeprefix(b"\xef\xbb\xbf"), offset + len(rest)
