"""Container of encodings: one file, deterministic, read strictly.

What is not exactly right is refused.

Layout: the 8 bytes `TTPENC1` and newline; the length of the header in 4 little-endian bytes; the
header, canonical JSON (RFC 8785); then the sections one after another, each as long as the header
says: `record_ids` (JSON list of strings), `filter:NAME` (n rows of little-endian 64-bit words),
`present:NAME` (n bits, least significant first), `exact:NAME` (n little-endian 64-bit words). The
header holds source, number of records, commitment, the whole linkage schema, and per section its
name, length and SHA-256.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.encoding_set import EncodingSet, Words
from linkage.errors import EncodingInvalid, SchemaInvalid
from linkage.records import RecordId
from linkage.schema import LinkageSchema, parse

MAGIC = b"TTPENC1\n"
_LONGEST_HEADER = 4 * 1024 * 1024


def save(encodings: EncodingSet, path: Path) -> None:
    """Write encodings to a file; equal encodings give equal bytes."""
    sections = dict(_sections(encodings))
    header = digests.canonical_json(
        {
            "source": encodings.source,
            "records": len(encodings),
            "commitment": encodings.commitment,
            "schema": encodings.schema.document,
            "sections": [
                {"name": name, "bytes": len(data), "sha256": digests.sha256(data)}
                for name, data in sections.items()
            ],
        }
    )
    with path.open("wb") as file:
        file.write(MAGIC + struct.pack("<I", len(header)) + header)
        for data in sections.values():
            file.write(data)


def load(path: Path) -> EncodingSet:
    """Read a file written by `save`.

    Raises:
        EncodingInvalid: another kind of file, truncated, altered, or contradicting itself.
    """
    return parse_container(path.read_bytes(), source=path.name)


def parse_container(raw: bytes, *, source: str) -> EncodingSet:
    """Encodings from the bytes of a container; `source` names it in errors."""
    reader = _Container(raw, source)
    count = reader.count
    schema = reader.schema
    bits = schema.filters
    found = EncodingSet(
        source=reader.text("source"),
        record_ids=reader.record_ids(),
        schema=schema,
        commitment=reader.text("commitment"),
        filters={name: reader.words(f"filter:{name}", bits[name] // 64) for name in bits},
        present={name: reader.mask(f"present:{name}") for name in bits},
        exact={
            token.name: reader.words(f"exact:{token.name}", 1).reshape(count)
            for token in schema.exact
        },
    )
    reader.done()
    return found


class _Container:
    """The header and the sections not yet taken."""

    def __init__(self, raw: bytes, source: str) -> None:
        self._source = source
        self._header, start = self._read_header(raw)
        self.count = self._number("records", self._header)
        self.schema = self._read_schema()
        self._left = dict(self._cut(memoryview(raw), start))

    def _fail(self, rule: str) -> EncodingInvalid:
        return EncodingInvalid(self._source, rule)

    def _read_header(self, raw: bytes) -> tuple[Mapping[str, object], int]:
        if raw[: len(MAGIC)] != MAGIC:
            raise self._fail("it does not start like one")
        if len(raw) < len(MAGIC) + 4:
            raise self._fail("it is truncated")
        (length,) = struct.unpack_from("<I", raw, len(MAGIC))
        end = len(MAGIC) + 4 + length
        if length > _LONGEST_HEADER or end > len(raw):
            raise self._fail("it is truncated")
        try:
            header = json.loads(raw[len(MAGIC) + 4 : end])
        except (ValueError, RecursionError):
            raise self._fail("its header is not JSON") from None
        if not isinstance(header, dict):
            raise self._fail("its header is not an object")
        return header, end

    def _read_schema(self) -> LinkageSchema:
        try:
            return parse(self._header.get("schema"))
        except SchemaInvalid:
            raise self._fail("its linkage schema is invalid") from None

    def _cut(self, raw: memoryview, start: int) -> Iterator[tuple[str, memoryview]]:
        sections = self._header.get("sections")
        if not isinstance(sections, list):
            raise self._fail("its header lists no sections")
        for section in sections:
            if not isinstance(section, dict):
                raise self._fail("its header lists no sections")
            end = start + self._number("bytes", section)
            data = raw[start:end]
            if end > len(raw):
                raise self._fail("it is truncated")
            if digests.sha256(data) != section.get("sha256"):
                raise self._fail("a section was altered")
            yield str(section.get("name")), data
            start = end
        if start != len(raw):
            raise self._fail("bytes follow its last section")

    def _number(self, key: str, holder: Mapping[str, object]) -> int:
        value = holder.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._fail(f"its header has no number {key}")
        return value

    def text(self, key: str) -> str:
        value = self._header.get(key)
        if not isinstance(value, str) or not value:
            raise self._fail(f"its header has no {key}")
        return value

    def _section(self, name: str, length: int) -> memoryview:
        data = self._left.pop(name, None)
        if data is None or len(data) != length:
            raise self._fail("a section is missing or has the wrong length")
        return data

    def record_ids(self) -> tuple[RecordId, ...]:
        try:
            ids = json.loads(bytes(self._left.pop("record_ids", memoryview(b""))))
        except ValueError:
            raise self._fail("its record IDs are not JSON") from None
        if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
            raise self._fail("its record IDs are not a list of strings")
        if len(ids) != self.count or len(set(ids)) != self.count:
            raise self._fail("its record IDs do not fit the number of records")
        return tuple(RecordId(item) for item in ids)

    def words(self, name: str, width: int) -> Words:
        data = self._section(name, 8 * width * self.count)
        return np.frombuffer(data, dtype="<u8").astype(np.uint64).reshape(self.count, width)

    def mask(self, name: str) -> NDArray[np.bool_]:
        data = self._section(name, (self.count + 7) // 8)
        bits = np.unpackbits(
            np.frombuffer(data, dtype=np.uint8), count=self.count, bitorder="little"
        )
        return bits.astype(np.bool_)

    def done(self) -> None:
        if self._left:
            raise self._fail("it has a section its schema does not know")


def _sections(encodings: EncodingSet) -> Iterator[tuple[str, bytes]]:
    ids = json.dumps(list(encodings.record_ids), ensure_ascii=False, separators=(",", ":"))
    yield "record_ids", ids.encode()
    for name, words in encodings.filters.items():
        yield f"filter:{name}", words.astype("<u8").tobytes()
        mask = np.packbits(encodings.present[name], bitorder="little")
        yield f"present:{name}", mask.tobytes()
    for name, tokens in encodings.exact.items():
        yield f"exact:{name}", tokens.astype("<u8").tobytes()
