"""Who touched a person: every act under any of their identities, in every domain, under every key version."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.keyring import Purpose
from tests.builders import make_center, make_domain
from tests.services.patients import CLERK, patient, register
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.identities import Registered
from ttp.core.person_names import UnknownRecord
from ttp.services.custody.rotate_keys import request_rotation, run_rotation
from ttp.services.log.trace_subject import trace_person, trace_subject
from ttp.services.persons.show_person import show_person
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms

ISSUED = "pseudonyms.issued"


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def ask(center: Center, domain: str, *originals: str) -> None:
    center.work.run(
        lambda tx: issue_pseudonyms(
            center, tx, OPERATOR, domain_name=domain, originals=list(originals)
        )
    )


def test_an_original_is_traced_in_one_domain_or_in_all(center: Center) -> None:
    for name in ("diz", "other"):
        make_domain(center, name)
        ask(center, name, "17", "18")
    ask(center, "other", "18")
    everywhere = trace_subject(center, OPERATOR, original="17")
    assert [(one.action, one.scope) for one in everywhere] == [(ISSUED, "diz"), (ISSUED, "other")]
    (there,) = trace_subject(center, OPERATOR, original="17", domain="other")
    assert there.scope == "other"
    assert trace_subject(center, OPERATOR, original="19") == []


def test_acts_before_and_after_a_rotation_of_the_audit_key_are_found(center: Center) -> None:
    domain = make_domain(center, "diz").name
    ask(center, domain, "17")
    rotation = center.work.run(
        lambda tx: request_rotation(center, tx, OPERATOR, purpose=Purpose.AUDIT, scope=domain)
    )
    run_rotation(center, rotation_id=rotation.id, holder="test")
    ask(center, domain, "17")
    found = trace_subject(center, OPERATOR, original="17", domain=domain)
    assert [one.action for one in found] == [ISSUED, "pseudonyms.read"]


def test_who_touched_a_person_is_told_whichever_record_is_named(center: Center) -> None:
    (first,) = register(center, patient(1))
    (second,) = register(center, patient(1, record_id="again"), source="lab")
    register(center, patient(2))
    assert isinstance(first, Registered)
    assert isinstance(second, Registered)
    person = first.person
    assert person is not None
    assert person == second.person
    center.work.run(lambda tx: show_person(center, tx, CLERK, person=person))
    traces = [
        trace_person(center, OPERATOR, source=source, record_id=record)
        for source, record in (("kis", "r1"), ("lab", "again"))
    ]
    seen = [[(one.actor, one.action) for one in found] for found in traces]
    assert ("staff clara", "person.shown") in seen[0]
    assert [one for one in seen[1] if one[1] != "audit.subject-traced"] == seen[0]
    assert sum(action == "identities.registered" for _, action in seen[0]) == 2


def test_an_unknown_record_is_said_to_be_unknown(center: Center) -> None:
    register(center, patient(1))
    with pytest.raises(UnknownRecord):
        trace_person(center, OPERATOR, source="kis", record_id="nobody")


def test_only_who_reads_the_log_may_ask(center: Center) -> None:
    pipeline = Actor(ActorKind.CLIENT, "pipe", Role.PIPELINE, domains=None)
    with pytest.raises(NotAllowed):
        trace_subject(center, pipeline, original="17")
    with pytest.raises(NotAllowed):
        trace_person(center, pipeline, source="kis", record_id="r1")
