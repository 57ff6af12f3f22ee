"""One pseudonym a person, whichever of its names is asked by; merges, undoings and ends keep every promise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import ManualClock, make_center, make_domain
from tests.services.patients import make_again, patient, registered
from tests.services.person_domains.persons import (
    ask,
    assignment,
    client,
    events,
    person_domain,
    pseudonyms,
    record,
    same,
    undo,
)
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.domain_policy import LifeCycle
from ttp.core.errors import InvalidField, NoGrant, NotAllowed, TTPError, WrongDomainKind
from ttp.core.events import FeedKind
from ttp.core.names import IdentityId
from ttp.core.person_names import MOST_PERSONS, RecordName
from ttp.core.pseudonyms import Issued
from ttp.core.validity import Validity
from ttp.services.domains.lead_domain import lead_domain
from ttp.services.pseudonyms.import_pairs import import_pairs
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.resolve_persons import Answers, resolve_persons
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms
from ttp.services.pseudonyms.translate_pseudonyms import translate_pseudonyms

BORN = {"birth_date": "1961-02-03"}
CASE = "https://kis.example/case"


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    made = make_center(tmp_path, database_url)
    person_domain(made)
    return made


def strangers(center: Center, count: int) -> list[IdentityId]:
    records = [patient(one, **BORN) for one in range(count)]
    return [one.identity for one in registered(center, *records)]


def resolved(center: Center, tokens: list[str], actor: Actor = OPERATOR) -> Answers:
    return center.work.run(
        lambda tx: resolve_persons(
            center, tx, actor, domain_name="study", pseudonyms=tokens, reason="Rückfrage"
        )
    )


def test_all_names_of_a_person_have_one_answer_in_the_order_asked(center: Center) -> None:
    identifier = {"system": CASE, "value": "F-1"}
    registered(center, patient(0, identifiers=[identifier]), patient(1))
    registered(center, patient(0, record_id="a"), source="labor")
    names = [record(1), record(0), identifier, {"source": "labor", "record_id": "a"}, record(1)]
    told = ask(center, names)
    assert all(isinstance(one, Issued) and one.created for one in told)
    tokens = [one.pseudonym for one in told if isinstance(one, Issued)]
    assert (tokens[0], tokens[1]) == (tokens[4], tokens[2])
    assert tokens[1] == tokens[3] != tokens[0]
    again = ask(center, names, create=False)
    assert again == [Issued(token, created=False) for token in tokens]


def test_resolving_names_the_records_of_the_person_as_it_stands(center: Center) -> None:
    first, second = strangers(center, 2)
    older, younger = pseudonyms(center, [0, 1])
    own = (RecordName("kis", "r0"), RecordName("kis", "r1"))
    assert resolved(center, [younger, older]) == [own[1:], own[:1]]
    same(center, first, second)
    assert resolved(center, [younger, older]) == [own, own]
    with pytest.raises(NoGrant):
        resolved(center, [older], client())
    with pytest.raises(NotAllowed):
        resolved(center, [older], replace(client(), role=Role.SITE))


def test_a_merge_keeps_the_older_and_undoing_restores_every_byte(center: Center) -> None:
    first, second = strangers(center, 2)
    (late,) = pseudonyms(center, [1], actor=client("lab"))  # the younger record's is the older one
    (early,) = pseudonyms(center, [0], actor=client("store"))
    before = assignment(center, [first, second])
    decision = same(center, first, second)
    assert assignment(center, [first, second]) == {first: (early, late), second: (late, None)}
    assert pseudonyms(center, [0, 1]) == [late, late]
    (merged,) = events(center)
    assert (merged.kind, merged.items) == (FeedKind.SUPERSEDED, [{"old": early, "new": late}])
    assert merged.recipients == frozenset({"client:store"})
    undo(center, decision)
    assert assignment(center, [first, second]) == before
    parted = events(center)[-1]
    assert (parted.kind, parted.items) == (
        FeedKind.CONTAMINATED,
        [{"pseudonym": late, "new": [early]}],
    )
    assert parted.recipients == frozenset({"client:lab", "client:store", "operator:operator"})


def test_a_part_that_was_given_the_common_pseudonym_gets_a_fresh_one(center: Center) -> None:
    first, second = strangers(center, 2)
    decision = same(center, first, second)
    (common,) = pseudonyms(center, [1], actor=client("lab"))
    assert pseudonyms(center, [0], actor=client("store")) == [common]
    undo(center, decision)
    found = assignment(center, [first, second])
    assert found[second] == (common, None), "it was first issued for this record"
    assert found[first][0] != common
    (event,) = events(center)
    assert event.items == [{"pseudonym": common, "new": [found[first][0]]}]
    assert event.recipients == frozenset({"client:lab", "client:store"})


def test_a_part_nobody_asked_for_stays_as_it_was(center: Center) -> None:
    first, second = strangers(center, 2)
    pseudonyms(center, [0])
    before = assignment(center, [first, second])
    undo(center, same(center, first, second))
    assert assignment(center, [first, second]) == before
    assert events(center) == []


def test_registering_a_record_of_a_known_person_changes_no_pseudonym(center: Center) -> None:
    registered(center, patient(0))
    (token,) = pseudonyms(center, [0])
    registered(center, patient(0, record_id="a"), source="labor")
    told = ask(center, [{"source": "labor", "record_id": "a"}], create=False)
    assert told == [Issued(token, created=False)]


def test_frozen_and_retired_domains_do_not_stop_decisions(center: Center) -> None:
    first, second = strangers(center, 2)
    older, younger = pseudonyms(center, [0, 1])
    for state in (LifeCycle.FROZEN, LifeCycle.RETIRED):
        center.work.run(
            lambda tx, to=state: lead_domain(center, tx, OPERATOR, domain="study", to=to)  # type: ignore[misc] # bound
        )
        decision = same(center, first, second)
        assert assignment(center, [second]) == {second: (younger, older)}
        undo(center, decision)
        assert assignment(center, [second]) == {second: (younger, None)}


def test_what_is_over_never_becomes_current_again(tmp_path: Path) -> None:
    center = replace(make_center(tmp_path), clock=ManualClock())
    person_domain(center, validity=Validity("P1D"))
    first, second = strangers(center, 2)
    old = pseudonyms(center, [0, 1])
    same(center, first, second)
    assert isinstance(center.clock, ManualClock)
    center.clock.skip(days=2)
    (missing,) = ask(center, [record(0)], create=False)
    assert isinstance(missing, TTPError)
    assert set(pseudonyms(center, [0, 1])).isdisjoint(old)


def test_other_doors_follow_the_person(center: Center) -> None:
    first, second = strangers(center, 2)
    person_domain(center, "other")
    older, younger = pseudonyms(center, [0, 1])
    same(center, first, second)
    told = center.work.run(
        lambda tx: issue_pseudonyms(
            center, tx, OPERATOR, domain_name="study", originals=[str(second), "x"]
        )
    )
    assert told[0] == Issued(older, created=False)
    assert isinstance(told[1], TTPError)
    assert told[1].code == "unknown-record"
    there = center.work.run(
        lambda tx: translate_pseudonyms(
            center, tx, OPERATOR, domain_name="study", into="other", pseudonyms=[older, younger],
            reason="r",
        )
    )  # fmt: skip
    assert there[0] == there[1]
    assert isinstance(there[0], Issued)
    with pytest.raises(WrongDomainKind):
        center.work.run(
            lambda tx: resolve_pseudonyms(
                center, tx, OPERATOR, domain_name="study", pseudonyms=[older], reason="r"
            )
        )
    with pytest.raises(WrongDomainKind):
        center.work.run(
            lambda tx: import_pairs(center, tx, OPERATOR, domain_name="study", pairs=[["a", "b"]])
        )


def test_two_who_ask_at_once_for_records_of_one_person_are_told_one_pseudonym(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    person_domain(center)
    identities = strangers(center, 8)
    for other in identities[1:]:
        same(center, identities[0], other)
    centers = [center, make_again(tmp_path / "nord", database_url)]
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(pseudonyms, centers[one % 2], [one]) for one in range(8)]
        told = {job.result()[0] for job in jobs}
    assert len(told) == 1
    found = assignment(center, identities)
    assert list(found.values()) == [(told.pop(), None)]


DEFECTS: dict[str, object] = {
    "no object": "r0",
    "nothing": {},
    "half a record": {"source": "kis"},
    "half an identifier": {"value": "F-1"},
    "both": {"source": "kis", "record_id": "r0", "system": CASE, "value": "F-1"},
    "a number": {"source": "kis", "record_id": 1},
    "empty": {"source": "kis", "record_id": " "},
    "too long": {"source": "kis", "record_id": "r" * 201},
    "a control character": {"source": "kis", "record_id": "r\x00"},
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Center:
    made = make_center(tmp_path_factory.mktemp("small"))
    person_domain(made)
    strangers(made, 1)
    return made


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_bad_name_is_an_error_in_its_place(small: Center, defect: str) -> None:
    center = small
    told = ask(center, [DEFECTS[defect], record(0)])
    assert isinstance(told[0], TTPError)
    assert told[0].code == "invalid-person-name"
    assert isinstance(told[1], Issued)
    with pytest.raises(TTPError, match="batch"):
        ask(center, [DEFECTS[defect], record(0)], atomic=True)


def test_nobody_and_several_are_told_apart(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    person_domain(center)
    assert [one.code for one in ask(center, [record(0)]) if isinstance(one, TTPError)] == [
        "unknown-record"
    ], "nobody was registered yet"
    shared = {"system": CASE, "value": "F-1"}
    registered(center, patient(0, identifiers=[shared]))
    registered(center, patient(1, identifiers=[shared]), source="labor")
    told = ask(center, [shared, record(7), record(0)], create=False)
    assert [one.code for one in told if isinstance(one, TTPError)] == [
        "several-persons",
        "unknown-record",
        "unknown-original",
    ]


def test_what_cannot_be_a_domain_of_persons_is_refused(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    make_domain(center, "diz")
    for more in ({"multi": True}, {"accepts_foreign": True}):
        with pytest.raises(InvalidField):
            person_domain(center, **more)  # type: ignore[arg-type] # passed on
    with pytest.raises(WrongDomainKind):
        ask(center, [record(0)], domain="diz")
    person_domain(center)
    with pytest.raises(TTPError, match="10000"):
        ask(center, [record(0)] * (MOST_PERSONS + 1))
    auditor = Actor(ActorKind.CLIENT, "auditor", Role.AUDITOR, domains=None)
    for actor in (auditor, client("other", "diz")):
        with pytest.raises(NotAllowed):
            ask(center, [record(0)], actor=actor)
