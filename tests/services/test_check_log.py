"""Whoever changes the log in the database, and not the memory of the center, is found out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.builders import make_center, make_domain
from tests.services.pseudonyms.asking import Asking
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.log_check import LogCheck
from ttp.core.ports import Transaction
from ttp.services.log.check_log import check_log, watch_log
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.storage.log_checks import leaf_columns
from ttp.storage.transaction import SqlTransaction


def spoil(center: Center, *statements: str) -> None:
    """What an insider with the rights of a database administrator does."""

    def write(tx: Transaction) -> None:
        assert isinstance(tx, SqlTransaction)
        for statement in statements:
            tx.connection.execute(text(statement))

    center.work.run(write)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    center = make_center(tmp_path, database_url)
    make_domain(center)
    Asking(center).issue("diz", ["4711", "4712"])
    for number in range(5):
        make_domain(center, f"d{number}")
        sequence_now(center)
    return center


def test_an_untouched_log_has_no_flaw(center: Center) -> None:
    whole = check_log(center, OPERATOR)
    assert (whole.flaw, whole.size) == (None, 9)
    sequence_now(center)
    assert watch_log(center).flaw is None
    assert watch_log(center).size == 10


DEEDS: dict[str, tuple[list[str], str]] = {
    "leaf edited": (
        ["UPDATE audit_leaf SET body = root FROM audit_checkpoint WHERE audit_leaf.position = 3"],
        "Leaf 3",
    ),
    "leaf deleted": (["DELETE FROM audit_leaf WHERE position = 3"], "Leaf 3"),
    "subjects edited": (
        ["UPDATE audit_leaf SET subjects = body WHERE position = 2"],
        r"Leaf 2 \(.*\): its subjects",
    ),
    "newest leaf deleted": (["DELETE FROM audit_leaf WHERE position = 8"], "before leaf 8"),
    "leaf hash edited": (
        ['UPDATE audit_node SET hash = root FROM audit_checkpoint WHERE level = 0 AND "index" = 3'],
        "Leaf 3",
    ),
    "node deleted": (
        ['DELETE FROM audit_node WHERE level = 2 AND "index" = 0'],
        "height 2 over leaf 0",
    ),
    "positions swapped": (
        [
            "UPDATE audit_leaf SET position = 100 WHERE position = 3",
            "UPDATE audit_leaf SET position = 3 WHERE position = 4",
            "UPDATE audit_leaf SET position = 4 WHERE position = 100",
        ],
        "Leaf 3",
    ),
    "root edited": (
        ["UPDATE audit_checkpoint SET note = replace(note, '8', '7') WHERE size = 8"],
        "checkpoint|header|not what was signed",
    ),
}
SEEN_BY_THE_WATCH = sorted(DEEDS.keys() - {"subjects edited", "root edited"})


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_named(center: Center, deed: str) -> None:
    statements, expected = DEEDS[deed]
    spoil(center, *statements)
    flaw = check_log(center, OPERATOR).flaw
    assert flaw is not None
    assert re.search(expected, flaw), flaw


@pytest.mark.parametrize("deed", SEEN_BY_THE_WATCH)
def test_the_watch_sees_it_too(center: Center, deed: str) -> None:
    assert watch_log(center).flaw is None
    spoil(center, *DEEDS[deed][0])
    assert watch_log(center).flaw


def test_the_watch_does_not_forget_what_it_saw(center: Center) -> None:
    assert watch_log(center).flaw is None
    kept = center.work.run(lambda tx: list(tx.audit.leaves(3, 4)))[0]
    spoil(center, "UPDATE audit_leaf SET position = -1 WHERE position = 3")
    assert watch_log(center).flaw
    spoil(center, "UPDATE audit_leaf SET position = 3 WHERE position = -1")
    assert kept == center.work.run(lambda tx: list(tx.audit.leaves(3, 4)))[0]
    assert watch_log(center).flaw
    assert check_log(center, OPERATOR).flaw is None


def test_a_log_without_its_newest_leaf_does_not_grow_over_the_gap(center: Center) -> None:
    spoil(center, "DELETE FROM audit_leaf WHERE position = 8")
    make_domain(center, "later")
    with pytest.raises(IntegrityError):
        sequence_now(center)


def test_a_log_cut_at_an_older_checkpoint_is_smaller_than_it_was(center: Center) -> None:
    assert watch_log(center).size == 9
    spoil(
        center,
        "DELETE FROM audit_leaf WHERE position >= 5",
        "DELETE FROM audit_checkpoint WHERE size > 5",
        'DELETE FROM audit_node WHERE level = 0 AND "index" >= 5',
    )
    assert watch_log(center).flaw == "The log had 9 leaves and now has 5."


def test_a_deleted_leaf_of_a_change_is_missed_by_the_row_that_it_explains(center: Center) -> None:
    Asking(center).issue("diz", ["4713"])
    spoil(center, "DELETE FROM audit_leaf WHERE position IS NULL")
    flaw = check_log(center, OPERATOR).flaw
    assert flaw is not None
    assert re.fullmatch(r"Leaf [0-9a-f-]{36} is missing: \w+\.leaf names it\.", flaw)


def test_a_deleted_leaf_of_a_read_is_missed_by_the_next_leaf_of_its_writer(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    for word in ("audit.read", "audit.exported", "audit.read"):
        act = Act(EventKind(word))
        center.work.run(lambda tx, act=act: record_leaf(center, tx, OPERATOR, act))  # type: ignore[misc] # a default binds the value
        if word == "audit.exported":
            spoil(center, "DELETE FROM audit_leaf WHERE position IS NULL")
    sequence_now(center)
    flaw = check_log(center, OPERATOR).flaw
    assert flaw is not None
    assert "its writer's leaves" in flaw


def test_only_who_may_read_the_log_checks_it(center: Center) -> None:
    with pytest.raises(NotAllowed):
        check_log(center, Actor(ActorKind.CLIENT, "pipeline", Role.PIPELINE))


def test_every_column_that_names_a_leaf_is_swept() -> None:
    swept = {f"{column.table.name}.{column.name}" for column in leaf_columns()}
    assert swept >= {"pseudonym.leaf", "edge.ended_leaf", "decision.leaf", "identity.leaf"}


def test_the_check_is_kept(center: Center) -> None:
    done = check_log(center, OPERATOR)
    kept = center.work.run(lambda tx: tx.log_checks.latest(), write=False)
    assert isinstance(kept, LogCheck)
    assert kept == done
