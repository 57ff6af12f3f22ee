"""Whatever hospital and people say in whatever order: persons are those of a full recomputation."""

from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import make_center
from tests.hospital.saying import identities, linked, merged, parted, say
from tests.scale import scaled
from tests.services.patients import open_cases_of, patient, recomputed, registered
from tests.services.test_review import decide, undo
from ttp.core.center import Center
from ttp.core.hospital import Relation
from ttp.core.names import DecisionId
from ttp.core.persons import EdgeKind
from ttp.core.review import AlreadyUndone, CaseSettled, KeptApart, UndoBlocked, Verdict
from ttp.services.hospital.join_related import maker_of

RECORDS = 4
_ENDS = st.tuples(st.integers(0, RECORDS - 1), st.integers(0, RECORDS - 1)).filter(
    lambda ends: ends[0] != ends[1]
)
_SAID = st.tuples(
    st.sampled_from([merged, linked, parted]), _ENDS, st.none() | st.integers(0, 5)
)  # fmt: skip
_PEOPLE = st.sampled_from([Verdict.SAME, Verdict.DIFFERENT, None])  # None undoes
STEPS = st.lists(_SAID | _PEOPLE, min_size=3, max_size=14)


@settings(
    max_examples=scaled(20, least=6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_any_sequence_gives_the_persons_of_a_full_recomputation(
    tmp_path: Path, steps: list[object]
) -> None:
    center = _center(tmp_path)
    example = next(_examples)
    source = f"s{example}"
    fresh = [patient(RECORDS * example + one, record_id=f"r{one}") for one in range(RECORDS)]
    registered(center, *fresh, source=source)
    decided: list[DecisionId] = []
    for step in steps:
        if isinstance(step, tuple):
            act, (first, second), at = step
            say(center, act(f"r{first}", f"r{second}", at), source=source)
        else:
            _people(center, step if isinstance(step, Verdict) else None, decided)
    view, anew = recomputed(center)
    assert view == anew
    _edges_are_what_stands(center, source)


_examples = count()
_centers: dict[str, Center] = {}


def _center(home: Path) -> Center:
    """One center for all examples: each registers its own records, so that they do not meet."""
    if str(home) not in _centers:
        _centers[str(home)] = make_center(home)
    return _centers[str(home)]


def _people(center: Center, verdict: Verdict | None, decided: list[DecisionId]) -> None:
    try:
        if verdict is None:
            for decision in decided[-1:]:
                undo(center, decision)
                decided.pop()
            return
        decided += [decide(center, case, verdict) for case in open_cases_of(center)[:1]]
    except (AlreadyUndone, CaseSettled, KeptApart, UndoBlocked):
        pass  # people are refused what contradicts; nothing was changed


def _edges_are_what_stands(center: Center, source: str) -> None:
    """Every edge of the source is backed by what it said last; nothing it took back has one."""
    ids = identities(center, *(f"r{number}" for number in range(RECORDS)), source=source)
    with center.work.begin(write=False) as tx:
        said = {one.pair: one.relation for one in tx.hospital.said(source, ids)}
        edges = [
            edge.pair
            for edge in tx.edges.standing(ids, EdgeKind.SAME)
            if edge.made_by == maker_of(source)
        ]
    assert all(said[pair] is not Relation.PARTED for pair in edges)
