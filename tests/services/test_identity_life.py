"""Identities rest, come back, are preferred, and are deleted by two persons until only a tombstone is left."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.builders import make_center
from tests.services.patients import (
    CLERK,
    make_again,
    only_case,
    open_cases_of,
    patient,
    persons,
    recomputed,
    registered,
)
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.approvals import ApprovalState
from ttp.core.center import Center
from ttp.core.consent import Provision
from ttp.core.errors import NotAllowed, TooManyItems
from ttp.core.identifying_data import Identifier
from ttp.core.identities import Outcome
from ttp.core.identity_life import ChangeKind, ChangeReason, IdentityInUse, UnknownIdentity
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import LOCAL
from ttp.core.review import Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.show_case import show_case
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.consents.import_consents import BroughtStatement, import_consents
from ttp.services.persons.change_identities import (
    deactivate_identities,
    order_sources,
    prefer_identity,
    reactivate_identities,
)
from ttp.services.persons.delete_identities import Hanging, deletion_receipt, request_deletion
from ttp.services.persons.find_identities import bearers_of, identities_of_records
from ttp.services.persons.read_identities import read_records
from ttp.storage.tables import decision, identifier, identity, identity_version

ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", city="Leipzig")
HANNA = ANNA | {"record_id": "2", "given_name": "Hanna"}
AGAIN = ANNA | {"record_id": "again"}
PID = {"system": "urn:pid", "value": "4711"}
PIPELINE = Actor(ActorKind.CLIENT, "pipeline", Role.PIPELINE)
WHY = ChangeReason.TEST_RECORD


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def run(center: Center, service: Callable[..., Any], actor: Actor = OPERATOR, **how: Any) -> Any:
    return center.work.run(lambda tx: service(center, tx, actor, **how))


def rest(center: Center, *ids: IdentityId, **how: Any) -> int:
    return int(run(center, deactivate_identities, identities=ids, reason=WHY, **how))


def wake(center: Center, *ids: IdentityId) -> int:
    return int(run(center, reactivate_identities, identities=ids, reason=WHY))


def delete(center: Center, *ids: IdentityId, **how: Any) -> Any:
    return run(center, request_deletion, identities=ids, reason=WHY, note="Grund", **how)


def test_an_inactive_identity_is_found_but_matched_with_nobody(center: Center) -> None:
    (first,) = registered(center, ANNA)
    assert rest(center, first.identity) == 1
    assert rest(center, first.identity) == 0
    (again,) = registered(center, AGAIN)
    assert again.outcome is Outcome.NEW
    with center.work.begin() as tx:
        record = ("kis", str(ANNA["record_id"]))
        known = identities_of_records(center, tx, population=LOCAL, records=[record])
    assert known == {record: first.identity}


def test_another_process_forgets_it_too(center: Center, tmp_path: Path, database_url: str) -> None:
    other = make_again(tmp_path / "nord", database_url)
    (first,) = registered(center, ANNA)
    assert registered(other, patient(7))[0].outcome is Outcome.NEW
    rest(center, first.identity)
    assert registered(other, AGAIN)[0].outcome is Outcome.NEW


def test_a_resting_bridge_keeps_its_person_unless_its_links_shall_end(center: Center) -> None:
    first, second = registered(center, ANNA, AGAIN)
    rest(center, second.identity)
    assert persons(center, [second.identity]) == [first.person]
    wake(center, second.identity)
    rest(center, second.identity, end_links=True)
    assert persons(center, [second.identity]) == [second.identity]
    assert recomputed(center)[0] == recomputed(center)[1]


def test_an_identity_that_comes_back_is_matched_with_who_came_meanwhile(center: Center) -> None:
    (first,) = registered(center, ANNA)
    rest(center, first.identity)
    (again,) = registered(center, AGAIN)
    assert wake(center, first.identity) == 1
    assert persons(center, [again.identity]) == [first.identity]
    assert registered(center, ANNA | {"record_id": "third"})[0].person == first.identity


def test_nobody_is_asked_about_an_inactive_identity(center: Center) -> None:
    _, second = registered(center, ANNA, HANNA)
    case = only_case(center)
    rest(center, second.identity)
    assert open_cases_of(center) == []
    wake(center, second.identity)
    assert only_case(center).id == case.id


def test_new_data_of_an_inactive_identity_are_kept_and_change_no_link(center: Center) -> None:
    first, second = registered(center, ANNA, AGAIN)
    rest(center, second.identity)
    (changed,) = registered(center, patient(5) | {"record_id": "again"})
    assert (changed.outcome, changed.person) == (Outcome.CHANGED, first.person)


def test_the_preferred_identity_speaks_for_its_person(center: Center) -> None:
    (first,) = registered(center, ANNA | {"city": "Halle"}, source="kis")
    (second,) = registered(center, AGAIN | {"city": "Jena"}, source="labor")
    assert second.person == first.person

    def city() -> str:
        return str(run(center, read_records, population=LOCAL)[0].data.fields["city"])

    assert city() == "Jena", "the newest, where nothing else is said"
    run(center, order_sources, sources=["kis", "labor"])
    assert city() == "Halle"
    run(center, prefer_identity, CLERK, identity=second.identity)
    assert city() == "Jena", "a pin is above the order of sources"
    run(center, prefer_identity, CLERK, identity=second.identity, pinned=False)
    assert city() == "Halle"
    rest(center, first.identity)
    assert city() == "Jena", "who rests speaks for nobody"


def test_what_was_done_is_on_record(center: Center) -> None:
    (first,) = registered(center, ANNA)
    rest(center, first.identity)
    wake(center, first.identity)
    run(center, prefer_identity, CLERK, identity=first.identity)
    with center.work.begin(write=False) as tx:
        done = tx.identity_life.changes([first.identity])
    assert [one.kind for one in done] == [
        ChangeKind.DEACTIVATED, ChangeKind.REACTIVATED, ChangeKind.PINNED,
    ]  # fmt: skip
    assert {one.by for one in done} == {"operator:operator", "staff:clara"}


def test_of_a_deleted_identity_a_tombstone_is_left(center: Center) -> None:
    first, second = registered(center, ANNA | {"identifiers": [PID]}, AGAIN)
    done = delete(center, first.identity)
    assert done.state is ApprovalState.CARRIED_OUT
    with center.work.begin(write=False) as tx:
        connection = tx.connection  # type: ignore[attr-defined] # looks below the port
        row = connection.execute(select(identity).where(identity.c.id == first.identity)).one()
        old = connection.execute(
            select(identity_version).where(identity_version.c.identity_id == first.identity)
        ).one()
        left = connection.execute(select(identifier)).all()
        named = [Identifier(**PID)]
        assert bearers_of(center, tx, population=LOCAL, identifiers=named) == {}
        assert tx.identities.count(LOCAL) == (1, 1)
    assert (row.state, row.record_a, row.record_b) == ("deleted", None, None)
    assert (old.envelope, old.digest, left) == (None, bytes(16), [])
    assert persons(center, [first.identity, second.identity]) == [first.identity, second.identity]


def test_who_was_deleted_and_comes_again_is_somebody_new(center: Center) -> None:
    (first,) = registered(center, ANNA)
    delete(center, first.identity)
    (again,) = registered(center, ANNA)
    assert again.outcome is Outcome.NEW
    assert again.identity != first.identity
    with pytest.raises(UnknownIdentity):
        wake(center, first.identity)


def test_decisions_keep_an_identity_unless_they_are_named(center: Center) -> None:
    first, second = registered(center, ANNA, HANNA)
    case = only_case(center)
    made = run(
        center, decide_case, CLERK, case_id=case.id, verdict=Verdict.SAME, version=case.version,
        reason="Anna Lehmann heißt Hanna",
    )  # fmt: skip
    with pytest.raises(IdentityInUse) as raised:
        delete(center, second.identity)
    assert raised.value.facts == {"decisions": 1}
    with center.work.begin(write=False) as tx:
        before = tx.connection.execute(select(decision.c.reason)).scalar_one()  # type: ignore[attr-defined] # below
    delete(center, second.identity, named=[Hanging.DECISIONS])
    with center.work.begin(write=False) as tx:
        after = tx.connection.execute(select(decision.c.reason)).scalar_one()  # type: ignore[attr-defined] # below
    assert before != after
    assert persons(center, [first.identity, second.identity]) == [first.identity, second.identity]
    view = run(center, show_case, CLERK, case_id=case.id)
    assert view.pairs == (), "nothing is left to show of it"
    run(center, undo_decision, CLERK, decision_id=made, reason="gelöscht")
    assert open_cases_of(center) == []


def test_statements_pass_on_to_the_person_or_go_with_it(center: Center) -> None:
    first, second = registered(center, ANNA, AGAIN)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    denial = BroughtStatement("again", "research", Provision.DENY, since, None, since)
    run(center, import_consents, source="kis", statements=[denial])
    with pytest.raises(IdentityInUse) as raised:
        delete(center, second.identity)
    assert raised.value.facts == {"consents": 1}
    delete(center, second.identity, named=[Hanging.CONSENTS])
    with center.work.begin(write=False) as tx:
        (kept,) = tx.consents.of([PersonId(first.identity)])[PersonId(first.identity)]
    assert (kept.identity, kept.provision) == (first.identity, Provision.DENY)
    delete(center, first.identity, named=[Hanging.CONSENTS])
    with center.work.begin(write=False) as tx:
        assert tx.consents.of([PersonId(first.identity)]) == {}


def test_a_deletion_has_a_receipt_that_the_log_proves(center: Center) -> None:
    first, second = registered(center, ANNA, patient(3))
    done = delete(center, first.identity, second.identity)
    receipt = deletion_receipt(center, OPERATOR, approval_id=done.id)
    assert receipt["identities"] == 2
    assert receipt["log"]["proof"] is not None
    assert set(receipt["signature"]) == {"key_id", "ed25519"}
    assert "Lehmann" not in str(receipt)


BAD: dict[str, tuple[Actor, list[IdentityId], type[Exception]]] = {
    "more than a thousand": (
        OPERATOR,
        [IdentityId(UUID(int=n)) for n in range(1001)],
        TooManyItems,
    ),
    "one that nobody knows": (OPERATOR, [IdentityId(UUID(int=7))], UnknownIdentity),
    "a pipeline": (PIPELINE, [IdentityId(UUID(int=7))], NotAllowed),
}


@pytest.mark.parametrize("defect", BAD)
def test_a_bad_request_changes_nothing(tmp_path: Path, defect: str) -> None:
    center = make_center(tmp_path)
    registered(center, ANNA)
    actor, ids, error = BAD[defect]
    for service in (deactivate_identities, reactivate_identities):
        with pytest.raises(error):
            run(center, service, actor, identities=ids, reason=WHY)
    with pytest.raises(error):
        run(center, request_deletion, actor, identities=ids, reason=WHY, note="x")
