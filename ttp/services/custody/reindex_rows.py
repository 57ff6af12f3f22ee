"""Reindex rows: the next index comes from what the envelope holds, and only if that gives the current one too."""

from __future__ import annotations

from collections.abc import Sequence

from keys.blind_index import IndexEpoch, blind_indexes
from keys.errors import EnvelopeRejected
from keys.keyring import Purpose
from ttp.core.center import Center
from ttp.core.identifying_data import from_content
from ttp.core.keyed_rows import IndexedRow, Part, Scope
from ttp.core.submissions import StoredEncoding
from ttp.services.custody.rewrap_rows import open_rows
from ttp.services.persons.seal_identities import (
    identifier_value,
    named_record_key,
    record_key,
    record_value,
)


def reindexed(
    center: Center, scope: Scope, epoch: IndexEpoch, part: Part, rows: Sequence[IndexedRow]
) -> list[bytes]:
    """The index of each row under the next key of the epoch.

    Raises:
        EnvelopeRejected: an envelope does not open, or holds nothing that has the row's index.
    """
    if epoch.next_version is None:
        raise ValueError("there is no next index key")
    contents = open_rows(center, scope, part, rows)
    values = [_values(part, row, content) for row, content in zip(rows, contents, strict=True)]
    flat = [value for several in values for value in several]
    current = center.keyring.at(Purpose.INDEX, scope.name, epoch.current_version)
    following = center.keyring.at(Purpose.INDEX, scope.name, epoch.next_version)
    pairs = iter(
        list(
            zip(
                blind_indexes(current.secret, flat),
                blind_indexes(following.secret, flat),
                strict=True,
            )
        )
    )
    return [
        _matching(row, dict(next(pairs) for _ in several))
        for row, several in zip(rows, values, strict=True)
    ]


def _matching(row: IndexedRow, indexes: dict[bytes, bytes]) -> bytes:
    found = indexes.get(row.current)
    if found is None:
        raise EnvelopeRejected("an index does not belong to what the envelope holds")
    return found


def _values(part: Part, row: IndexedRow, content: bytes) -> list[bytes]:
    """What the row's index can have been made of."""
    if part in {Part.PSEUDONYM, Part.ORIGINAL}:
        return [content]
    if row.encoded:
        record = StoredEncoding.read(content).record
        return [record_value(named_record_key(row.source, record.pseudonym))]
    data = from_content(content)
    if part is Part.IDENTIFIER:
        return [identifier_value(one) for one in data.identifiers]
    return [record_value(record_key(row.source, data))]
