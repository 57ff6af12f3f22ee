"""Registration: the same record twice is known, a changed one a new version, a bad one an error in its place."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_center
from tests.services.patients import (
    CLERK,
    make_again,
    only_case,
    open_cases_of,
    patient,
    persons,
    recomputed,
    register,
    registered,
)
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import AtomicBatchRefused, InvalidField, NotAllowed, TooManyItems, TTPError
from ttp.core.identifying_data import Identifier
from ttp.core.identities import Outcome
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.services.persons.find_identities import find_identities, persons_with_identifiers
from ttp.services.persons.read_identities import read_records
from ttp.services.persons.register_identities import register_identities


class Stopped(Exception):
    """Something failed after the records were registered."""


PIPELINE = Actor(ActorKind.CLIENT, "pipeline", Role.PIPELINE)
ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", city="Leipzig")
PID = {"system": "urn:pid", "value": "4711"}


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def test_the_same_record_again_is_known_and_changes_nothing(center: Center) -> None:
    first = registered(center, patient(1), patient(2))
    again = registered(center, patient(2), patient(1))
    assert [one.outcome for one in first] == [Outcome.NEW, Outcome.NEW]
    assert [one.outcome for one in again] == [Outcome.KNOWN, Outcome.KNOWN]
    assert [one.identity for one in again] == [first[1].identity, first[0].identity]


def test_a_changed_record_is_a_new_version_of_the_same_identity(center: Center) -> None:
    (first,) = registered(center, ANNA)
    (second,) = registered(center, ANNA | {"city": "Halle"})
    (third,) = registered(center, ANNA | {"city": "Halle"})
    assert (second.outcome, third.outcome) == (Outcome.CHANGED, Outcome.KNOWN)
    assert first.identity == second.identity == third.identity
    with center.work.begin(write=False) as tx:
        assert [number for number, _, _ in tx.identities.history(first.identity)] == [1, 2]


def test_a_corrected_record_is_matched_again(center: Center) -> None:
    first, second = registered(center, ANNA, patient(2, record_id="x"))
    (corrected,) = registered(center, ANNA | {"record_id": "x"})
    assert second.outcome is Outcome.NEW
    assert corrected.outcome is Outcome.LINKED
    assert persons(center, [second.identity]) == [first.person]


def test_a_duplicate_is_linked_and_bears_the_older_persons_id(center: Center) -> None:
    (first,) = registered(center, ANNA)
    (second,) = registered(center, ANNA | {"record_id": "other"}, source="labor")
    assert second.outcome is Outcome.LINKED
    assert second.person == first.person == first.identity
    assert recomputed(center)[0] == recomputed(center)[1]


def test_duplicates_inside_one_batch_find_each_other(center: Center) -> None:
    done = registered(center, ANNA, patient(7), ANNA | {"record_id": "twice"})
    assert [one.outcome for one in done] == [Outcome.NEW, Outcome.NEW, Outcome.LINKED]
    assert done[0].person == done[2].person


def test_two_batches_of_one_transaction_find_each_other_and_roll_back_without_trace(
    center: Center,
) -> None:
    def both(*, fail: bool) -> Outcome:
        with center.work.begin() as tx:
            register_identities(center, tx, OPERATOR, source="kis", records=[ANNA])
            again = [ANNA | {"record_id": "again"}]
            done = register_identities(center, tx, OPERATOR, source="kis", records=again)
            if fail:
                raise Stopped
        assert not isinstance(done[0], TTPError)
        return done[0].outcome

    for _ in range(3):
        with pytest.raises(Stopped):
            both(fail=True)
    assert registered(center, patient(5))[0].outcome is Outcome.NEW
    assert both(fail=False) is Outcome.LINKED
    with center.work.begin(write=False) as tx:
        assert tx.identities.count(LOCAL) == (3, 2)


def test_twins_are_asked_about_not_linked(center: Center) -> None:
    done = registered(center, ANNA, ANNA | {"record_id": "2", "given_name": "Hanna"})
    assert [one.outcome for one in done] == [Outcome.NEW, Outcome.CASE]
    assert done[0].person != done[1].person
    only_case(center)


def test_a_record_between_two_persons_joins_neither(center: Center) -> None:
    twins = registered(center, ANNA, ANNA | {"record_id": "2", "given_name": "Lena"})
    (between,) = registered(center, ANNA | {"record_id": "3", "given_name": "Anna Lena"})
    assert between.outcome is Outcome.CASE
    assert len({*persons(center, [one.identity for one in twins]), between.person}) == 3
    assert len(open_cases_of(center)) == 1


def test_an_error_stands_in_its_place_and_the_rest_is_registered(center: Center) -> None:
    bad: list[dict[str, Any]] = [
        patient(1, birth_date="2026-02-30"),
        patient(2),
        patient(3, record_id="same"),
        patient(4, record_id="same"),
        {"record_id": "5", "given_name": "Anna"},
    ]
    done = register(center, *bad)
    codes = [one.code if isinstance(one, TTPError) else one.outcome.value for one in done]
    assert codes == [
        "impossible-date", "new", "duplicate-record-id", "duplicate-record-id", "record-incomplete",
    ]  # fmt: skip


def test_an_atomic_batch_with_a_bad_record_changes_nothing(center: Center) -> None:
    records = [patient(1), patient(2, birth_date="never")]
    with pytest.raises(AtomicBatchRefused) as raised, center.work.begin() as tx:
        register_identities(center, tx, OPERATOR, source="kis", records=records, atomic=True)
    assert raised.value.facts["errors"] == [{"position": 1, "code": "malformed-date"}]
    assert registered(center, patient(1))[0].outcome is Outcome.NEW


def test_a_record_without_id_is_known_by_its_content(center: Center) -> None:
    nameless = patient(1, record_id=None)
    done = registered(center, nameless, nameless)
    assert [one.outcome for one in done] == [Outcome.NEW, Outcome.KNOWN]
    assert registered(center, nameless)[0].outcome is Outcome.KNOWN


@pytest.mark.parametrize("source", ["", "x" * 64, "a\nb"])
def test_a_source_has_a_name(tmp_path: Path, source: str) -> None:
    with pytest.raises(InvalidField):
        register(make_center(tmp_path), patient(1), source=source)


def test_a_request_has_a_size(tmp_path: Path) -> None:
    with pytest.raises(TooManyItems):
        register(make_center(tmp_path), *[patient(1)] * 1001)


def test_nobody_learns_person_ids_who_may_not_read_persons(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    first, again = (register(center, patient(1), actor=PIPELINE)[0] for _ in range(2))
    assert not isinstance(first, TTPError)
    assert not isinstance(again, TTPError)
    assert (first.person, again.person) == (None, None)


def test_staff_and_federated_centers_register_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        register(make_center(tmp_path), patient(1), actor=CLERK)
    with pytest.raises(NotAllowed):
        register(make_center(tmp_path, name="fed", role="federated"), patient(1))


def test_what_is_registered_is_found_by_record_and_by_identifier(center: Center) -> None:
    done = registered(center, patient(1, identifiers=[PID]), patient(2))
    identifier = Identifier(**PID)
    with center.work.begin() as tx:
        found = find_identities(
            center, tx, CLERK, population=LOCAL, records=[("kis", "r2"), ("kis", "no")],
            identifiers=[identifier],
        )  # fmt: skip
        borne = persons_with_identifiers(center, tx, population=LOCAL, identifiers=[identifier])
    assert [one.id for one in found] == [one.identity for one in done]
    assert borne == {identifier: {done[0].person}}


def test_an_identifier_is_found_under_its_newest_version_only(center: Center) -> None:
    registered(center, patient(1, identifiers=[PID]))
    registered(center, patient(1))
    with center.work.begin() as tx:
        borne = persons_with_identifiers(
            center, tx, population=LOCAL, identifiers=[Identifier(**PID)]
        )
    assert borne == {}


def test_each_person_is_read_once_with_its_newest_record(center: Center) -> None:
    registered(center, ANNA, patient(2))
    registered(center, ANNA | {"record_id": "2", "city": "Halle"})
    with center.work.begin() as tx:
        read = read_records(center, tx, OPERATOR, population=LOCAL)
        some = read_records(center, tx, OPERATOR, population=LOCAL, persons=[read[1].person])
    assert [one.data.fields["city"] for one in read] == ["Halle", patient(2)["city"]]
    assert some == read[1:]


def test_a_stolen_database_holds_no_name(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    registered(center, ANNA | {"identifiers": [PID], "record_id": "canary-record"})
    registered(center, ANNA | {"record_id": "twin", "given_name": "Hanna"})
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for value in ("Lehmann", "Hanna", "1984-03-07", "19840307", "4711", "canary-record", "Leipzig"):
        assert value.encode() not in stored


def roll_back(center: Center, *records: dict[str, Any]) -> None:
    def fails(tx: Transaction) -> None:
        register_identities(center, tx, OPERATOR, source="kis", records=records)
        raise Stopped

    with pytest.raises(Stopped):
        center.work.run(fails)


def test_what_was_rolled_back_is_not_taken_for_what_another_process_wrote(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    other = make_again(tmp_path / "nord", database_url)
    registered(center, ANNA)
    roll_back(center, ANNA | {"surname": "Quandt"})
    registered(other, ANNA | {"surname": "Vielstich", "birth_date": "1951-01-31"})
    (found,) = registered(
        center, ANNA | {"record_id": "x", "surname": "Vielstich", "birth_date": "1951-01-31"}
    )
    assert found.outcome is Outcome.LINKED
