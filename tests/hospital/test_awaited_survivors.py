"""Merges into a record that is not here yet, or of two that are not, stand once both came, in whatever order."""

from itertools import permutations
from pathlib import Path

import pytest

from tests.builders import make_center
from tests.hospital.saying import data, identities, linked, merged, parted, person_count, say
from tests.services.patients import patient, persons, recomputed, registered
from ttp.core.center import Center
from ttp.core.hospital import Message
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL

A, B, C = patient(1), patient(2), patient(3)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def replaced(center: Center, *names: str) -> dict[IdentityId, IdentityId]:
    with center.work.begin(write=False) as tx:
        return tx.hospital.replaced(identities(center, *names))


def is_awaiting(center: Center) -> bool:
    with center.work.begin() as tx:
        return tx.identities.lock(LOCAL).awaiting


@pytest.mark.parametrize("place", range(6), ids=lambda place: f"order {place}")
def test_two_records_and_their_merge_are_one_person_in_every_order(
    center: Center, place: int
) -> None:
    said: list[Message] = [data(A), data(B), merged("r1", "r2", 5)]
    order = list(permutations(said))[place]
    told = [say(center, one)[0] for one in order]
    assert told[order.index(said[2])] == ("joined" if order[-1] is said[2] else "awaited")
    first, second = identities(center, "r1", "r2")
    assert replaced(center, "r1", "r2") == {first: second}
    assert len(set(persons(center, [first, second]))) == 1
    assert not is_awaiting(center)
    assert say(center, said[2]) == ["known"]
    view, anew = recomputed(center)
    assert view == anew


@pytest.mark.parametrize("say_first", [merged, linked])
def test_both_may_come_in_one_request(center: Center, say_first: type) -> None:
    assert say(center, say_first("r1", "r2")) == ["awaited"]
    registered(center, B, C, A)
    assert len(set(persons(center, identities(center, "r1", "r2")))) == 1
    assert person_count(center) == 2


def test_several_records_wait_for_one_survivor(center: Center) -> None:
    assert say(center, data(A), merged("r1", "r3"), merged("r2", "r3")) == ["new"] + ["awaited"] * 2
    registered(center, B)
    assert person_count(center) == 2
    registered(center, C)
    assert person_count(center) == 1


def test_a_survivor_that_is_awaited_may_itself_be_merged_before_it_comes(center: Center) -> None:
    say(center, data(A), merged("r1", "r2", 1), merged("r2", "r3", 2))
    registered(center, C)
    assert person_count(center) == 2
    registered(center, B)
    assert person_count(center) == 1


def test_what_was_said_last_of_a_record_counts_whoever_is_awaited(center: Center) -> None:
    registered(center, A, C)
    assert say(center, merged("r1", "r2", 5), merged("r1", "r9", 4)) == ["awaited", "outdated"]
    assert say(center, merged("r1", "r3", 4), merged("r1", "r3", 6)) == ["outdated", "joined"]
    registered(center, B)
    assert len(set(persons(center, identities(center, "r1", "r2")))) == 2
    assert say(center, merged("r8", "r9", 5), merged("r8", "r7", 4)) == ["awaited", "outdated"]


def test_an_awaited_survivor_is_taken_back_whichever_record_is_here(center: Center) -> None:
    registered(center, A)
    say(center, merged("r1", "r2", 5), merged("r8", "r9", 5))
    assert say(center, parted("r1", "r2", 4), parted("r8", "r9", 4)) == ["outdated"] * 2
    assert say(center, parted("r1", "r2", 6), parted("r8", "r9", 6)) == ["parted"] * 2
    registered(center, B, patient(8), patient(9))
    assert person_count(center) == 4


def test_only_its_own_source_brings_a_survivor(center: Center) -> None:
    registered(center, A)
    say(center, merged("r1", "r2"))
    registered(center, B, source="other")
    assert person_count(center) == 2
