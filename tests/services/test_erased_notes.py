"""What people wrote about a deleted person is gone from every table; notes about others stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select

from tests.builders import make_center
from tests.services.decisions import undo, wish_for
from tests.services.patients import patient, registered
from tests.services.test_decisions import with_consents
from tests.services.test_review import LATER, SAME, ask, decide
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.case_work import DeskRules
from ttp.core.center import Center
from ttp.core.identity_life import ChangeReason
from ttp.core.names import IdentityId
from ttp.core.review import ASKING, ReviewCase
from ttp.services.approvals.settle_approval import opened
from ttp.services.cases.propose_decision import decide_or_propose
from ttp.services.log.sequence_leaves import sequence_leaves
from ttp.services.persons.access_subject import request_subject_access
from ttp.services.persons.delete_identities import (
    Hanging,
    carry_out_deletion,
    deletion_receipt,
    request_deletion,
)
from ttp.services.persons.erase_notes import CONCERNED
from ttp.storage.tables import metadata

ANNA, BERT = (Actor(ActorKind.STAFF, name, Role.STEWARD) for name in ("anna", "bert"))
NAMED = frozenset(Hanging)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url, alone=False)


def kept_bytes(center: Center, *columns: tuple[str, str]) -> set[bytes]:
    """Every value of these columns; of every column of bytes of every table if none is named."""
    every = [(table.name, one.name) for table in metadata.sorted_tables for one in table.c]
    found: set[bytes] = set()
    with center.work.begin(write=False) as tx:
        connection = tx.identities._connection  # type: ignore[attr-defined] # the adapter's own
        for table, name in columns or every:
            column = metadata.tables[table].c[name]
            if isinstance(column.type, LargeBinary):
                found |= {bytes(row[0]) for row in connection.execute(select(column)) if row[0]}
    return found


def run(center: Center, service: Callable[..., Any], **how: Any) -> Any:
    with center.work.begin() as tx:
        return service(center, tx, ANNA, **how)


def delete(center: Center, one: IdentityId) -> Approval:
    asked: Approval = run(
        center,
        request_deletion,
        identities=[one],
        reason=ChangeReason.WISH,
        note="Brief von Frau Lehmann",
        named=NAMED,
    )
    with center.work.begin() as tx:
        carry_out_deletion(center, tx, BERT, asked)
    return asked


NOTES = (("decision", "reason"), ("decision_undo", "reason"), ("approval", "sealed"))


def test_every_note_about_a_deleted_person_is_gone_and_others_stay(center: Center) -> None:
    anna, bert, clara, dora = (one.identity for one in registered(center, *map(patient, range(4))))
    _write_about(center, clara, dora)
    about_others = kept_bytes(center, *NOTES)
    _write_about(center, anna, bert)
    about_anna = kept_bytes(center, *NOTES) - about_others
    assert len(about_anna) >= 7
    asked = delete(center, anna)
    everything = kept_bytes(center)
    assert not about_anna & everything
    assert about_others <= everything
    while center.work.run(lambda tx: sequence_leaves(center, tx, holder="test")):
        pass
    receipt = deletion_receipt(center, ANNA, approval_id=asked.id)
    assert receipt["erased"]["notes"] == len(about_anna) + 1  # and that of the deletion itself
    with center.work.begin(write=False) as tx:
        requests = tx.approvals.sealed(list(ApprovalKind))
        texts = [str(opened(center, one)) for one in requests]
    assert {one.kind for one in requests} == set(CONCERNED)
    assert not [one for one in texts if "Lehmann" in one and str(anna) in one]


def _case(center: Center, one: IdentityId) -> ReviewCase:
    with center.work.begin(write=False) as tx:
        return next(case for case in tx.review.touching([one]) if case.state in ASKING)


def _write_about(center: Center, first: IdentityId, second: IdentityId) -> None:
    """Leave a note of every kind: postponed, joined, undone, proposed, asked for access and for deletion."""
    ask(center, (first, second))
    undo(center, decide(center, _case(center, first), LATER))
    undo(center, decide(center, _case(center, first), SAME))
    with_consents(center, first, second)
    voting = replace(center, desk=DeskRules(second_vote_above=1))
    wish = replace(wish_for(_case(center, first), SAME), reason="Frau Lehmann sagt es")
    with center.work.begin() as tx:
        assert decide_or_propose(voting, tx, ANNA, wish).approval
        person = tx.identities.get([first])[first].person
    run(center, request_subject_access, person=person, note="Frau Lehmann fragt")
    how = {"reason": ChangeReason.WISH, "note": "Frau Lehmann will es", "named": NAMED}
    run(center, request_deletion, identities=[first], **how)


def _covered(center: Center) -> bool:
    while center.work.run(lambda tx: sequence_leaves(center, tx, holder="test")):
        pass
    return True
