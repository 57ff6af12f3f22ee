"""Doubts of a taught scorer are corrected by counted pairs, each by its precision."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.classify import one_to_one
from linkage.doubted import Counted, Values, false_links
from linkage.evidence import Evidence, evidence_of
from linkage.heirs import heirs
from linkage.kernel import PairTable
from linkage.thresholds import Method, choose, expected_false

LINKS = st.lists(st.tuples(st.integers(-40, 40), st.floats(0, 1)), min_size=1, max_size=40).map(
    lambda rows: (np.array([row[0] / 2 for row in rows]), np.array([row[1] for row in rows]))
)
SHARES = st.floats(0, 4)


def counted(links: Values, cuts: Values, share: float, worth: float = 1.0) -> Counted:
    """``share`` pairs for each link, none of a patient registered twice."""
    reached = np.array([(links >= cut).sum() for cut in cuts], dtype=np.float64)
    return Counted(share * reached / worth, np.zeros(len(cuts)), np.full(len(cuts), worth))


def cuts_of(links: Values) -> Values:
    return np.unique(links)[::-1]


@given(LINKS, SHARES)
def test_false_links_rise_as_cuts_fall_and_are_no_more_than_the_links(
    drawn: tuple[Values, Values], share: float
) -> None:
    links, doubt = drawn
    cuts = cuts_of(links)
    false = false_links(links, doubt, cuts, counted(links, cuts, share))
    steps = np.diff(false, prepend=0.0)
    found = np.array([(links == cut).sum() for cut in cuts])
    assert (steps >= -1e-9).all()
    assert (steps <= found + 1e-9).all()


@given(LINKS)
def test_with_nothing_counted_doubts_add_up(drawn: tuple[Values, Values]) -> None:
    links, doubt = drawn
    cuts = cuts_of(links)
    sums = [doubt[links >= cut].sum() for cut in cuts]
    assert false_links(links, doubt, cuts) == pytest.approx(sums)


@given(LINKS, st.floats(0.01, 10))
def test_doubts_that_counted_pairs_bear_out_stay(
    drawn: tuple[Values, Values], worth: float
) -> None:
    links, doubt = drawn
    cuts = cuts_of(links)
    alone = false_links(links, doubt, cuts)
    agreeing = Counted(alone / worth, np.zeros(len(cuts)), np.full(len(cuts), worth))
    assert false_links(links, doubt, cuts, agreeing) == pytest.approx(alone, abs=1e-6)


@given(LINKS, SHARES, SHARES)
def test_the_more_pairs_are_counted_the_more_links_are_false(
    drawn: tuple[Values, Values], one: float, other: float
) -> None:
    links, doubt = drawn
    cuts = cuts_of(links)
    fewer, more = (
        false_links(links, doubt, cuts, counted(links, cuts, share))
        for share in sorted((one, other))
    )
    assert (fewer <= more + 1e-9).all()


@given(st.lists(st.tuples(st.integers(-20, 20), st.booleans()), min_size=1), SHARES)
def test_nothing_counted_makes_false_what_the_scorer_is_sure_of(
    rows: list[tuple[int, bool]], share: float
) -> None:
    links = np.array([row[0] for row in rows], dtype=np.float64)
    doubt = np.array([row[1] for row in rows], dtype=np.float64)
    cuts = cuts_of(links)
    corrected = false_links(links, doubt, cuts, counted(links, cuts, share))
    assert (corrected <= false_links(links, doubt, cuts) + 1e-9).all()


def test_where_everybody_is_linked_pairs_that_do_not_show_up_outweigh_any_doubt() -> None:
    """Errors of which the scorer was taught nothing: it is sure of 50 links in 1,000 that they are false."""
    links = np.append(np.full(950, 9.0), np.full(50, -9.0))
    doubt = np.append(np.full(950, 0.001), np.full(50, 0.999))
    cuts = np.array([9.0, -9.0])
    nothing = Counted(np.zeros(2), np.zeros(2), np.full(2, 0.01))
    assert false_links(links, doubt, cuts, nothing)[-1] < 10
    coarse = Counted(np.zeros(2), np.zeros(2), np.full(2, 5.0))
    assert false_links(links, doubt, cuts, coarse)[-1] > 45


@given(LINKS, SHARES, st.floats(1, 50))
def test_a_count_of_which_every_pair_stands_for_many_corrects_less(
    drawn: tuple[Values, Values], share: float, worth: float
) -> None:
    links, doubt = drawn
    cuts = np.array([links.min()])
    alone = false_links(links, doubt, cuts)
    fine, coarse = (
        false_links(links, doubt, cuts, counted(links, cuts, share, each)) for each in (1.0, worth)
    )
    assert np.abs(coarse - alone).max() <= np.abs(fine - alone).max() + 1e-9


@given(LINKS, SHARES, st.floats(0, 20))
def test_what_is_taken_off_as_registered_twice_makes_a_count_weigh_less(
    drawn: tuple[Values, Values], share: float, twice: float
) -> None:
    links, doubt = drawn
    cuts = np.array([links.min()])
    count = counted(links, cuts, share)
    off = np.full(1, twice)
    alone = false_links(links, doubt, cuts)
    clean = false_links(links, doubt, cuts, count)
    dirty = false_links(links, doubt, cuts, Counted(count.pairs + off, off, count.worth))
    assert np.abs(dirty - alone).max() <= np.abs(clean - alone).max() + 1e-9


def drawn_bits(seed: int, overlap: int, size: int = 20_000) -> tuple[Evidence, np.ndarray]:
    """Links in bits, true ones around 6 and false ones around -6, their doubts, and which are true."""
    rng = np.random.default_rng(seed)
    free = size - overlap
    bits = np.concatenate([rng.normal(6, 3, overlap), rng.normal(-6, 3, free)])
    score = 12 * bits / 9 / np.log(2)
    true = np.arange(size) < overlap
    odds = score + np.log2(overlap / free)
    # Each free record has one look-alike among the free, so as many of each linked one at either site.
    ones = 2 * overlap
    beaten = 12 * rng.normal(-6, 3, ones) / 9 / np.log(2)
    held = (np.full(ones, 30.0), np.full(ones, -np.inf))
    doubt = 1 / (1 + np.exp2(odds))
    found = Evidence(score, beaten, None, (size, size), held=held, doubt=doubt)
    return found, true


def best_f1(found: Evidence, true: np.ndarray, cut: float) -> tuple[float, float]:
    """F1 at ``cut``, and the best that any cut has."""
    order = np.argsort(-found.links)
    right = np.cumsum(true[order])
    f1 = 2 * right / (np.arange(len(true)) + 1 + true.sum())
    at = max(int((found.links >= cut).sum()) - 1, 0)
    return float(f1[at]), float(f1.max())


@pytest.mark.parametrize(("overlap", "loss"), [(1000, 0.015), (10_000, 0.003), (18_000, 0.003)])
@pytest.mark.parametrize("wrong", [-1.0, 0.0, 1.0])
def test_thresholds_stay_near_the_best_where_doubts_are_a_bit_off(
    overlap: int, loss: float, wrong: float
) -> None:
    """With little overlap there is little to count, and a bit costs a percent."""
    found, true = drawn_bits(1, overlap)
    assert found.doubt is not None
    odds = found.doubt / np.maximum(1 - found.doubt, 1e-12) * 2**wrong
    chosen = choose([replace(found, doubt=odds / (1 + odds))], fallback=0.0)
    assert chosen.method is Method.DOUBTS
    f1, best = best_f1(found, true, chosen.match)
    assert f1 > best - loss


@pytest.mark.parametrize("overlap", [1, 10, 30, 60])
@pytest.mark.parametrize("seed", range(3))
def test_sources_with_hardly_a_patient_in_common_are_hardly_linked(seed: int, overlap: int) -> None:
    """Next to nobody is linked, so next to no pair can be counted: that none is says nothing."""
    found, true = drawn_bits(seed, overlap, size=3000)
    chosen = choose([found], fallback=0.0)
    links = found.links >= chosen.match
    assert (links & ~true).sum() <= 0.2 * overlap + 3


@pytest.mark.parametrize("seed", range(5))
def test_few_patients_registered_twice_do_not_drag_the_threshold_down(seed: int) -> None:
    """At little overlap each of their pairs stands for many false links, at the scores of links."""
    found, true = drawn_bits(seed, 1000)
    assert found.held is not None
    twice = 12 * np.random.default_rng(seed).normal(6, 3, 12) / 9 / np.log(2)
    held = [
        np.append(side, np.full(12, end)) for side, end in zip(found.held, (40, -40), strict=True)
    ]
    dirty = replace(found, beaten=np.append(found.beaten, twice), held=(held[0], held[1]))
    f1, best = best_f1(found, true, choose([dirty], fallback=0.0).match)
    assert f1 > best - 0.012


def test_heirs_correct_doubts_once_links_are_trusted() -> None:
    """Planted: doubts two bits too low, at an overlap where heirs are many."""
    found, true = drawn_bits(2, 10_000)
    assert found.doubt is not None
    odds = found.doubt / np.maximum(1 - found.doubt, 1e-12) / 4
    low = replace(found, doubt=odds / (1 + odds))
    cuts = np.array([-3.0])
    really = float((~true)[found.links >= -3.0].sum())
    trusting = expected_false(low, cuts, trusted_from=0.0)[0]
    assert expected_false(low, cuts)[0] < trusting < 1.3 * really


@st.composite
def candidates(draw: st.DrawFn) -> PairTable:
    """Candidates of six records by six, no two alike in score."""
    rows = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), unique=True, min_size=1))
    order = draw(st.permutations(range(len(rows))))
    a, b = (np.array([row[side] for row in rows], dtype=np.int32) for side in (0, 1))
    return PairTable(a, b, np.array(order, dtype=np.float64), "", 0, 0)


@given(candidates())
def test_heirs_are_the_links_that_come_when_the_other_record_of_a_link_goes(
    pairs: PairTable,
) -> None:
    links = np.isin(pairs.score, one_to_one(pairs).score)
    found = evidence_of(pairs, links, None, (6, 6), doubt=np.zeros(int(links.sum())))
    assert found.heirs is not None
    expected = set()
    for row_a, row_b in zip(pairs.rows_a[links], pairs.rows_b[links], strict=True):
        at_a, at_b = pairs.rows_a == row_a, pairs.rows_b == row_b
        expected |= _next_link(pairs, at_a, at_b) | _next_link(pairs, at_b, at_a)
    assert set(found.beaten[found.heirs].tolist()) == expected


def _next_link(pairs: PairTable, mine: np.ndarray, gone: np.ndarray) -> set[float]:
    """Score of the link of a record, if it has one, when the candidates of another are gone."""
    left = one_to_one(pairs.select(~gone))
    return set(left.score.tolist()) & set(pairs.score[mine & ~gone].tolist())


def test_no_candidates_have_no_heirs() -> None:
    nothing = np.empty(0), np.empty(0, np.int32)
    assert not len(heirs(nothing[0], (nothing[1], nothing[1]), (nothing[0], nothing[0])))
