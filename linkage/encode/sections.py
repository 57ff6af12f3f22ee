"""Files of sections: a magic, a header in canonical JSON, sections; nothing in it can change unnoticed.

Layout: 8 bytes of magic; the length of the header in 4 little-endian bytes; the header, canonical JSON
(RFC 8785), which lists each section's name, length and SHA-256; 32 bytes of SHA-256 of the header
(not in files whose magic is `TTPENC1`); then the sections, one after another.
"""

import json
import struct
from collections.abc import Iterator, Mapping

from linkage import digests
from linkage.errors import EncodingInvalid

_LONGEST_HEADER = 4 * 1024 * 1024
_DIGEST = 32


def packed(
    magic: bytes, header: Mapping[str, object], sections: Mapping[str, bytes], *, sealed: bool
) -> Iterator[bytes]:
    """The bytes of a file; `sealed` adds the header's own digest."""
    listed = [
        {"name": name, "bytes": len(data), "sha256": digests.sha256(data)}
        for name, data in sections.items()
    ]
    text = digests.canonical_json({**header, "sections": listed})
    yield magic + struct.pack("<I", len(text)) + text
    if sealed:
        yield bytes.fromhex(digests.sha256(text))
    yield from sections.values()


class Sections:
    """A file read: its header, and the sections not yet taken."""

    def __init__(self, raw: bytes, source: str, *, sealed: Mapping[bytes, bool]) -> None:
        """Read the bytes; `sealed` lists the magics that are understood.

        Raises:
            EncodingInvalid: another kind of file, truncated or altered.
        """
        self._source = source
        self.header, start = self._read_header(raw, sealed)
        self._left = dict(self._cut(memoryview(raw), start))

    def fail(self, rule: str) -> EncodingInvalid:
        """The refusal of this file."""
        return EncodingInvalid(self._source, rule)

    def _read_header(
        self, raw: bytes, sealed: Mapping[bytes, bool]
    ) -> tuple[Mapping[str, object], int]:
        magic = raw[:8]
        if magic not in sealed:
            raise self.fail("it does not start like one")
        if len(raw) < len(magic) + 4:
            raise self.fail("it is truncated")
        (length,) = struct.unpack_from("<I", raw, len(magic))
        end = len(magic) + 4 + length
        start = end + _DIGEST * sealed[magic]
        if length > _LONGEST_HEADER or start > len(raw):
            raise self.fail("it is truncated")
        text = raw[len(magic) + 4 : end]
        if sealed[magic] and bytes.fromhex(digests.sha256(text)) != raw[end:start]:
            raise self.fail("its header was altered")
        try:
            header = json.loads(text)
        except (ValueError, RecursionError):
            raise self.fail("its header is not JSON") from None
        if not isinstance(header, dict):
            raise self.fail("its header is not an object")
        return header, start

    def _cut(self, raw: memoryview, start: int) -> Iterator[tuple[str, memoryview]]:
        sections = self.header.get("sections")
        if not isinstance(sections, list):
            raise self.fail("its header lists no sections")
        for section in sections:
            if not isinstance(section, dict):
                raise self.fail("its header lists no sections")
            end = start + self._number("bytes", section)
            data = raw[start:end]
            if end > len(raw):
                raise self.fail("it is truncated")
            if digests.sha256(data) != section.get("sha256"):
                raise self.fail("a section was altered")
            yield str(section.get("name")), data
            start = end
        if start != len(raw):
            raise self.fail("bytes follow its last section")

    def _number(self, key: str, holder: Mapping[str, object]) -> int:
        value = holder.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fail(f"its header has no number {key}")
        return value

    def number(self, key: str) -> int:
        """A number of the header."""
        return self._number(key, self.header)

    def text(self, key: str) -> str:
        """A text of the header, not empty."""
        value = self.header.get(key)
        if not isinstance(value, str) or not value:
            raise self.fail(f"its header has no {key}")
        return value

    def take(self, name: str, length: int | None = None) -> memoryview:
        """A section, each once; of exactly `length` bytes if given."""
        data = self._left.pop(name, None)
        if data is None or (length is not None and len(data) != length):
            raise self.fail("a section is missing or has the wrong length")
        return data

    def left(self) -> list[str]:
        """Names of the sections not yet taken."""
        return list(self._left)

    def done(self) -> None:
        """Refuse what was not taken."""
        if self._left:
            raise self.fail("it has a section its schema does not know")
