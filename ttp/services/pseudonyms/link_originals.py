"""Link originals: how a domain's originals become blind indexes and envelopes, and come back from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keys.blind_index import blind_indexes
from keys.errors import KeyDestroyed
from keys.keyring import KeyMaterial, Purpose
from keys.seal import bindings, by_key_version, open_many, seal_many
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import KeysDestroyed
from ttp.core.names import Original

SINGLE = "pseudonym"
MULTI = "original"


def ensure_domain_keys(center: Center, domain: str) -> int:
    """Make the first keys of a domain where they are missing; returns the active index key version."""
    center.keyring.ensure(Purpose.SEAL, domain)
    center.keyring.ensure(Purpose.AUDIT, domain)
    return center.keyring.ensure(Purpose.INDEX, domain)


def current_indexes(center: Center, domain: Domain, originals: Sequence[Original]) -> list[bytes]:
    """The 16-byte index of each original under the domain's current index key.

    Raises:
        KeysDestroyed: there is none any more.
    """
    key = _key_at(center, Purpose.INDEX, domain, domain.epoch.current_version)
    return blind_indexes(key.secret, (original.encode() for original in originals))


def lost_its_keys(center: Center, domain: Domain) -> bool:
    """Whether the keys of the domain were destroyed, and with them all links between originals and pseudonyms."""
    try:
        _key_at(center, Purpose.INDEX, domain, domain.epoch.current_version)
    except KeysDestroyed:
        return True
    return False


def next_indexes(
    center: Center, domain: Domain, originals: Sequence[Original]
) -> list[bytes | None]:
    """The index under the next key while a rotation runs, else None for each."""
    if domain.epoch.next_version is None:
        return [None] * len(originals)
    key = _key_at(center, Purpose.INDEX, domain, domain.epoch.next_version)
    return list(blind_indexes(key.secret, (original.encode() for original in originals)))


def seal_originals(
    center: Center, domain: Domain, table: str, rows: Sequence[tuple[bytes, Original]]
) -> list[bytes]:
    """Seal each original into an envelope bound to its row; ``rows`` holds (row's immutable part, original).

    Raises:
        KeysDestroyed: nothing can be sealed in this domain any more.
    """
    key = _sealing_key(center, domain)
    places = bindings(table, "envelope", domain.name, [row for row, _ in rows])
    texts = [original.encode() for _, original in rows]
    return seal_many(key.secret, list(zip(texts, places, strict=True)), key_version=key.version)


def open_originals(
    center: Center, domain: Domain, table: str, envelopes: Mapping[bytes, bytes]
) -> dict[bytes, Original]:
    """Open envelopes by their row's immutable part, whatever key version sealed them.

    Raises:
        KeysDestroyed: nothing can be opened in this domain any more, not even nothing.
    """
    _sealing_key(center, domain)
    rows = list(envelopes)
    opened: dict[bytes, Original] = {}
    for version, positions in by_key_version([envelopes[row] for row in rows]).items():
        key = _key_at(center, Purpose.SEAL, domain, version)
        chosen = [rows[position] for position in positions]
        places = bindings(table, "envelope", domain.name, chosen)
        sealed = [envelopes[row] for row in chosen]
        texts = open_many(key.secret, zip(sealed, places, strict=True))
        opened.update(zip(chosen, [Original(text.decode()) for text in texts], strict=True))
    return opened


def _key_at(center: Center, purpose: Purpose, domain: Domain, version: int) -> KeyMaterial:
    try:
        return center.keyring.at(purpose, domain.name, version)
    except KeyDestroyed:
        raise KeysDestroyed from None


def _sealing_key(center: Center, domain: Domain) -> KeyMaterial:
    try:
        return center.keyring.active(Purpose.SEAL, domain.name)
    except KeyDestroyed:
        raise KeysDestroyed from None
