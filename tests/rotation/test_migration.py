"""The slots of before become the slots of now and back, whichever holds the current index, with all their data."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from keys.keyring import Purpose
from tests.builders import make_center
from tests.rotation.station import Station
from tests.services.patients import patient, register
from ttp.core.errors import TTPError
from ttp.core.identities import Outcome
from ttp.core.persons import LOCAL, scope_of
from ttp.storage.migrate import downgrade, upgrade

NAMES = [f"patient {number}" for number in range(20)]


def test_down_and_up_again_after_a_rotation(tmp_path: Path, database_url: str) -> None:
    station = Station(make_center(tmp_path, database_url), tmp_path / "nord", database_url)
    straight, turned = station.domain(), station.domain()
    told = {domain: station.ask(domain, NAMES) for domain in (straight, turned)}
    register(station.center, patient(1))
    station.rotate(Purpose.INDEX, turned)
    station.rotate(Purpose.INDEX, scope_of(LOCAL))
    downgrade(database_url, "0005")
    engine = create_engine(database_url)
    with engine.connect() as connection:
        columns = {one["name"] for one in inspect(connection).get_columns("pseudonym")}
        filled = "SELECT count(index_current), count(index_next) FROM pseudonym"
        counts = tuple(connection.execute(text(filled)).one())
    engine.dispose()
    assert columns >= {"index_current", "index_next"}
    assert counts == (2 * len(NAMES), 0)
    upgrade(database_url)
    again = station.again()
    for domain, pseudonyms in told.items():
        assert again.ask(domain, NAMES, create=False) == pseudonyms
        assert again.resolve(domain, pseudonyms) == NAMES
    (known,) = register(again.center, patient(1))
    assert not isinstance(known, TTPError)
    assert known.outcome is Outcome.KNOWN
