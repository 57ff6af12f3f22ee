"""A check of the log holds a few leaves at a time, however many subjects each has."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from tests.builders import make_center, make_domain
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.services.log.check_log import check_log
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.record_leaf import Act, record_leaf

LEAVES, SUBJECTS = 60, 4_000
STORED = LEAVES * SUBJECTS * 16


def large_leaf(center: Center) -> None:
    subjects = tuple(os.urandom(8) for _ in range(SUBJECTS))
    act = Act(EventKind.PSEUDONYMS_ISSUED, domain="diz", subjects=subjects)
    center.work.run(lambda tx: record_leaf(center, tx, OPERATOR, act))


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    center = make_center(tmp_path, database_url)
    make_domain(center)
    for _ in range(LEAVES):
        large_leaf(center)
    sequence_now(center)
    check_log(center, OPERATOR)
    return center


def test_a_log_of_large_leaves_is_checked_in_little_memory(center: Center) -> None:
    tracemalloc.start()
    found = check_log(center, OPERATOR)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.flaw, found.size >= LEAVES) == (None, True)
    assert peak < STORED
