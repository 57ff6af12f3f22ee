"""What was handed in is exchanged exactly once, by its receiver, in its project, in time; it lies sealed until then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.transport.station import Station, make_station
from ttp.core.errors import AtomicBatchRefused, NotAllowed, TTPError
from ttp.core.transfers import TransferExchanged, TransferExpired, UnknownReceiver, UnknownTransfer
from ttp.services.transport.exchange_transfer import exchange_transport_ids, forget_transfers
from ttp.services.transport.hand_in_transfer import Item, hand_in_transfer
from ttp.storage.tables import transfer as transfer_table
from ttp.storage.tables import transport_id


@pytest.fixture
def station(tmp_path: Path, database_url: str) -> Station:
    return make_station(tmp_path, database_url)


@pytest.fixture(scope="module")
def one_station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    return make_station(tmp_path_factory.mktemp("transfers"))


@given(values=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), min_size=1))
def test_the_receiver_gets_what_was_handed_in_under_fresh_ids(
    one_station: Station, values: list[str]
) -> None:
    handed = one_station.hand_in(*(Item(value=value) for value in values))
    assert len(set(handed.transport_ids)) == len(values)
    assert all(len(one) == 43 and one.isascii() for one in handed.transport_ids)
    expected = dict(zip(handed.transport_ids, values, strict=True))
    assert one_station.exchange(handed.transfer) == expected
    with pytest.raises(TransferExchanged):
        one_station.exchange(handed.transfer)


def test_originals_and_pseudonyms_travel_as_pseudonyms(station: Station) -> None:
    first = station.hand_in(Item(original="4711", domain="diz"), Item(value="plain"))
    pseudonym, plain = station.exchange(first.transfer).values()
    second = station.hand_in(Item(pseudonym=pseudonym, domain="diz"))
    assert list(station.exchange(second.transfer).values()) == [pseudonym]
    assert (plain, len(pseudonym)) == ("plain", 16)


def test_eight_racing_clients_exchange_exactly_once(station: Station) -> None:
    handed = station.hand_in(*(Item(value=f"v{number}") for number in range(200)))
    actor = station.actor("rd")
    half = handed.transport_ids[:100]

    def race(number: int) -> object:
        try:
            if number % 2:
                return station.exchange(handed.transfer)
            return station.center.work.run(
                lambda tx: exchange_transport_ids(
                    station.center, tx, actor, project_name="herz", names=half
                )
            )
        except TTPError as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(race, range(8)))
    given_out = [name for one in answers if isinstance(one, dict) for name in one]
    assert sorted(given_out) == sorted(set(given_out))
    assert set(half) <= set(given_out)
    refused = [one for one in answers if not isinstance(one, dict)]
    assert all(isinstance(one, TransferExchanged) for one in refused)


@pytest.mark.parametrize("defect", ["another receiver", "another project", "a made-up ID"])
def test_a_transfer_is_bound_to_project_and_receiver(station: Station, defect: str) -> None:
    handed = station.hand_in(Item(value="x"))
    arguments = {
        "another receiver": (handed.transfer, "other", "herz"),
        "another project": (handed.transfer, "rd", "lunge"),
        "a made-up ID": ("x" * 43, "rd", "herz"),
    }[defect]
    with pytest.raises(UnknownTransfer):
        station.exchange(*arguments)
    assert list(station.exchange(handed.transfer).values()) == ["x"]


def test_time_is_kept_and_expired_rows_are_removed(station: Station) -> None:
    handed = station.hand_in(Item(value="x"))
    station.clock.skip(minutes=10)
    with pytest.raises(TransferExpired):
        station.exchange(handed.transfer)
    station.clock.skip(seconds=1)
    assert station.center.work.run(lambda tx: forget_transfers(station.center, tx)) == 1
    with pytest.raises(TransferExpired):
        station.exchange(handed.transfer)
    station.clock.skip(days=2)
    station.center.work.run(lambda tx: forget_transfers(station.center, tx))
    with pytest.raises(UnknownTransfer):
        station.exchange(handed.transfer)


def test_the_database_holds_no_value_and_no_id(station: Station) -> None:
    handed = station.hand_in(Item(value="Erika Musterfrau"))

    def rows(tx: object) -> str:
        connection = tx.connection  # type: ignore[attr-defined] # looks below the port
        tables = (transfer_table, transport_id)
        return repr([connection.execute(select(table)).all() for table in tables])

    found = station.center.work.run(rows, write=False)
    assert "Erika" not in found
    assert handed.transfer not in found
    assert handed.transport_ids[0] not in found


@pytest.mark.parametrize(
    "item",
    [
        Item(),
        Item(value="x", original="y", domain="diz"),
        Item(value="x", domain="diz"),
        Item(original="x"),
        Item(value=""),
        Item(value="x", transport_id="guessable"),
        Item(pseudonym="A" * 16, domain="diz"),
    ],
    ids=["nothing", "two things", "a domain too much", "no domain", "empty", "short ID", "unknown"],
)
def test_one_bad_item_refuses_the_whole_transfer(station: Station, item: Item) -> None:
    with pytest.raises(AtomicBatchRefused) as refused:
        station.hand_in(Item(value="good"), item)
    errors = refused.value.facts["errors"]
    assert isinstance(errors, list)
    assert [one["position"] for one in errors] == [1]


def test_receivers_have_to_be_admitted(station: Station) -> None:
    with pytest.raises(UnknownReceiver):
        station.hand_in(Item(value="x"), receiver="nobody")


def test_a_client_of_another_project_hands_in_nothing(station: Station) -> None:
    bound = replace(station.actor("cd"), projects=frozenset({"lunge"}))
    with pytest.raises(NotAllowed):
        station.center.work.run(
            lambda tx: hand_in_transfer(
                station.center,
                tx,
                bound,
                project_name="herz",
                receiver="rd",
                items=[Item(value="x")],
            )
        )
