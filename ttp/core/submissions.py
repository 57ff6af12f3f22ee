"""Submissions: encodings under submission pseudonyms; checked bit by bit before they are kept.

A submission pseudonym comes from a domain made for one project, so that nothing joins it to another project.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from linkage.encode.after_hardening import Limits
from linkage.encode.plausibility import limits
from linkage.schema import LinkageSchema
from ttp.core.errors import BadRequest, Conflict
from ttp.core.federation import CHUNK_BYTES

MAXIMAL_RECORDS: Final = 2_000
"""Records one request may hold."""
DENSEST: Final = 0.75
"""Share of set bits above which a filter is no honest encoding: it would resemble everything."""
FEWEST_BITS: Final = 4

_HEX64 = re.compile(r"[0-9a-f]{16}")


class SubmissionRejected(BadRequest):
    """A submitted encoding does not have the form its schema fixes; ``facts`` name position and reason."""

    code = "submission-rejected"


class SchemaDiffers(Conflict):
    """The encodings were made with another linkage schema than the project's."""

    code = "schema-differs"


@dataclass(frozen=True, slots=True)
class EncodedRecord:
    """One patient of one site, encoded.

    ``filters`` hold little-endian 64-bit words, ``exact`` keyed tokens of 64 bits, 0 where missing.
    """

    pseudonym: str
    filters: Mapping[str, bytes]
    exact: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """As it travels and as its envelope holds it."""
        return {
            "pseudonym": self.pseudonym,
            "filters": {name: _text(bits) for name, bits in self.filters.items()},
            "exact": {name: f"{token:016x}" for name, token in self.exact.items()},
        }

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the patient could be encoded; such a record can match nobody."""
        return not any(any(bits) for bits in self.filters.values())

    def content(self, *, version: int) -> bytes:
        """The bytes that are sealed: always the same for the same encoding and version of the secret."""
        document = {**self.document(), "secret_version": version}
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class StoredEncoding:
    """An encoding out of its envelope, and the version of the linkage secret it was made with."""

    record: EncodedRecord
    secret_version: int

    @classmethod
    def read(cls, content: bytes) -> StoredEncoding:
        """What ``EncodedRecord.content`` wrote."""
        document = orjson.loads(content)
        return cls(_read(document), document["secret_version"])


def read_record(
    document: object, schema: LinkageSchema, *, allowed: Mapping[str, Limits] | None = None
) -> EncodedRecord:
    """A submitted record, if it is one of this schema: names, lengths, and as many bits as a record can have.

    ``allowed`` are the schema's limits, for whoever reads many.

    Raises:
        ValueError: otherwise, with the reason as its text.
    """
    if not isinstance(document, Mapping) or set(document) != {"pseudonym", "filters", "exact"}:
        raise ValueError("fields")
    pseudonym = document["pseudonym"]
    if not isinstance(pseudonym, str) or not 1 <= len(pseudonym) <= 160 or not pseudonym.isascii():
        raise ValueError("pseudonym")
    filters = _checked_filters(document["filters"], schema, allowed or limits(schema))
    exact = _checked_tokens(document["exact"], set(schema.tokens))
    for view in schema.salted:
        if not exact[view.name] and any(any(filters[f"{view.name}.{one}"]) for one in view.blocks):
            raise ValueError("token-missing")
    return EncodedRecord(pseudonym, filters, exact)


def read_records(documents: Sequence[object], schema: LinkageSchema) -> list[EncodedRecord]:
    """All records of a request; one that is not right refuses them all.

    Raises:
        SubmissionRejected: naming the first position and reason.
    """
    records: list[EncodedRecord] = []
    seen: set[str] = set()
    held: set[tuple[str, int]] = set()
    thinned = [view.name for view in schema.salted if view.thinned]
    allowed = limits(schema)
    for position, document in enumerate(documents):
        try:
            record = read_record(document, schema, allowed=allowed)
        except ValueError as error:
            raise SubmissionRejected(position=position, reason=str(error)) from error
        if record.pseudonym in seen:
            raise SubmissionRejected(position=position, reason="duplicate")
        tokens = {(name, record.exact[name]) for name in thinned if record.exact[name]}
        if not held.isdisjoint(tokens):
            raise SubmissionRejected(position=position, reason="token-repeated")
        seen.add(record.pseudonym)
        held |= tokens
        records.append(record)
    return records


def chunks(records: Sequence[EncodedRecord]) -> list[list[dict[str, Any]]]:
    """The records cut into requests of at most 2,000 records and 3 MiB."""
    cut: list[list[dict[str, Any]]] = []
    size = CHUNK_BYTES
    for record in records:
        document = record.document()
        length = len(orjson.dumps(document)) + 1
        if size + length > CHUNK_BYTES or len(cut[-1]) == MAXIMAL_RECORDS:
            cut.append([])
            size = 0
        cut[-1].append(document)
        size += length
    return cut


def _checked_filters(
    filters: object, schema: LinkageSchema, allowed: Mapping[str, Limits]
) -> dict[str, bytes]:
    if not isinstance(filters, Mapping) or set(filters) != set(schema.filters):
        raise ValueError("filter-names")
    found = {
        name: _bits(filters[name], bits, allowed[name]) for name, bits in schema.filters.items()
    }
    if not any(any(bits) for bits in found.values()):
        raise ValueError("empty")
    return found


def _bits(text: object, bits: int, allowed: Limits) -> bytes:
    try:
        words = base64.b64decode(text if isinstance(text, str) else "!", validate=True)
    except binascii.Error:
        words = b""
    if len(words) != bits // 8:
        raise ValueError("filter-length")
    count = int.from_bytes(words, "little").bit_count()
    if count and not max(allowed.least, FEWEST_BITS) <= count <= min(allowed.most, DENSEST * bits):
        raise ValueError("filter-density")
    return words


def _checked_tokens(exact: object, names: set[str]) -> dict[str, int]:
    if not isinstance(exact, Mapping) or set(exact) != names:
        raise ValueError("token-names")
    if not all(isinstance(text, str) and _HEX64.fullmatch(text) for text in exact.values()):
        raise ValueError("token-form")
    return {str(name): int(text, 16) for name, text in exact.items()}


def _read(document: Mapping[str, Any]) -> EncodedRecord:
    return EncodedRecord(
        document["pseudonym"],
        {name: base64.b64decode(text) for name, text in document["filters"].items()},
        {name: int(text, 16) for name, text in document["exact"].items()},
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
