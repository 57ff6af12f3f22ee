"""A merge that was said before its record came is carried out when that comes, whoever brings it and how."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.builders import make_center
from tests.cli.running import made, run
from tests.hospital.saying import data, identities, linked, merged, minute, person_count, say
from tests.services.patients import make_again, patient, persons, registered
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.hospital import AwaitedRelation, Relation
from ttp.core.identities import Registered
from ttp.core.names import LeafId
from ttp.core.persons import LOCAL
from ttp.services.hospital.bring_awaited import awaited_name
from ttp.services.persons.import_persons import BroughtPerson, import_persons
from ttp.services.persons.register_bundle import register_bundle
from ttp.services.persons.register_identities import latest_day
from ttp.services.persons.seal_identities import all_digests
from ttp.storage import hot_queries
from ttp.storage.driver import fetch
from ttp.wire.registration import read_registration

A, B = patient(1), patient(2)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def as_fhir(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": record["record_id"],
        "name": [{"family": record["surname"], "given": [record["given_name"]]}],
        "birthDate": record["birth_date"],
    }


def by_registration(center: Center, record: Mapping[str, Any]) -> None:
    (done,) = registered(center, record)
    assert [done.person] == persons(center, [done.identity])


def by_fhir(center: Center, record: Mapping[str, Any]) -> None:
    brought = read_registration(as_fhir(record), today=latest_day(center))
    done = center.work.run(
        lambda tx: register_bundle(
            center, tx, OPERATOR, source="kis", patients=brought.patients, consents=()
        )
    )
    assert isinstance(done.patients[0], Registered)


def by_migration(center: Center, record: Mapping[str, Any]) -> None:
    brought = [BroughtPerson((record,))]
    center.work.run(
        lambda tx: import_persons(
            center, tx, OPERATOR, source="kis", system="epix", persons=brought
        )
    )


def by_message(center: Center, record: Mapping[str, Any]) -> None:
    assert say(center, data(record)) == ["new"]


@pytest.mark.parametrize("bring", [by_registration, by_fhir, by_migration, by_message])
def test_a_merge_waits_for_its_record_however_that_comes(
    center: Center, bring: Callable[[Center, Mapping[str, Any]], None]
) -> None:
    assert say(center, merged("r1", "r2", 5, record=B)) == ["awaited"]
    bring(center, A)
    assert person_count(center) == 1
    first, second = identities(center, "r1", "r2")
    with center.work.begin(write=False) as tx:
        assert tx.hospital.replaced([first, second]) == {first: second}
    assert say(center, merged("r1", "r2", 5)) == ["known"]


def test_a_bulk_import_brings_the_record_of_a_merge(tmp_path: Path) -> None:
    home, file = made(tmp_path / "nord"), tmp_path / "a.ndjson"
    assert say(make_again(home, ""), merged("r1", "r2", 5, record=B)) == ["awaited"]
    file.write_text(json.dumps(as_fhir(A)) + "\n")
    assert run(home, "register", file, "--source", "kis").exit_code == 0
    assert person_count(make_again(home, "")) == 1


def test_a_link_waits_as_a_merge_does_and_for_its_own_source(center: Center) -> None:
    assert say(center, data(B), linked("r1", "r2")) == ["new", "awaited"]
    registered(center, A, source="other")
    assert person_count(center) == 2
    registered(center, A | {"city": "Neustadt"})
    assert len(set(persons(center, identities(center, "r1", "r2")))) == 1


def test_who_registers_is_told_the_person_that_the_merge_made(center: Center) -> None:
    say(center, data(B), merged("r1", "r2"))
    known, new = registered(center, B, A)
    assert (known.outcome.value, new.outcome.value) == ("known", "new")
    assert known.person == new.person


def test_a_record_that_was_here_before_it_was_waited_for_is_joined_when_it_comes_again(
    center: Center,
) -> None:
    registered(center, A)
    say(center, data(B), merged("r9", "r2"))
    _remember_for(center, "r1", "r2")
    assert [one.outcome.value for one in registered(center, A)] == ["known"]
    assert len(set(persons(center, identities(center, "r1", "r2")))) == 1


def test_many_awaited_records_cost_one_question_and_none_while_nothing_is_awaited(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bring(first: int, last: int) -> int:
        with _asked(monkeypatch) as statements:
            registered(center, *(patient(number) for number in range(first, last)))
        return sum("awaited_relation.known" in one for one in statements)

    registered(center, B)
    assert bring(10, 20) == 0
    say(center, merged("nobody", "r2"))
    assert bring(20, 30) == 1


def _remember_for(center: Center, first: str, second: str) -> None:
    """What an earlier release left: a record came by registration, and its merge waited on."""
    (known,) = identities(center, second)
    digest = all_digests(center, LOCAL, awaited_name("kis", first))[0]
    one = AwaitedRelation(digest, known, Relation.REPLACED, False, minute(1))
    center.work.run(lambda tx: tx.hospital.await_record(one, leaf=LeafId(center.new_id())))


@contextmanager
def _asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    def fetched(connection: Any, text: str, values: Any) -> Any:
        statements.append(text)
        return fetch(connection, text, values)

    monkeypatch.setattr(hot_queries, "fetch", fetched)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
