"""A stolen dump after a destruction: nothing opens with any key that is left; an old copy of the keyring undoes all."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from keys.blind_index import blind_index
from keys.custody import RootKey
from keys.errors import EnvelopeRejected, KeyDestroyed
from keys.keyring import Keyring, KeyState, Purpose
from keys.seal import binding, open_envelope
from tests.rotation.station import Station
from tests.rotation.test_destruction import (
    approve,
    back_up,
    dispose,
    dispose_all,
    receipt,
    request,
)
from ttp.storage.transaction import SqlTransaction

NAMES = [f"patient {number}" for number in range(8)]
Stolen = list[tuple[str, bytes, bytes]]
"""Pseudonym, index and envelope of each row, as a dump shows them."""


def dump(station: Station, domain: str) -> Stolen:
    query = text(
        "SELECT pseudonym, index_a, envelope FROM pseudonym WHERE domain_id ="
        " (SELECT id FROM domain WHERE name = :name)"
    )
    with station.center.work.begin(write=False) as tx:
        assert isinstance(tx, SqlTransaction)
        rows = tx.connection.execute(query, {"name": domain}).all()
    return [(row.pseudonym, bytes(row.index_a), bytes(row.envelope)) for row in rows]


def opened(stolen: Stolen, ring: Keyring, domain: str) -> list[bytes]:
    """Whatever the thief can read with any key of this keyring."""
    found = []
    for info in ring.all_versions():
        if info.state is KeyState.DESTROYED:
            continue
        secret = ring.at(info.purpose, info.domain, info.version).secret
        for pseudonym, _, envelope in stolen:
            place = binding("pseudonym", "envelope", domain, pseudonym.encode())
            try:
                found.append(open_envelope(secret, envelope, bound_to=place))
            except EnvelopeRejected:
                continue
    return found


def guessed(stolen: Stolen, ring: Keyring) -> int:
    """How many rows a dictionary of all originals finds, with any key of this keyring."""
    indexes = {index for _, index, _ in stolen}
    keys = [
        ring.at(info.purpose, info.domain, info.version).secret
        for info in ring.all_versions()
        if info.state is not KeyState.DESTROYED
    ]
    return sum(blind_index(key, name.encode()) in indexes for key in keys for name in NAMES)


def ring_of(station: Station, folder: Path, content: bytes) -> Keyring:
    file = folder / "keyring"
    file.write_bytes(content)
    return Keyring.open(file, root=RootKey(station.root))


@pytest.mark.parametrize("rotated", [False, True], ids=["first keys", "rotated keys"])
def test_dump_root_and_present_keyring_open_nothing_of_a_destroyed_domain(
    station: Station, tmp_path: Path, rotated: bool
) -> None:
    dispose_all(station)
    domain = station.domain()
    station.ask(domain, NAMES)
    before = dump(station, domain)
    if rotated:
        station.rotate(Purpose.SEAL, domain)
    stolen = before + dump(station, domain)
    asked = request(station, domain)
    approve(station, asked)
    present = ring_of(station, tmp_path, station.center.keyring.sealed_copy()[1])
    assert opened(stolen, present, domain) == []
    assert guessed(stolen, present) == 0
    with pytest.raises(KeyDestroyed):
        present.at(Purpose.SEAL, domain, 1)
    assert receipt(station, asked)["complete"] is True


def test_with_an_older_copy_everything_opens_and_the_receipt_says_it_is_not_complete(
    station: Station, tmp_path: Path
) -> None:
    dispose_all(station)
    domain = station.domain()
    station.ask(domain, NAMES)
    stolen = dump(station, domain)
    backup, content = back_up(station)
    asked = request(station, domain)
    approve(station, asked)
    copy = ring_of(station, tmp_path, content)
    assert len(opened(stolen, copy, domain)) == len(NAMES)
    assert guessed(stolen, copy) == len(NAMES)
    assert receipt(station, asked)["complete"] is False
    assert str(backup) in repr(receipt(station, asked)["copies"])
    (tmp_path / "keyring").unlink()
    dispose(station, backup)
    assert receipt(station, asked)["complete"] is True


def test_a_copy_made_after_the_destruction_opens_nothing_and_is_not_listed(
    station: Station, tmp_path: Path
) -> None:
    dispose_all(station)
    domain = station.domain()
    station.ask(domain, NAMES)
    stolen = dump(station, domain)
    asked = request(station, domain)
    approve(station, asked)
    backup, content = back_up(station)
    assert opened(stolen, ring_of(station, tmp_path, content), domain) == []
    told = receipt(station, asked)
    assert told["complete"] is True
    assert str(backup) not in repr(told["copies"])
