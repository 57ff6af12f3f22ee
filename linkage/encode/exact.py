"""Exact tokens: keyed, equal exactly where all their parts are equal."""

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.families import KeyScope
from linkage.encode.readings import Readings, distinct
from linkage.encode.tokens import exact_value
from linkage.schema import AnyOrder, ExactPart, ExactToken, Part


class TokenEncoder:
    """Encodes one exact token: 64 bits of HMAC-SHA-256 over its parts, never 0.

    0 where a part is missing. Columns in any order enter sorted.
    """

    def __init__(self, token: ExactToken, *, secret: bytes, scope: KeyScope) -> None:
        info = digests.joined("exact key", scope.project, scope.schema, token.name)
        self.name = token.name
        self._parts = token.parts
        self._key = digests.hkdf(secret=secret, info=info, length=32)

    def encode(self, readings: Readings, rows: slice) -> NDArray[np.uint64]:
        """Tokens (rows,); a column the table lacks counts as missing.

        Raises:
            RecordInvalid: a value cannot be read.
        """
        only = self._parts[0]
        if len(self._parts) == 1 and isinstance(only, ExactPart) and readings.has(only.column):
            return self._of_one(readings, only, rows)
        columns = [_values(readings, part, rows) for part in self._parts]
        made = [self._token(sum(values, ())) for values in zip(*columns, strict=True)]
        return np.array(made, dtype=np.uint64)

    def _of_one(self, readings: Readings, part: ExactPart, rows: slice) -> NDArray[np.uint64]:
        codes = readings.codes(part.column, rows)
        different = distinct(codes)
        tokens = np.zeros(max(different, default=0) + 1, dtype=np.uint64)
        parts = readings.parts(part.column, different)
        tokens[different] = [self._token((exact_value(one, part),)) for one in parts]
        return tokens[codes]

    def _token(self, values: tuple[str, ...]) -> int:
        if not all(values):
            return 0
        digest = digests.mac(key=self._key, message=digests.joined(*values))
        return int.from_bytes(digest[:8], "little") or 1


def _values(readings: Readings, part: Part, rows: slice) -> list[tuple[str, ...]]:
    if isinstance(part, AnyOrder):
        columns = [_column(readings, one, rows) for one in part.parts]
        return [tuple(sorted(values)) for values in zip(*columns, strict=True)]
    return [(value,) for value in _column(readings, part, rows)]


def _column(readings: Readings, part: ExactPart, rows: slice) -> list[str]:
    if not readings.has(part.column):
        return [""] * (rows.stop - rows.start)
    codes = readings.codes(part.column, rows)
    different = distinct(codes)
    parts = readings.parts(part.column, different)
    values = {code: exact_value(one, part) for code, one in zip(different, parts, strict=True)}
    return [values[code] for code in codes.tolist()]
