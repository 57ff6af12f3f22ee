"""Encoding sets: what leaves a site.

Filters and keyed tokens under record IDs, and nothing in clear.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage.errors import EncodingMismatch
from linkage.records import RecordId
from linkage.schema import RECORD_FILTER, LinkageSchema, SchemaFingerprint

Words = NDArray[np.uint64]


def with_content(words: Words) -> NDArray[np.bool_]:
    """Which filters (n, words) have a bit set."""
    together = words[:, 0].copy()
    for word in words.T[1:]:
        together |= word
    return np.not_equal(together, 0)


@dataclass(frozen=True, slots=True)
class Encoding:
    """One record, encoded: words per filter, which filters hold anything, tokens (0: missing)."""

    filters: Mapping[str, Words]
    present: Mapping[str, bool]
    exact: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EncodingSet:
    """The encoded records of one source under one schema and one secret.

    `filters[name]` has shape (n, words) and dtype uint64, bit i of a filter being bit i mod 64 of
    word i div 64; `present[name]` (n, bool) tells which rows hold anything there; `exact[name]` (n,
    uint64) holds keyed tokens, 0 where missing. `commitment` (hex) is equal for equal secrets and
    projects and tells nothing else about them.
    """

    source: str
    record_ids: tuple[RecordId, ...]
    schema: LinkageSchema
    commitment: str
    filters: Mapping[str, Words]
    present: Mapping[str, NDArray[np.bool_]]
    exact: Mapping[str, NDArray[np.uint64]]

    def __len__(self) -> int:
        return len(self.record_ids)

    @property
    def schema_fingerprint(self) -> SchemaFingerprint:
        """Fingerprint of the schema these encodings were made with."""
        return self.schema.fingerprint

    @property
    def record_filters(self) -> Words:
        """The only filter of the record layout, (n, words); KeyError in the field layout."""
        return self.filters[RECORD_FILTER]

    def renamed(self, source: str) -> "EncodingSet":
        """The same encodings under another source name."""
        return replace(self, source=source)

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "EncodingSet":
        """Some rows, in the order given."""
        places = np.asarray(rows, dtype=np.intp)
        return replace(
            self,
            record_ids=tuple(self.record_ids[place] for place in places.tolist()),
            filters={name: words[places] for name, words in self.filters.items()},
            present={name: mask[places] for name, mask in self.present.items()},
            exact={name: tokens[places] for name, tokens in self.exact.items()},
        )

    def require_comparable(self, other: "EncodingSet") -> None:
        """Refuse to compare what was not made for comparison.

        Raises:
            EncodingMismatch: other schema, other secret, or filters of another length.
        """
        if self.schema_fingerprint != other.schema_fingerprint:
            raise EncodingMismatch(self.source, other.source, "schema")
        if self.commitment != other.commitment:
            raise EncodingMismatch(self.source, other.source, "secret")
        mine = {name: words.shape[1] for name, words in self.filters.items()}
        if mine != {name: words.shape[1] for name, words in other.filters.items()}:
            raise EncodingMismatch(self.source, other.source, "length")

    def save(self, path: Path) -> None:
        """Write the container described in `linkage.encode.container`.

        Equal sets give equal bytes.
        """
        from linkage.encode.container import save  # noqa: PLC0415  # the container knows this class

        save(self, path)

    @staticmethod
    def load(path: Path) -> "EncodingSet":
        """Read a container.

        Raises:
            EncodingInvalid: not such a file, truncated or altered.
        """
        from linkage.encode.container import load  # noqa: PLC0415  # the container knows this class

        return load(path)
