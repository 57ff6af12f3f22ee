"""Samples are drawn by place in an index: every link and record is as likely, and nothing is sorted to draw them."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.builders import make_center
from tests.services.patients import patient, registered
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL, EdgeKind, NewEdge, Pair, pair_of
from ttp.core.quality_desk import STRATUM_BITS
from ttp.services.persons.link_identities import link_identities

PEOPLE = 24
LOWEST = 4 * STRATUM_BITS


@pytest.fixture
def stock(tmp_path: Path, database_url: str) -> tuple[Center, set[Pair], list[IdentityId]]:
    """A center with twelve links in one stratum, one in the next, and one made by a source in the first."""
    center = make_center(tmp_path, database_url)
    ids = [one.identity for one in registered(center, *map(patient, range(PEOPLE + 4)))]
    edges = [
        NewEdge(one, other, EdgeKind.SAME, "model:test", LOWEST + place / 100)
        for place, (one, other) in enumerate(zip(ids[:PEOPLE:2], ids[1:PEOPLE:2], strict=True))
    ]
    beside = [
        NewEdge(ids[-1], ids[-2], EdgeKind.SAME, "model:test", LOWEST + STRATUM_BITS),
        NewEdge(ids[-3], ids[-4], EdgeKind.SAME, "source:kis", LOWEST + 0.5),
    ]
    with center.work.begin() as tx:
        link_identities(center, tx, OPERATOR, population=LOCAL, edges=[*edges, *beside])
    return center, {pair_of(*one.pair) for one in edges}, ids


def test_every_link_of_a_stratum_is_drawn_and_no_other(
    stock: tuple[Center, set[Pair], list[IdentityId]],
) -> None:
    center, links, _ = stock
    with center.work.begin() as tx:
        everything = tx.quality.sample_links(LOCAL, lowest=LOWEST, limit=100)
        drawn = [tx.quality.sample_links(LOCAL, lowest=LOWEST, limit=3) for _ in range(80)]
    assert {pair for pair, _ in everything} == links
    assert len(everything) == len(links)
    assert all(len({pair for pair, _ in one}) == 3 for one in drawn)
    many = Counter(pair for one in drawn for pair, _ in one)
    assert set(many) == links  # one of them is left out once in 800 million runs
    assert max(many.values()) < 60  # of 80, where 20 are expected


def test_every_record_is_drawn(stock: tuple[Center, set[Pair], list[IdentityId]]) -> None:
    center, _, ids = stock
    with center.work.begin() as tx:
        assert sorted(tx.quality.sample_identities(LOCAL, limit=100)) == sorted(ids)
        drawn = [tx.quality.sample_identities(LOCAL, limit=5) for _ in range(150)]
    assert {one for part in drawn for one in part} == set(ids)
    assert all(len(set(part)) == 5 for part in drawn)


def test_nothing_is_sorted_and_no_table_is_walked_for_a_sample(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    ids = [one.identity for one in registered(center, *map(patient, range(8)))]
    with center.work.begin() as tx:
        edge = NewEdge(ids[0], ids[1], EdgeKind.SAME, "model:test", LOWEST)
        link_identities(center, tx, OPERATOR, population=LOCAL, edges=[edge])
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with center.work.begin(write=False) as tx:
            tx.quality.sample_links(LOCAL, lowest=LOWEST, limit=2)
            tx.quality.sample_identities(LOCAL, limit=2)
            event.remove(Engine, "before_cursor_execute", note)
            steps = [step for one in asked for step in _plan(tx.quality, *one)]
    finally:
        if event.contains(Engine, "before_cursor_execute", note):
            event.remove(Engine, "before_cursor_execute", note)
    assert any("ix_edge_scored" in step for step in steps)
    assert not [one for one in steps if "B-TREE FOR ORDER" in one or "SCAN edge" in one]
    assert not [one for one in steps if "SCAN identity" in one]


def _plan(samples: Any, statement: str, values: Any) -> list[str]:
    rows = samples._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [row[3] for row in rows]
