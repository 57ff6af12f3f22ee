"""Merges that a hospital announces: joined at once, taken back, never against people, in whatever order they come."""

from pathlib import Path

import pytest

from tests.builders import make_center
from tests.hospital.saying import (
    data,
    identities,
    linked,
    merged,
    minute,
    parted,
    person_count,
    say,
    take,
)
from tests.services.patients import CLERK, only_case, open_cases_of, patient, registered
from tests.services.test_review import ask, decide, link, undo
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.review import Verdict

A, B, C = patient(1), patient(2), patient(3)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def test_a_merge_makes_one_person_and_marks_the_replaced_record(center: Center) -> None:
    registered(center, A, B)
    assert say(center, merged("r1", "r2")) == ["joined"]
    first, second = identities(center, "r1", "r2")
    with center.work.begin(write=False) as tx:
        assert tx.hospital.replaced([first, second]) == {first: second}
    assert person_count(center) == 1


def test_the_same_merge_again_changes_nothing(center: Center) -> None:
    registered(center, A, B)
    say(center, merged("r1", "r2", 5))
    assert say(center, merged("r1", "r2", 5), merged("r1", "r2")) == ["known", "known"]
    with center.work.begin(write=False) as tx:
        assert len(tx.edges.history(identities(center, "r1", "r2"))) == 1


def test_a_merge_taken_back_parts_the_records_again(center: Center) -> None:
    registered(center, A, B)
    taken = say(center, merged("r1", "r2"), parted("r1", "r2"), parted("r2", "r1"))
    assert taken == ["joined", "parted", "known"]
    assert person_count(center) == 2


def test_what_people_decided_is_asked_and_not_overruled(center: Center) -> None:
    one, two = (found.identity for found in registered(center, A, B))
    ask(center, (one, two))
    decide(center, only_case(center), Verdict.DIFFERENT)
    assert open_cases_of(center) == []
    assert say(center, merged("r1", "r2")) == ["asked"]
    assert person_count(center) == 2
    case = only_case(center)
    with center.work.begin(write=False) as tx:
        (question,) = tx.review.pairs([case.id])[case.id]
    assert question.match.conflict
    assert question.match.facts["source"] == "kis"
    assert say(center, merged("r1", "r2")) == ["known"]


def test_a_contradiction_about_others_of_the_persons_is_asked_too(center: Center) -> None:
    one, two, _ = (found.identity for found in registered(center, A, B, C))
    ask(center, (one, two))
    decide(center, only_case(center), Verdict.DIFFERENT)
    assert say(center, merged("r3", "r1"), linked("r3", "r2")) == ["joined", "asked"]
    assert person_count(center) == 2
    assert len(open_cases_of(center)) == 1


def test_a_contradiction_that_is_taken_back_is_asked_no_more(center: Center) -> None:
    one, two = (found.identity for found in registered(center, A, B))
    ask(center, (one, two))
    decision = decide(center, only_case(center), Verdict.DIFFERENT)
    say(center, merged("r1", "r2"))
    assert say(center, parted("r1", "r2")) == ["parted"]
    assert open_cases_of(center) == []
    undo(center, decision)
    assert len(open_cases_of(center)) == 1


def test_a_merge_waits_for_the_record_that_comes_later(center: Center) -> None:
    assert say(center, merged("r1", "r2", 5, record=B)) == ["awaited"]
    assert say(center, data(A, 1)) == ["new"]
    assert person_count(center) == 1
    assert say(center, merged("r1", "r2", 5)) == ["known"]


def test_a_merge_that_is_awaited_can_be_taken_back(center: Center) -> None:
    say(center, data(B), merged("r1", "r2", 5))
    assert say(center, parted("r1", "r2", 4), parted("r1", "r2", 6)) == ["outdated", "parted"]
    say(center, data(A, 1))
    assert person_count(center) == 2


def test_what_nobody_said_cannot_be_taken_back_of_a_record_nobody_knows(center: Center) -> None:
    registered(center, A)
    assert say(center, parted("r1", "r2"), parted("r8", "r9"), merged("r1", "r1")) == [
        "unknown-survivor",
        "unknown-survivor",
        "same-record",
    ]
    assert say(center, merged("r1", "r2", record={"record_id": "r9"})) == ["invalid-field"]


def test_a_merge_brings_the_newer_data_of_the_surviving_record(center: Center) -> None:
    say(center, data(A), data(B, 1))
    assert say(center, merged("r1", "r2", 2, record={"city": "Neustadt"})) == ["joined"]
    assert say(center, data({"record_id": "r2", "city": "Altstadt"}, 1)) == ["outdated"]


def test_a_merge_that_was_said_before_the_parting_comes_too_late(center: Center) -> None:
    registered(center, A, B)
    assert say(center, parted("r1", "r2", 9), merged("r1", "r2", 3)) == ["known", "outdated"]
    assert person_count(center) == 2


def test_a_record_is_replaced_by_the_one_that_was_said_last(center: Center) -> None:
    registered(center, A, B, C)
    taken = say(center, merged("r1", "r2", 2), merged("r1", "r3", 3), merged("r1", "r2", 1))
    assert taken == ["joined", "joined", "outdated"]
    one, two, three = identities(center, "r1", "r2", "r3")
    with center.work.begin(write=False) as tx:
        assert tx.hospital.replaced([one, two, three]) == {one: three}
    assert person_count(center) == 2


def test_a_parting_ends_only_what_its_source_said(center: Center) -> None:
    registered(center, A, B)
    say(center, merged("r1", "r2"))
    registered(center, A, B, source="other")
    assert say(center, parted("r1", "r2"), source="other") == ["known"]
    assert person_count(center) == 1
    assert say(center, parted("r1", "r2")) == ["parted"]


def test_a_parting_says_so_when_something_else_holds_the_person_together(center: Center) -> None:
    one, two = (found.identity for found in registered(center, A, B))
    link(center, one, two)
    assert say(center, merged("r1", "r2"), parted("r1", "r2")) == ["joined", "still-joined"]
    assert person_count(center) == 1


def test_data_said_before_the_newest_never_overwrite_them(center: Center) -> None:
    new, old = A | {"city": "Neustadt"}, A | {"city": "Altstadt"}
    assert say(center, data(new, 5), data(old, 3), data(new, 5)) == ["new", "outdated", "known"]


def test_absent_fields_stay_and_empty_ones_are_deleted(center: Center) -> None:
    numbers = [{"system": "s", "value": "1"}, {"system": "t", "value": "2"}]
    say(center, data(A | {"identifiers": numbers}))
    change = {"record_id": "r1", "city": None, "identifiers": [{"system": "s", "value": "3"}]}
    say(center, data(change))
    assert say(
        center,
        data(
            {key: value for key, value in A.items() if key != "city"}
            | {"identifiers": [numbers[1], {"system": "s", "value": "3"}]}
        ),
    ) == ["known"]


def test_contacts_stay_by_kind_until_a_message_names_that_kind(center: Center) -> None:
    phone, mail = {"kind": "phone", "value": "1"}, {"kind": "email", "value": "a@b.example"}
    street = {"kind": "street", "value": "Weg 2"}
    say(center, data(A | {"contacts": [phone, mail, {"kind": "street", "value": None}]}))
    moved = {"record_id": "r1", "contacts": [street, {"kind": "email", "value": None}]}
    assert say(center, data({"record_id": "r1"}), data(moved)) == ["known", "changed"]
    assert say(center, data(A | {"contacts": [phone, street]})) == ["known"]
    (done,) = registered(center, A | {"contacts": [street, phone]})
    assert done.outcome.value == "known"
    assert say(center, data({"record_id": "r1", "contacts": None})) == ["changed"]
    for bad in ("x", {"kind": [], "value": "1"}):
        assert say(center, data({"record_id": "r1", "contacts": [bad]})) == ["invalid-contact"]
    number = {"system": [], "value": "1"}
    assert say(center, data({"record_id": "r1", "identifiers": [number]})) == ["invalid-record"]
    assert registered(center, A)[0].outcome.value == "known"


def test_who_may_not_register_may_not_announce(center: Center) -> None:
    auditor = Actor(ActorKind.CLIENT, "auditor", Role.AUDITOR, domains=None)
    for actor in (auditor, CLERK):
        with pytest.raises(NotAllowed):
            take(center, merged("r1", "r2"), actor=actor)


def test_times_are_kept_by_the_record(center: Center) -> None:
    say(center, data(A, 4), data(A, 7))
    (one,) = identities(center, "r1")
    with center.work.begin(write=False) as tx:
        assert tx.hospital.times([one]) == {one: minute(7)}
