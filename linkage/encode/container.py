"""Container of encodings: one file, deterministic, read strictly.

What is not exactly right is refused.

A file of `linkage.encode.sections` with the magic `TTPENC2`, or `TTPENC1` in the layouts `record` and
`field`, whose files are as they always were. Sections: `record_ids` (JSON list of strings),
`filter:NAME` (n rows of little-endian 64-bit words), `present:NAME` (n bits, least significant first)
and `exact:NAME` (n little-endian 64-bit words; exact tokens, then those of salted views). The header
holds source, number of records, commitment and the whole linkage schema.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage.encode.encoding_set import EncodingSet, Words
from linkage.encode.plausibility import require_plausible
from linkage.encode.sections import Sections, packed
from linkage.errors import SchemaInvalid
from linkage.records import RecordId
from linkage.schema import Layout, LinkageSchema, parse

MAGIC = b"TTPENC1\n"
MAGIC_2 = b"TTPENC2\n"
_SEALED = {MAGIC: False, MAGIC_2: True}
_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can say and UTF-8 cannot."""


def save(encodings: EncodingSet, path: Path) -> None:
    """Write encodings to a file; equal encodings give equal bytes."""
    header = {
        "source": encodings.source,
        "records": len(encodings),
        "commitment": encodings.commitment,
        "schema": encodings.schema.document,
    }
    first = encodings.schema.layout in (Layout.RECORD, Layout.FIELD)
    magic = MAGIC if first else MAGIC_2
    with path.open("wb") as file:
        file.writelines(packed(magic, header, dict(_sections(encodings)), sealed=not first))


def load(path: Path) -> EncodingSet:
    """Read a file written by `save`.

    Raises:
        EncodingInvalid: another kind of file, truncated, altered, or contradicting itself.
        EncodingImplausible: it holds what no encoder makes.
    """
    return parse_container(path.read_bytes(), source=path.name)


def parse_container(raw: bytes, *, source: str) -> EncodingSet:
    """Encodings from the bytes of a container; `source` names it in errors."""
    file = Sections(raw, source, sealed=_SEALED)
    count = file.number("records")
    schema = _schema(file)
    found = EncodingSet(
        source=file.text("source"),
        record_ids=_record_ids(file, count),
        schema=schema,
        commitment=file.text("commitment"),
        filters={
            name: _words(file, f"filter:{name}", count, bits // 64)
            for name, bits in schema.filters.items()
        },
        present={name: _mask(file, f"present:{name}", count) for name in schema.filters},
        exact={
            name: _words(file, f"exact:{name}", count, 1).reshape(count) for name in schema.tokens
        },
    )
    file.done()
    require_plausible(found, named=source)
    return found


def _schema(file: Sections) -> LinkageSchema:
    try:
        return parse(file.header.get("schema"))
    except SchemaInvalid:
        raise file.fail("its linkage schema is invalid") from None


def _record_ids(file: Sections, count: int) -> tuple[RecordId, ...]:
    try:
        ids = json.loads(bytes(file.take("record_ids")))
    except ValueError:
        raise file.fail("its record IDs are not JSON") from None
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise file.fail("its record IDs are not a list of strings")
    if not "".join(ids).isascii() and any(map(_HALF.search, ids)):
        raise file.fail("its record IDs are no text")
    if len(ids) != count or len(set(ids)) != count:
        raise file.fail("its record IDs do not fit the number of records")
    return tuple(RecordId(item) for item in ids)


def _words(file: Sections, name: str, count: int, width: int) -> Words:
    data = file.take(name, 8 * width * count)
    return np.frombuffer(data, dtype="<u8").astype(np.uint64).reshape(count, width)


def _mask(file: Sections, name: str, count: int) -> NDArray[np.bool_]:
    data = file.take(name, (count + 7) // 8)
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=count, bitorder="little")
    return bits.astype(np.bool_)


def _sections(encodings: EncodingSet) -> Iterator[tuple[str, bytes]]:
    ids = json.dumps(list(encodings.record_ids), ensure_ascii=False, separators=(",", ":"))
    yield "record_ids", ids.encode()
    for name, words in encodings.filters.items():
        yield f"filter:{name}", words.astype("<u8").tobytes()
        mask = np.packbits(encodings.present[name], bitorder="little")
        yield f"present:{name}", mask.tobytes()
    for name, tokens in encodings.exact.items():
        yield f"exact:{name}", tokens.astype("<u8").tobytes()
