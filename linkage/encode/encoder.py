"""Encoder: one schema, one secret.

The same record always becomes the same filter, at every site.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.encoding_set import Encoding, EncodingSet, Words, with_content
from linkage.encode.engine import engine as engine_named
from linkage.encode.exact import TokenEncoder
from linkage.encode.families import KeyScope
from linkage.encode.fields import FieldEncoder
from linkage.encode.readings import Readings
from linkage.encode.salted import SaltedEncoder
from linkage.encode.salts import SaltReader
from linkage.encode.thinning import Thinning
from linkage.encode.used_tokens import UsedTokens
from linkage.errors import EncodingMismatch, MissingColumn, SecretTooShort
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
    family, which fixes its own derivation). Several threads may share an encoder. `engine` is
    `numba`, `numpy` or `auto`; all give the same encodings.
    """

    def __init__(
        self, schema: LinkageSchema, *, secret: bytes, project: str = "", engine: str = "auto"
    ) -> None:
        if len(secret) < MIN_SECRET:
            raise SecretTooShort(MIN_SECRET)
        scope = KeyScope(project=project, schema=schema.fingerprint)
        loops = engine_named(engine)
        self.schema = schema
        self._caches = Lock()
        self._engine = loops
        self.commitment = _commitment(secret=secret, scope=scope)
        self._fields = [
            FieldEncoder(field, schema, secret=secret, scope=scope, engine=loops)
            for field in schema.fields
            if not schema.salted
        ]
        self._exact = [TokenEncoder(token, secret=secret, scope=scope) for token in schema.exact]
        self._salted = SaltedEncoder(schema, secret=secret, scope=scope, engine=loops)
        thinned = [view.name for view in schema.salted if view.thinned]
        self._thinning = Thinning(thinned, secret=secret, scope=scope, engine=loops)
        self._hardeners: Mapping[str, Sequence[Hardener]] = {
            name: hardeners(
                schema.hardening_of(name),
                bits=bits,
                key=_hardening_key(name, secret, scope),
                secret=secret,
            )
            for name, bits in schema.hashed.items()
        }

    def encode(
        self,
        table: RecordTable,
        *,
        progress: Progress | None = None,
        used: UsedTokens | None = None,
    ) -> EncodingSet:
        """Encode a whole table, in order; memory beyond input and result is bounded.

        `used` remembers, over deliveries of one site, which record holds which token of a thinned
        view; save it afterwards.

        Raises:
            MissingColumn: the schema needs a column the table lacks.
            RecordInvalid: a value cannot be read (`records.accept` finds them all beforehand).
            EncodingMismatch: `used` belongs to another secret, project or schema.
        """
        missing = [name for name in self.schema.required_columns if name not in table.columns]
        if missing:
            raise MissingColumn(table.source, missing)
        if used is not None and used.commitment != self.commitment:
            raise EncodingMismatch(table.source, "the used tokens", "secret")
        readings = Readings(table, self.schema)
        salts = self._salted.salts(readings)
        made = _Columns(self.schema, len(table))
        for rows in _chunks(len(table)):
            self._encode_tokens(readings, salts, rows, made)
        self._thinning.thin(made.exact, table.record_ids, used)
        for rows in _chunks(len(table)):
            self._encode_rows(readings, salts, rows, made)
            if progress:
                progress(rows.stop, len(table))
        return EncodingSet(
            source=table.source,
            record_ids=table.record_ids,
            schema=self.schema,
            commitment=self.commitment,
            filters=made.filters,
            present=made.present,
            exact=made.exact,
        )

    def used_tokens(self) -> UsedTokens:
        """An empty memory of used tokens, for the first delivery."""
        return UsedTokens(self.commitment)

    def encode_one(self, record: Mapping[str, str | None]) -> Encoding:
        """Encode a single record, as for online use; absent columns count as missing."""
        columns = dict.fromkeys(self.schema.columns) | dict(record) | {"record_id": "1"}
        encoded = self.encode(table_of("record", [columns]))
        return Encoding(
            filters={name: words[0] for name, words in encoded.filters.items()},
            present={name: bool(mask[0]) for name, mask in encoded.present.items()},
            exact={name: int(tokens[0]) for name, tokens in encoded.exact.items()},
        )

    def _encode_tokens(
        self, readings: Readings, salts: SaltReader, rows: slice, made: "_Columns"
    ) -> None:
        for token in self._exact:
            made.exact[token.name][rows] = token.encode(readings, rows)
        for name, tokens in self._salted.tokens(salts, rows).items():
            made.exact[name][rows] = tokens

    def _encode_rows(
        self, readings: Readings, salts: SaltReader, rows: slice, made: "_Columns"
    ) -> None:
        hashed = made.hashed(self.schema, rows)
        if self.schema.salted:
            tokens = {view.name: made.exact[view.name][rows] for view in self.schema.salted}
            salted = self._salted.encode(readings, salts, rows, tokens=tokens, lock=self._caches)
            for name, found in salted.items():
                hashed[name][:] = found
        else:
            self._encode_fields(readings, rows, hashed)
        for name, words in hashed.items():
            made.present[name][rows] = with_content(words)
            if steps := self._hardeners[name]:
                made.filters[name][rows] = reduce(lambda found, step: step(found), steps, words)

    def _encode_fields(self, readings: Readings, rows: slice, filters: Mapping[str, Words]) -> None:
        given: dict[tuple[str, str], NDArray[np.bool_]] = {}
        for field in self._fields:
            with self._caches:
                known, found = field.rows(readings, rows)
            self._engine.or_rows(filters[field.filter], known, found)
            place = (field.filter, field.column)
            given[place] = given[place] | (found > 0) if place in given else found > 0
        for view in self.schema.views:
            for columns in view.required:
                some = np.any([given[view.name, column] for column in columns], axis=0)
                filters[view.name][~some] = 0


class _Columns:
    """The arrays of a set of encodings, filled chunk by chunk."""

    def __init__(self, schema: LinkageSchema, total: int) -> None:
        self.filters = {
            name: np.zeros((total, bits // 64), dtype=np.uint64)
            for name, bits in schema.filters.items()
        }
        self.present = {name: np.zeros(total, dtype=np.bool_) for name in self.filters}
        self.exact = {name: np.zeros(total, dtype=np.uint64) for name in schema.tokens}

    def hashed(self, schema: LinkageSchema, rows: slice) -> dict[str, Words]:
        """Empty filters of some rows, as long as before hardening; the place itself where it fits."""
        count = rows.stop - rows.start
        return {
            name: self.filters[name][rows]
            if bits == schema.filters[name]
            else np.zeros((count, bits // 64), dtype=np.uint64)
            for name, bits in schema.hashed.items()
        }


def _chunks(total: int) -> list[slice]:
    return [slice(start, min(start + _CHUNK, total)) for start in range(0, total, _CHUNK)]


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
