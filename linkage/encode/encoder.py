"""Encoder: one schema, one secret.

The same record always becomes the same filter, at every site.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.encoding_set import Encoding, EncodingSet, Words
from linkage.encode.exact import TokenEncoder
from linkage.encode.families import KeyScope
from linkage.encode.fields import FieldEncoder
from linkage.errors import MissingColumn, SecretTooShort
from linkage.harden import Hardener, hardeners
from linkage.records import RecordTable, table_of
from linkage.schema import LinkageSchema

MIN_SECRET = 16
"""Bytes; below that a secret could be guessed and the encodings opened by dictionary."""

Progress = Callable[[int, int], None]
"""Called with (records done, records in all)."""

_CHUNK = 16_384


class Encoder:
    """Encodes records under a schema and a secret; `project` separates uses of one secret.

    Keys and diffusion indices derive from the secret by HKDF, bound to project and schema
    fingerprint: encodings under two projects or schemas cannot be related (except in the clkhash
    family, which fixes its own derivation). Several threads may share an encoder.
    """

    def __init__(self, schema: LinkageSchema, *, secret: bytes, project: str = "") -> None:
        if len(secret) < MIN_SECRET:
            raise SecretTooShort(MIN_SECRET)
        scope = KeyScope(project=project, schema=schema.fingerprint)
        self.schema = schema
        self._caches = Lock()
        self.commitment = _commitment(secret=secret, scope=scope)
        self._fields = [
            FieldEncoder(field, schema, secret=secret, scope=scope) for field in schema.fields
        ]
        self._exact = [
            TokenEncoder(token, schema, secret=secret, scope=scope) for token in schema.exact
        ]
        self._hardeners: Mapping[str, Sequence[Hardener]] = {
            name: hardeners(
                schema.hardening_of(name), bits=bits, key=_hardening_key(name, secret, scope)
            )
            for name, bits in schema.filters.items()
        }

    def encode(self, table: RecordTable, *, progress: Progress | None = None) -> EncodingSet:
        """Encode a whole table, in order; memory beyond the result is bounded.

        Raises:
            MissingColumn: the schema needs a column the table lacks.
            RecordInvalid: a value cannot be read (`records.accept` finds them all beforehand).
        """
        missing = [name for name in self.schema.required_columns if name not in table.columns]
        if missing:
            raise MissingColumn(table.source, missing)
        total = len(table)
        filters = {
            name: np.zeros((total, bits // 64), dtype=np.uint64)
            for name, bits in self.schema.filters.items()
        }
        present = {name: np.zeros(total, dtype=np.bool_) for name in filters}
        exact = {token.name: np.zeros(total, dtype=np.uint64) for token in self.schema.exact}
        for start in range(0, total, _CHUNK):
            rows = slice(start, min(start + _CHUNK, total))
            self._encode_rows(table, rows, filters, present, exact)
            if progress:
                progress(rows.stop, total)
        return EncodingSet(
            source=table.source,
            record_ids=table.record_ids,
            schema=self.schema,
            commitment=self.commitment,
            filters=filters,
            present=present,
            exact=exact,
        )

    def encode_one(self, record: Mapping[str, str | None]) -> Encoding:
        """Encode a single record, as for online use; absent columns count as missing."""
        columns = dict.fromkeys(self.schema.columns) | dict(record) | {"record_id": "1"}
        encoded = self.encode(table_of("record", [columns]))
        return Encoding(
            filters={name: words[0] for name, words in encoded.filters.items()},
            present={name: bool(mask[0]) for name, mask in encoded.present.items()},
            exact={name: int(tokens[0]) for name, tokens in encoded.exact.items()},
        )

    def _encode_rows(
        self,
        table: RecordTable,
        rows: slice,
        filters: Mapping[str, Words],
        present: Mapping[str, NDArray[np.bool_]],
        exact: Mapping[str, NDArray[np.uint64]],
    ) -> None:
        given: dict[tuple[str, str], NDArray[np.bool_]] = {}
        for field in self._fields:
            with self._caches:
                words = field.encode(table, rows)
            filters[field.filter][rows] |= words
            place = (field.filter, field.column)
            content = words.any(axis=1)
            given[place] = given[place] | content if place in given else content
        for view in self.schema.views:
            for columns in view.required:
                some = np.any([given[view.name, column] for column in columns], axis=0)
                filters[view.name][rows][~some] = 0
        for name, words in filters.items():
            present[name][rows] = words[rows].any(axis=1)
            for hardener in self._hardeners[name]:
                words[rows] = hardener(words[rows])
        for token in self._exact:
            exact[token.name][rows] = token.encode(table, rows)


def read_secret(path: Path) -> bytes:
    """The bytes of a secret file, less one trailing newline (LF or CR LF).

    Raises:
        SecretTooShort: fewer than 16 bytes.
    """
    secret = path.read_bytes()
    secret = secret.removesuffix(b"\n").removesuffix(b"\r") if secret.endswith(b"\n") else secret
    if len(secret) < MIN_SECRET:
        raise SecretTooShort(MIN_SECRET)
    return secret


def _commitment(*, secret: bytes, scope: KeyScope) -> str:
    message = digests.joined("commitment", scope.project, scope.schema)
    return digests.mac(key=secret, message=message).hex()


def _hardening_key(filter_name: str, secret: bytes, scope: KeyScope) -> bytes:
    info = digests.joined("hardening key", scope.project, scope.schema, filter_name)
    return digests.hkdf(secret=secret, info=info, length=32)
