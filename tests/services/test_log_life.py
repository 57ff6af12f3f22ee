"""The life of a log, by chance, on both databases: whoever tampers is found out, and nobody else is accused."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests.builders import make_center
from tests.scale import scaled
from ttp.core.access import OPERATOR
from ttp.core.audit_trust import AuditTrust, NotTrusted
from ttp.core.audit_verifier import ExportTampered, verify_export
from ttp.core.center import Center
from ttp.core.errors import AuditUnavailable
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.check_log import check_log
from ttp.services.log.export_audit import export_audit, sequence_now
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.log.sequence_leaves import sequence_leaves
from ttp.services.peers.describe_trust import describe_trust
from ttp.storage.transaction import SqlTransaction

READ = Act(EventKind.AUDIT_READ)
NOTICED = (ExportTampered, NotTrusted, SQLAlchemyError, AuditUnavailable)


class RolledBack(Exception):
    """The operation failed after its leaf was written."""


CUT = (
    "DELETE FROM audit_leaf WHERE position >= :at OR position IS NULL",
    "DELETE FROM audit_checkpoint WHERE size > :at",
    'DELETE FROM audit_node WHERE ("index" + 1) * (1 << level) > :at',
)
"""Back to an older state: what came after it is gone as if it had never been."""


def spoil(center: Center, *statements: str, **values: int) -> None:
    def write(tx: Transaction) -> None:
        assert isinstance(tx, SqlTransaction)
        for statement in statements:
            tx.connection.execute(text(statement), values)

    center.work.run(write)


class LogLife(RuleBasedStateMachine):
    """Records, sequences, keeps checkpoints; once, somebody tampers."""

    def __init__(self, center: Center) -> None:
        super().__init__()
        self.center = center
        self.acknowledged: set[bytes] = set()
        self.kept: tuple[int, str] | None = None
        self.tampered = False

    @initialize()
    def begin(self) -> None:
        """A new log in the same database; its writers are new connections."""
        tables = ("audit_leaf", "audit_node", "audit_checkpoint", "log_check", "lease")
        spoil(self.center, *(f"DELETE FROM {table}" for table in tables))  # noqa: S608 - names from here
        self.center.work.close()
        self.record(3, together=True)

    @property
    def size(self) -> int:
        """How many leaves have their place."""
        return self.center.work.run(lambda tx: tx.audit.size(), write=False)

    @rule(count=st.integers(1, 9), together=st.booleans())
    def record(self, count: int, *, together: bool) -> None:
        """Operations that succeed, in one transaction or one each."""
        for part in [count] if together else [1] * count:
            self.acknowledged |= set(self.center.work.run(lambda tx, n=part: self._write(tx, n)))  # type: ignore[misc] # a default binds the value

    def _write(self, tx: Transaction, count: int) -> list[bytes]:
        return [record_leaf(self.center, tx, OPERATOR, READ) for _ in range(count)]

    @rule()
    def fail(self) -> None:
        """An operation that is rolled back leaves nothing, and nobody misses its leaf."""
        with contextlib.suppress(RolledBack), self.center.work.begin() as tx:
            self._write(tx, 2)
            raise RolledBack

    @precondition(lambda self: not self.tampered)
    @rule()
    def sequence(self) -> None:
        """The worker does its duty."""
        sequence_now(self.center)

    @precondition(lambda self: not self.tampered)
    @rule()
    def witness(self) -> None:
        """Somebody outside keeps the newest checkpoint."""
        newest = self.center.work.run(lambda tx: tx.audit.latest_checkpoint(), write=False)
        self.kept = (newest.size, newest.note) if newest else None

    @precondition(lambda self: not self.tampered)
    @rule()
    def verify(self) -> None:
        """Nobody is accused, and everything that was acknowledged is found."""
        lines = self._export()
        previous = self.kept[1] if self.kept else None
        for digest in list(self.acknowledged)[:3]:
            found = verify_export(lines, trust=self._trust(), previous=previous, seek=digest).found
            assert found is not None
        assert check_log(self.center, OPERATOR).flaw is None

    @precondition(lambda self: not self.tampered and self.size > 3)
    @rule(
        place=st.integers(0, 1000),
        deed=st.sampled_from(["edit", "delete", "swap", "cut", "subjects"]),
    )
    def tamper_with_the_log(self, place: int, deed: str) -> None:
        """The database is changed; center and witnesses remember."""
        at = place % (self.size - 1)
        match deed:
            case "edit":
                spoil(
                    self.center,
                    "UPDATE audit_leaf SET body = hash FROM audit_node WHERE position = :at",
                    at=at,
                )
            case "delete":
                spoil(self.center, "DELETE FROM audit_leaf WHERE position = :at", at=at)
            case "subjects":
                spoil(
                    self.center, "UPDATE audit_leaf SET subjects = body WHERE position = :at", at=at
                )
            case "swap":
                spoil(
                    self.center,
                    "UPDATE audit_leaf SET position = -1 WHERE position = :at",
                    "UPDATE audit_leaf SET position = :at WHERE position = :at + 1",
                    "UPDATE audit_leaf SET position = :at + 1 WHERE position = -1",
                    at=at,
                )
            case _:
                spoil(self.center, *CUT, at=at)
        self._must_be_noticed()

    @precondition(lambda self: not self.tampered)
    @rule(count=st.integers(1, 4))
    def tamper_before_the_sequencer_comes(self, count: int) -> None:
        """What waits is deleted; the next leaf of the same writer misses it."""
        sequence_now(self.center)
        self.record(count, together=False)
        spoil(self.center, "DELETE FROM audit_leaf WHERE position IS NULL")
        self._must_be_noticed()

    def _must_be_noticed(self) -> None:
        self.tampered = True
        try:
            lines = self._export()
            verify_export(lines, trust=self._trust(), previous=self.kept[1] if self.kept else None)
        except NOTICED:
            return
        assert check_log(self.center, OPERATOR).flaw is not None

    def _export(self) -> list[bytes]:
        lines: list[bytes] = []
        export_audit(self.center, OPERATOR, write=lines.append)
        return lines

    def _trust(self) -> AuditTrust:
        return AuditTrust.from_document(describe_trust(self.center))


def test_a_log_lives_and_tells(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url)

    class Here(LogLife):
        """In this center."""

        def __init__(self) -> None:
            super().__init__(center)

    run_state_machine_as_test(
        Here,
        settings=settings(max_examples=scaled(20, least=4), stateful_step_count=8, deadline=None),
    )


def test_two_sequencers_never_place_a_leaf_twice_and_lose_none(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    recording = threading.Event()

    def record() -> None:
        for _ in range(scaled(40)):
            center.work.run(lambda tx: [record_leaf(center, tx, OPERATOR, READ) for _ in range(5)])

    def sequence(holder: str) -> None:
        while not recording.is_set():
            center.work.run(lambda tx: sequence_leaves(center, tx, holder=holder))
            center.work.run(
                lambda tx: tx.audit.take_lease(
                    "sequencer", holder, now=center.clock.now(), seconds=0
                )
            )

    writers = [threading.Thread(target=record) for _ in range(2)]
    others = [threading.Thread(target=sequence, args=(name,)) for name in ("a", "b", "b")]
    for thread in (*writers, *others):
        thread.start()
    for thread in writers:
        thread.join()
    recording.set()
    for thread in others:
        thread.join()
    sequence_now(center)
    check = check_log(center, OPERATOR)
    assert check.flaw is None
    assert check.size >= scaled(40) * 5 * 2
