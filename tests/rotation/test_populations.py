"""Identities rotate like pseudonyms: known records stay known, identifiers find, envelopes of every sort open."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.keyring import Purpose
from tests.builders import make_center
from tests.rotation.station import Station
from tests.services.patients import only_case, patient, register, registered
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.decisions import FIELDS_FOR_LIFE
from ttp.core.errors import TTPError
from ttp.core.identifying_data import Identifier
from ttp.core.identities import IdentityRow, Outcome
from ttp.core.names import DecisionId, IdentityId, PopulationName
from ttp.core.persons import LOCAL, IdentityKind, scope_of
from ttp.core.review import PossibleMatch, Verdict
from ttp.core.rotation import Step
from ttp.core.submissions import EncodedRecord, StoredEncoding
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.open_cases import open_cases
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.log.record_leaf import new_leaf_id
from ttp.services.persons.find_identities import find_identities
from ttp.services.persons.open_population import open_population
from ttp.services.persons.seal_identities import (
    digests,
    named_record_key,
    open_contents,
    open_reason,
    record_indexes,
    seal_contents,
)

CLERK = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)
SCOPE = scope_of(LOCAL)
PROJECT = PopulationName("project:heart")
MANY = 24


@pytest.fixture
def station(tmp_path: Path, database_url: str) -> Station:
    made = make_center(tmp_path, database_url, alone=False)
    return Station(made, tmp_path / "nord", database_url)


def records() -> list[dict[str, object]]:
    return [
        patient(
            number,
            identifiers=[
                {"system": "urn:z", "value": f"Z{number}"},
                {"system": "urn:a", "value": f"A{number}"},
            ],
        )
        for number in range(MANY)
    ]


def outcomes(center: Center, rows: list[dict[str, object]]) -> set[str]:
    answers = register(center, *rows)
    return {one.code if isinstance(one, TTPError) else one.outcome.value for one in answers}


def found(center: Center, number: int) -> int:
    asked = [Identifier("urn:z", f"Z{number}"), Identifier("urn:a", f"A{number}")]
    return len(
        center.work.run(
            lambda tx: find_identities(
                center,
                tx,
                CLERK,
                population=LOCAL,
                identifiers=asked,
                records=[("kis", f"r{number}")],
            )
        )
    )


@pytest.mark.parametrize("purposes", [(Purpose.INDEX, Purpose.INDEX), (Purpose.SEAL,)], ids=str)
def test_known_records_stay_known_in_every_step(
    station: Station, purposes: tuple[Purpose, ...]
) -> None:
    center = station.center
    known = records()
    assert outcomes(center, known) == {Outcome.NEW.value}
    unnamed = {name: value for name, value in patient(500).items() if name != "record_id"}
    assert outcomes(center, [unnamed]) == {Outcome.NEW.value}
    for turn, purpose in enumerate(purposes):
        for place, step in enumerate(station.steps(station.request(purpose, SCOPE), block=9)):
            assert outcomes(center, known) == {Outcome.KNOWN.value}, step
            assert outcomes(center, [unnamed]) == {Outcome.KNOWN.value}, step
            assert found(center, place % MANY) == 1, step
            moved = known[place % MANY] | {"city": f"Anderswo{turn}{place}"}
            assert outcomes(center, [moved]) == {Outcome.CHANGED.value}, step
            known[place % MANY] = moved
            assert found(center, place % MANY) == 1, step
        assert station.references(purpose, SCOPE, turn + 1) == 0
    assert all(found(center, number) == 1 for number in range(MANY))


def test_decisions_and_their_undoing_are_rewrapped_with_the_identities(station: Station) -> None:
    center = station.center
    first, second = (one.identity for one in registered(center, patient(1), patient(2)))
    possible = [PossibleMatch(first, second, 1.0, (), {})]
    center.work.run(
        lambda tx: open_cases(center, tx, OPERATOR, population=LOCAL, possible=possible)
    )
    case = only_case(center)
    decision = center.work.run(
        lambda tx: decide_case(
            center,
            tx,
            CLERK,
            case_id=case.id,
            verdict=Verdict.SAME,
            reason="a",
            version=case.version,
            confirm=FIELDS_FOR_LIFE,
        )
    )
    center.work.run(lambda tx: undo_decision(center, tx, CLERK, decision_id=decision, reason="b"))
    station.rotate(Purpose.SEAL, SCOPE)
    assert station.references(Purpose.SEAL, SCOPE, 1) == 0
    with center.work.begin(write=False) as tx:
        (stored,) = tx.review.decisions([case.id])
    assert stored.undone is not None
    assert open_reason(center, LOCAL, decision, stored.reason) == "a"
    assert open_reason(center, LOCAL, DecisionId(stored.undone.id), stored.undone.reason) == "b"


def test_encodings_of_a_project_rotate_too(station: Station) -> None:
    center = station.center
    rows = [EncodedRecord(f"P{number}", {"f": bytes(8)}, {}) for number in range(MANY)]
    keys = [named_record_key("sued", row.pseudonym) for row in rows]

    def add() -> None:
        with center.work.begin() as tx:
            open_population(center, tx, name=PROJECT)
            population = tx.identities.lock(PROJECT)
            ids = [IdentityId(center.new_id()) for _ in rows]
            contents = [row.content(version=1) for row in rows]
            sealed = seal_contents(
                center,
                PROJECT,
                [(one, 1, content) for one, content in zip(ids, contents, strict=True)],
            )
            stored = [
                IdentityRow(one, IdentityKind.ENCODED, "sued", 1, *index, digest, envelope)
                for one, index, digest, envelope in zip(
                    ids,
                    record_indexes(center, population, keys),
                    digests(center, PROJECT, contents),
                    sealed,
                    strict=True,
                )
            ]
            tx.identities.add(PROJECT, stored, at=center.clock.now(), leaf=new_leaf_id(center))

    add()
    for purpose in (Purpose.INDEX, Purpose.SEAL):
        rotation = station.request(purpose, scope_of(PROJECT))
        for _ in station.steps(rotation):
            with center.work.begin(write=False) as tx:
                population = tx.identities.population(PROJECT)
                indexes = [current for current, _ in record_indexes(center, population, keys)]
                assert len(tx.identities.known(PROJECT, indexes)) == MANY
                contents = open_contents(center, PROJECT, list(tx.identities.all_versions(PROJECT)))
            assert {StoredEncoding.read(one).record.pseudonym for one in contents} == {
                row.pseudonym for row in rows
            }
        assert station.rotation(rotation).step is Step.DONE
        assert station.references(purpose, scope_of(PROJECT), 1) == 0


def test_the_operator_may_rotate_every_key_of_a_population(station: Station) -> None:
    register(station.center, patient(1), actor=OPERATOR)
    for purpose in (Purpose.AUDIT, Purpose.SEAL, Purpose.INDEX):
        assert station.rotate(purpose, SCOPE).new_version == 2
    assert outcomes(station.center, [patient(1)]) == {Outcome.KNOWN.value}


def test_known_records_stay_known_and_candidates_are_found_across_rotations_of_the_match_key(
    station: Station,
) -> None:
    center = station.center
    known = registered(center, *records())
    for round_ in ("first", "second"):
        station.rotate(Purpose.MATCH, SCOPE)
        again = registered(center, *records())
        assert [one.outcome for one in again] == [Outcome.KNOWN] * MANY
        (twin,) = registered(center, {**records()[5], "record_id": round_})
        assert (twin.outcome, twin.person) == (Outcome.LINKED, known[5].person)
    (changed,) = registered(center, patient(0, city="Elsewhere"))
    assert changed.outcome is not Outcome.KNOWN
    versions = center.keyring.versions(Purpose.MATCH, SCOPE)
    assert [info.version for info in versions] == [1, 2, 3]
