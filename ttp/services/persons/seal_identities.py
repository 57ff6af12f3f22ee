"""Seal identities: how records of a population become blind indexes, digests and envelopes, and come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keys.blind_index import blind_indexes
from keys.keyring import KeyState, Purpose
from keys.seal import (
    binding,
    by_key_version,
    key_version_of,
    open_envelope,
    open_many,
    seal,
    seal_many,
)
from ttp.core.center import Center
from ttp.core.identifying_data import Identifier, IdentifyingData
from ttp.core.identities import Population, StoredVersion
from ttp.core.names import DecisionId, IdentityId, PopulationName
from ttp.core.persons import scope_of

Indexes = list[tuple[bytes, bytes | None]]
"""Blind indexes under the current key, each with that under the next key while a rotation runs."""


def record_indexes(center: Center, population: Population, keys: Sequence[bytes]) -> Indexes:
    """The blind indexes of record keys; see ``record_key``."""
    return _indexes(center, population, [record_value(key) for key in keys])


def identifier_indexes(
    center: Center, population: Population, identifiers: Sequence[Identifier]
) -> Indexes:
    """The blind indexes of identifiers."""
    return _indexes(center, population, [identifier_value(one) for one in identifiers])


def record_value(key: bytes) -> bytes:
    """What the index of a record is made of."""
    return b"record\0" + key


def identifier_value(identifier: Identifier) -> bytes:
    """What the index of an identifier is made of; no record has the same."""
    return b"identifier\0" + identifier.key()


def record_key(source: str, record: IdentifyingData) -> bytes:
    """What makes a record the same one when it comes again: source and record ID, else source and content."""
    if record.record_id is not None:
        return named_record_key(source, record.record_id)
    return f"content\0{source}\0".encode() + record.naming_content()


def named_record_key(source: str, record_id: str) -> bytes:
    """The key of the record that a source calls so."""
    return f"id\0{source}\0{record_id}".encode()


def digests(
    center: Center,
    population: PopulationName,
    contents: Sequence[bytes],
    *,
    standing: Sequence[bytes | None] = (),
) -> list[bytes]:
    """A keyed digest of 16 bytes of each content: the one that stands if it is of the same content.

    That may have been made with a match key that was retired since; what is written anew has the present one.
    """
    scope = scope_of(population)
    made = _digests(center.keyring.active(Purpose.MATCH, scope).secret, contents)
    for version in _retired(center, scope):
        open_places = [
            place for place, before in enumerate(standing) if before not in {None, made[place]}
        ]
        if not open_places:
            break
        secret = center.keyring.at(Purpose.MATCH, scope, version).secret
        olds = _digests(secret, [contents[place] for place in open_places])
        for place, old in zip(open_places, olds, strict=True):
            made[place] = old if old == standing[place] else made[place]
    return made


def seal_contents(
    center: Center, population: PopulationName, rows: Sequence[tuple[IdentityId, int, bytes]]
) -> list[bytes]:
    """Seal each content into an envelope bound to its identity and version."""
    scope = scope_of(population)
    key = center.keyring.active(Purpose.SEAL, scope)
    items = [(content, _bound(scope, identity, version)) for identity, version, content in rows]
    return seal_many(key.secret, items, key_version=key.version)


def open_contents(
    center: Center, population: PopulationName, rows: Sequence[StoredVersion]
) -> list[bytes]:
    """Open the envelope of each row, whatever key version sealed it; order is kept."""
    scope = scope_of(population)
    opened: dict[int, bytes] = {}
    for version, positions in by_key_version([row.envelope for row in rows]).items():
        key = center.keyring.at(Purpose.SEAL, scope, version)
        items = [
            (rows[place].envelope, _bound(scope, rows[place].id, rows[place].version))
            for place in positions
        ]
        opened.update(zip(positions, open_many(key.secret, items), strict=True))
    return [opened[place] for place in range(len(rows))]


def open_history(
    center: Center,
    population: PopulationName,
    identity: IdentityId,
    envelopes: Mapping[int, bytes],
) -> dict[int, bytes]:
    """Open the envelopes of several versions of one identity."""
    scope = scope_of(population)
    return {
        version: open_envelope(
            center.keyring.at(Purpose.SEAL, scope, key_version_of(envelope)).secret,
            envelope,
            bound_to=_bound(scope, identity, version),
        )
        for version, envelope in envelopes.items()
    }


def seal_reason(center: Center, population: PopulationName, row: DecisionId, reason: str) -> bytes:
    """Seal what somebody wrote about a decision; people write names into reasons."""
    scope = scope_of(population)
    key = center.keyring.active(Purpose.SEAL, scope)
    bound = binding("decision", "reason", scope, row.bytes)
    return seal(key.secret, reason.encode(), key_version=key.version, bound_to=bound)


def open_reason(
    center: Center, population: PopulationName, row: DecisionId, envelope: bytes
) -> str:
    """Open the reason of a decision, or of its undoing under that one's ID."""
    scope = scope_of(population)
    key = center.keyring.at(Purpose.SEAL, scope, key_version_of(envelope))
    bound = binding("decision", "reason", scope, row.bytes)
    return open_envelope(key.secret, envelope, bound_to=bound).decode()


def all_digests(center: Center, population: PopulationName, content: bytes) -> list[bytes]:
    """The keyed digests of a content under every match key that is at hand, the present one first."""
    scope = scope_of(population)
    keys = [center.keyring.active(Purpose.MATCH, scope)]
    keys += [
        center.keyring.at(Purpose.MATCH, scope, version) for version in _retired(center, scope)
    ]
    return [_digests(key.secret, [content])[0] for key in keys]


def _digests(secret: bytes, contents: Sequence[bytes]) -> list[bytes]:
    return blind_indexes(secret, [b"content\0" + content for content in contents])


def _retired(center: Center, scope: str) -> list[int]:
    return [
        info.version
        for info in reversed(center.keyring.versions(Purpose.MATCH, scope))
        if info.state is KeyState.RETIRED
    ]


def _indexes(center: Center, population: Population, values: Sequence[bytes]) -> Indexes:
    scope, epoch = scope_of(population.name), population.epoch
    key = center.keyring.at(Purpose.INDEX, scope, epoch.current_version)
    current = blind_indexes(key.secret, values)
    if epoch.next_version is None:
        return [(index, None) for index in current]
    following = center.keyring.at(Purpose.INDEX, scope, epoch.next_version)
    return list(zip(current, blind_indexes(following.secret, values), strict=True))


def _bound(scope: str, identity: IdentityId, version: int) -> bytes:
    row = identity.bytes + version.to_bytes(4, "big")
    return binding("identity_version", "envelope", scope, row)
