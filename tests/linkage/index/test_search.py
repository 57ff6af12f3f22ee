"""A query finds what comparing with every present record finds, in every process, after every change."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.index import Handle, Matches, SearchIndex, SharedView
from linkage.kernel import Measure, Words
from linkage.kernel.limits import similarity
from linkage.refusals import FilterShapeInvalid, IndexGone, ThresholdInvalid
from tests.linkage.kernel.brute_force import disturbed, random_filters

Records = dict[int, Words]


def expected(
    records: Records, query: Words, threshold: float, measure: Measure
) -> list[tuple[int, float]]:
    """Keys and scores by comparing with every record, by falling score, then key."""
    if not records or not query.any():
        return []
    keys, rows = np.array(list(records)), np.stack(list(records.values()))
    counts = np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
    size = np.full(len(rows), np.bitwise_count(query).sum(dtype=np.int64))
    common = np.bitwise_count(rows & query).sum(axis=1, dtype=np.int64)
    scores = similarity(measure, common, size, counts, bits=64 * len(query))
    hits = (scores >= threshold) & (counts > 0)
    order = np.lexsort((keys[hits], -scores[hits]))
    columns = keys[hits][order].tolist(), scores[hits][order].tolist()
    return list(zip(*columns, strict=True))


def listed(found: Matches) -> list[tuple[int, float]]:
    return list(zip(found.keys.tolist(), found.scores.tolist(), strict=True))


def keys(count: int, first: int = 0) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(first, first + count)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("threshold", [0.4, 0.75, 1.0])
def test_a_query_finds_what_comparing_with_all_finds(
    engine: str, measure: Measure, threshold: float
) -> None:
    rows = np.vstack([random_filters(1, 500), np.zeros((3, 4), np.uint64)])
    queries = np.vstack([disturbed(rows[:20], 2, 0.04), np.zeros((1, 4), np.uint64)])
    index = SearchIndex(words=4, threshold=threshold, measure=measure, engine=engine)
    index.add(keys(len(rows)), rows)
    records = dict(enumerate(rows))
    wanted = [expected(records, query, threshold, measure) for query in queries]
    assert [listed(index.query(query, most=1000)) for query in queries] == wanted
    assert [listed(one) for one in index.query_many(queries, most=1000)] == wanted
    assert listed(index.query(queries[0], most=2)) == wanted[0][:2]


steps = st.lists(
    st.tuples(st.sampled_from(["add", "add", "remove"]), st.integers(0, 60), st.integers(1, 40)),
    max_size=12,
)


@given(steps=steps, seed=st.integers(0, 50))
def test_after_any_changes_a_query_sees_the_present_records(
    steps: list[tuple[str, int, int]], seed: int
) -> None:
    pool, index = random_filters(seed, 200), SearchIndex(words=4, threshold=0.6)
    records: Records = {}
    for turn, (what, first, count) in enumerate(steps):
        chosen = keys(count, first)
        if what == "add":
            rows = pool[(chosen * 7 + turn * 13) % 200]
            index.add(chosen, rows)
            records |= dict(zip(chosen.tolist(), rows, strict=True))
        else:
            there = sum(records.pop(key, None) is not None for key in chosen.tolist())
            assert index.remove(chosen) == there
    assert len(index) == len(records)
    for query in disturbed(pool[:5], seed, 0.05):
        assert listed(index.query(query)) == expected(records, query, 0.6, Measure.DICE)
    index.close()


def test_an_index_that_outgrows_its_memory_is_laid_out_anew() -> None:
    rows, index = random_filters(3, 9000), SearchIndex(words=4, threshold=0.7)
    view = SharedView(index.handle)
    for start in range(0, 9000, 1500):
        index.add(keys(1500, start), rows[start : start + 1500])
        index.remove(keys(100, start))
        present = {k: rows[k] for k in range(start + 1500) if k % 1500 >= 100}
        for query in rows[start + 200 : start + 203]:
            wanted = expected(present, query, 0.7, Measure.DICE)
            assert listed(index.query(query)) == wanted
            assert listed(view.query(query)) == wanted
    assert len(view) == len(index) == 8400


def test_of_a_key_given_twice_the_last_counts() -> None:
    rows, index = random_filters(3, 2), SearchIndex(words=4, threshold=0.9)
    index.add(np.array([5, 5]), rows)
    assert listed(index.query(rows[1])) == [(5, 1.0)]
    assert listed(index.query(rows[0])) == []


def _ask(handle: Handle, queries: Words, answers: "multiprocessing.Queue[object]") -> None:
    view = SharedView(handle, threads=1)
    answers.put([listed(view.query(query)) for query in queries])


def test_another_process_sees_the_same_records() -> None:
    rows, index = random_filters(4, 5000), SearchIndex(words=4, threshold=0.7)
    index.add(keys(5000), rows)
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    asking = spawn.Process(target=_ask, args=(index.handle, rows[:5], answers))
    asking.start()
    assert answers.get(timeout=60) == [listed(index.query(row)) for row in rows[:5]]
    asking.join()


def test_threads_share_the_work_of_one_query() -> None:
    rows = random_filters(5, 150_000, bits=128)
    alone = SearchIndex(words=2, threshold=0.9, threads=1)
    together = SearchIndex(words=2, threshold=0.9, threads=3)
    for index in (alone, together):
        index.add(keys(len(rows)), rows)
    for query in rows[:4]:
        assert listed(alone.query(query)) == listed(together.query(query))


def test_the_records_never_have_a_name_in_the_file_system() -> None:
    index = SearchIndex(words=4, threshold=0.7)
    where = Path(f"/proc/self/fd/{index.handle.descriptor}").readlink()
    assert str(where).startswith("/memfd:")
    assert not list(Path("/dev/shm").glob("*linkage*"))


def test_the_index_of_a_process_that_ended_is_gone() -> None:
    program = (
        "from linkage.index import SearchIndex; import sys;"
        "i = SearchIndex(words=4, threshold=.7); print(i.handle.process, i.handle.descriptor)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    handle = Handle(*map(int, done.stdout.split()))
    with pytest.raises(IndexGone):
        SharedView(handle)
    with pytest.raises(IndexGone):
        SharedView(Handle(os.getpid(), 99_999))


def test_whoever_searched_an_index_notices_that_its_owner_ended() -> None:
    program = """
import sys
import numpy as np
from linkage.index import SearchIndex
index = SearchIndex(words=4, threshold=.7)
index.add(np.arange(1), np.full((1, 4), 15, np.uint64))
print(index.handle.process, index.handle.descriptor, flush=True)
sys.stdin.read()
"""
    query = np.full(4, 15, np.uint64)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        view = SharedView(Handle(*map(int, owner.stdout.readline().split())))
        assert listed(view.query(query)) == [(0, 1.0)]
        owner.kill()
        owner.wait()
        with pytest.raises(IndexGone):
            view.query(query)


def test_an_index_that_was_closed_answers_nobody() -> None:
    rows, index = random_filters(4, 10), SearchIndex(words=4, threshold=0.7)
    index.add(keys(10), rows)
    view = SharedView(index.handle)
    assert listed(view.query(rows[0]))
    index.close()
    others = [SearchIndex(words=4, threshold=0.7) for _ in range(3)]
    others[0].add(keys(10), rows)
    for asked in (view, index):
        with pytest.raises(IndexGone):
            asked.query(rows[0])


def test_a_record_without_content_is_one_until_it_is_removed() -> None:
    rows, index = random_filters(3, 9000), SearchIndex(words=4, threshold=0.9)
    rows[7] = 0
    for start in range(0, 9000, 3000):
        index.add(keys(3000, start), rows[start : start + 3000])
    assert len(index) == 9000
    assert index.remove(np.array([7])) == 1


def test_while_a_record_is_replaced_a_query_finds_it_once() -> None:
    rows, index = random_filters(3, 1), SearchIndex(words=4, threshold=0.5)
    index.add(keys(1), rows)
    stop = Event()

    def replace() -> None:
        while not stop.is_set():
            index.add(keys(1), rows)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(replace)
        try:
            found = [len(index.query(rows[0])) for _ in range(4000)]
        finally:
            stop.set()
    assert set(found) == {1}


def test_what_is_no_filter_of_this_index_is_refused() -> None:
    index = SearchIndex(words=4, threshold=0.7)
    with pytest.raises(FilterShapeInvalid):
        index.add(keys(2), random_filters(1, 2, bits=128))
    with pytest.raises(FilterShapeInvalid):
        index.add(keys(3), random_filters(1, 2))
    with pytest.raises(FilterShapeInvalid):
        index.query(random_filters(1, 1, bits=128)[0])
    with pytest.raises(ThresholdInvalid):
        SearchIndex(words=4, threshold=0.0)
