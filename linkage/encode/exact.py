"""Exact tokens: keyed, equal exactly where all their parts are equal."""

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.families import KeyScope
from linkage.encode.fields import reader
from linkage.encode.tokens import exact_value
from linkage.records import RecordTable
from linkage.schema import AnyOrder, ExactPart, ExactToken, LinkageSchema, Part


class TokenEncoder:
    """Encodes one exact token: 64 bits of HMAC-SHA-256 over its parts, never 0.

    0 where a part is missing. Columns in any order enter sorted.
    """

    def __init__(
        self, token: ExactToken, schema: LinkageSchema, *, secret: bytes, scope: KeyScope
    ) -> None:
        info = digests.joined("exact key", scope.project, scope.schema, token.name)
        self.name = token.name
        self._parts = token.parts
        self._profile = schema.normalization
        self._key = digests.hkdf(secret=secret, info=info, length=32)

    def encode(self, table: RecordTable, rows: slice) -> NDArray[np.uint64]:
        """Tokens (rows,); a column the table lacks counts as missing."""
        columns = [self._values(table, part, rows) for part in self._parts]
        made = [self._token(values) for values in zip(*columns, strict=True)]
        return np.array(made, dtype=np.uint64)

    def _values(self, table: RecordTable, part: Part, rows: slice) -> list[tuple[str, ...]]:
        if isinstance(part, AnyOrder):
            columns = [self._column(table, one, rows) for one in part.parts]
            return [tuple(sorted(values)) for values in zip(*columns, strict=True)]
        return [(value,) for value in self._column(table, part, rows)]

    def _column(self, table: RecordTable, part: ExactPart, rows: slice) -> list[str]:
        if part.column not in table.columns:
            return [""] * (rows.stop - rows.start)
        return [
            exact_value(
                reader(part.kind, self._profile, table, part.column, index)(value), part.take
            )
            for index, value in enumerate(table.columns[part.column][rows], start=rows.start)
        ]

    def _token(self, parts: tuple[tuple[str, ...], ...]) -> int:
        values = [value for part in parts for value in part]
        if not all(values):
            return 0
        digest = digests.mac(key=self._key, message=digests.joined(*values))
        return int.from_bytes(digest[:8], "little") or 1
