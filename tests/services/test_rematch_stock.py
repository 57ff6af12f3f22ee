"""Deduplication of the stock: what registration would find is found again, and nothing is asked twice."""

from pathlib import Path

import pytest
from sqlalchemy import update

from tests.builders import make_center
from tests.services.patients import (
    open_cases_of,
    patient,
    persons,
    recomputed,
    registered,
)
from ttp.connecting import connect
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.identity_life import ChangeReason
from ttp.core.ports import Transaction
from ttp.core.tasks import TaskState
from ttp.services.persons.change_identities import deactivate_identities
from ttp.services.persons.rematch_stock import rematch_stock, request_rematching
from ttp.services.persons.settle_persons import settle
from ttp.services.work.run_task import run_waiting_task
from ttp.storage.tables import edge

ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", city="Leipzig")


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def forget_links(center: Center) -> None:
    """As if another system had brought the records, which knew of no link."""

    def step(tx: Transaction) -> None:
        connection = tx.connection  # type: ignore[attr-defined] # looks below the port
        now = center.clock.now()
        connection.execute(update(edge).values(ended_at=now, ended_by=center.new_id()))
        ids = [row.id for row in tx.identities.all_versions("local")]  # type: ignore[arg-type] # a name
        settle(center, tx, ids, leaf=center.new_id())  # type: ignore[arg-type] # any ID

    center.work.run(step)


def test_duplicates_of_the_stock_are_linked_and_twins_asked_about_once(center: Center) -> None:
    first, second, *_ = registered(
        center, ANNA, ANNA | {"record_id": "again"}, patient(5), patient(6)
    )
    registered(center, ANNA | {"record_id": "twin", "given_name": "Hanna"})
    cases = open_cases_of(center)
    forget_links(center)
    assert persons(center, [second.identity]) == [second.identity]
    counts = rematch_stock(center, OPERATOR)
    assert (counts["records"], counts["linked"]) == (5, 1)
    assert persons(center, [second.identity]) == [first.identity]
    assert [one.id for one in open_cases_of(center)] == [one.id for one in cases]
    assert rematch_stock(center, OPERATOR) == {"records": 5, "linked": 0, "asked": 0}
    assert recomputed(center)[0] == recomputed(center)[1]


def test_work_that_was_cut_off_goes_on_behind_its_last_block(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttp.services.persons.rematch_stock.BATCH", 4)
    registered(center, *map(patient, range(10)))
    places: list[int] = []

    def cut_off(_stage: str, done: int, _total: int) -> None:
        places.append(done)
        if len(places) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rematch_stock(center, OPERATOR, progress=cut_off)
    rest = rematch_stock(center, OPERATOR, after=places[-1])
    assert rest["records"] == 2


def test_a_worker_does_it_and_who_rests_is_left_alone(center: Center) -> None:
    first, second = registered(center, ANNA, ANNA | {"record_id": "again"})
    forget_links(center)
    center.work.run(
        lambda tx: deactivate_identities(
            center, tx, OPERATOR, identities=[second.identity], reason=ChangeReason.DUPLICATE
        )
    )
    task = center.work.run(lambda tx: request_rematching(center, tx, OPERATOR))
    assert run_waiting_task(center, connect(center)) == 1
    with center.work.begin(write=False) as tx:
        done = tx.tasks.get(task.id)
    assert (done.state, dict(done.counts)) == (
        TaskState.DONE, {"records": 1, "linked": 0, "asked": 0},
    )  # fmt: skip
    assert persons(center, [first.identity]) == [first.identity]


def test_a_pipeline_may_not(center: Center) -> None:
    pipeline = Actor(ActorKind.CLIENT, "etl", Role.PIPELINE)
    with pytest.raises(NotAllowed):
        rematch_stock(center, pipeline)
