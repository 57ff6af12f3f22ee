"""Damage stops a rotation where it is, with its name, and nothing else: requests are answered as before."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from keys.keyring import Purpose
from tests.rotation.station import Station
from ttp.core.rotation import RotationState
from ttp.storage.transaction import SqlTransaction

NAMES = [f"patient {number}" for number in range(20)]

DAMAGE = {
    "an envelope is altered": "UPDATE pseudonym SET envelope = :other WHERE pseudonym = :first",
    "two rows swapped their envelopes": (
        "UPDATE pseudonym SET envelope = (SELECT envelope FROM pseudonym WHERE pseudonym = :second)"
        " WHERE pseudonym = :first"
    ),
    "an index is not its row's own": "UPDATE pseudonym SET index_a = :index WHERE pseudonym = :first",
}


@pytest.mark.parametrize("defect", DAMAGE)
def test_damaged_rows_halt_the_rotation_of_the_index(station: Station, defect: str) -> None:
    domain = station.domain()
    told = station.ask(domain, NAMES)
    with station.center.work.begin() as tx:
        assert isinstance(tx, SqlTransaction)
        values = {"first": told[0], "second": told[1], "index": b"x" * 16}
        values["other"] = b"\x01\x00\x01" + bytes(60)
        statement = text(DAMAGE[defect])
        names = statement.compile().params
        tx.connection.execute(statement, {name: values[name] for name in names})
    rotation = station.request(Purpose.INDEX, domain)
    list(station.steps(rotation))
    halted = station.rotation(rotation)
    assert (halted.state, halted.error) == (RotationState.PAUSED, "rows-damaged")
    assert station.ask(domain, NAMES[1:], create=False) == told[1:]
    assert station.resolve(domain, told[2:]) == NAMES[2:]
