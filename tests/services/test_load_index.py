"""Loading the index: reading ahead finds the same, holds up nobody; registrations wait while much is missing."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from tests.services.patients import make_again, patient, register, registered
from ttp.core.candidate_index import IndexLoading
from ttp.core.center import Center
from ttp.core.identities import Outcome
from ttp.core.persons import LOCAL
from ttp.http.center import the_center
from ttp.reading_ahead import read_ahead
from ttp.services.persons import load_index as loading
from ttp.services.persons.load_index import load_index, present_index

STOCK = [patient(number) for number in range(40)]
TWICE = STOCK[7] | {"record_id": "again"}


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    center = make_center(tmp_path, database_url)
    registered(center, *STOCK)
    return center


@pytest.fixture
def other(center: Center, tmp_path: Path, database_url: str) -> Center:
    """The same center in a process that has read nothing yet."""
    del center
    return make_again(tmp_path / "nord", database_url)


@pytest.fixture
def behind(other: Center, monkeypatch: pytest.MonkeyPatch) -> Iterator[Center]:
    """A process that reads ahead, and where forty records are much."""
    monkeypatch.setattr(loading, "MOST_BEHIND", 10)
    begin(other)
    yield other
    loading._read_ahead.discard(other.work)


def begin(center: Center) -> None:
    """Reading ahead began, and has read nothing yet."""
    loading._read_ahead.add(center.work)


def test_what_was_read_ahead_is_found(other: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_BLOCK", 7)
    load_index(other)
    index = present_index(other, LOCAL)
    assert (len(index), index.mark) == (40, 40)
    (found,) = registered(other, TWICE, source="labor")
    assert found.outcome is Outcome.LINKED


def test_reading_ahead_does_not_wait_for_the_populations_lock(
    other: Center, center: Center
) -> None:
    reader = Thread(target=load_index, args=(other,))
    with center.work.begin() as tx:
        tx.identities.lock(LOCAL)
        reader.start()
        reader.join(20)
        assert not reader.is_alive()
    assert len(present_index(other, LOCAL)) == 40


def test_what_was_not_committed_is_not_read_ahead(other: Center, center: Center) -> None:
    load_index(other)
    registered(center, patient(50))
    registered(center, STOCK[3] | {"city": "Halle"})
    load_index(other)
    index = present_index(other, LOCAL)
    assert (len(index), index.mark) == (41, 42)


def test_nobody_is_registered_while_much_is_missing_and_everybody_afterwards(
    behind: Center,
) -> None:
    with pytest.raises(IndexLoading):
        register(behind, TWICE, source="labor")
    load_index(behind)
    assert registered(behind, TWICE, source="labor")[0].outcome is Outcome.LINKED


def test_pseudonyms_are_served_while_the_index_is_loading(behind: Center) -> None:
    make_domain(behind)
    key = make_key(behind, "diz")
    http = make_http(behind)
    with http.application.app_context():
        served = the_center()
    begin(served)
    assert http.get("/readyz").get_json()["matching"] == "index loading"
    asked = http.post(
        "/api/v1/domains/diz/pseudonyms", json={"originals": ["a"]}, headers=bearer(key)
    )
    refused = http.post(
        "/api/v1/identities", json={"source": "kis", "records": [TWICE]}, headers=bearer(key)
    )
    assert (asked.status_code, refused.status_code) == (200, 503)
    assert refused.get_json()["code"] == "index-loading"
    assert refused.headers["Retry-After"]
    load_index(served)
    assert http.get("/readyz").get_json()["matching"] == "ready"


def test_a_process_that_reads_ahead_keeps_up_with_the_others(
    other: Center, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_PAUSE", 0.02)
    stop = read_ahead(other)
    registered(center, patient(60))
    index = present_index(other, LOCAL)
    for _ in range(500):
        if len(index) == 41 or stop.wait(0.02):
            break
    stop.set()
    assert len(index) == 41


def test_a_center_without_a_population_has_nothing_to_load(tmp_path: Path) -> None:
    load_index(make_center(tmp_path))
