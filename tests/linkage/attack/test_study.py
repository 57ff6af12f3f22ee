"""Gates fail closed; verdicts follow from measurements, intervals and the policy, and are written down."""

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from linkage.attack import document, report
from linkage.attack.components import assigned
from linkage.attack.errors import PolicyInvalid
from linkage.attack.gates import Verdict, attack_gate, equality_gate, rank_gate
from linkage.attack.intervals import Share
from linkage.attack.leakage import leakage
from linkage.attack.policy import PROTECTED, TRIAL, adjusted, load_policy
from linkage.attack.study import Study, examine
from linkage.attack.trial import Trial
from tests.linkage.attack.encodings import composite

SMALL = adjusted(PROTECTED, {"attack_n": 300, "overlaps": [1.0]})


@pytest.fixture(scope="module")
def plain() -> Study:
    return examine(composite(10), 300, SMALL)


def _trial(overlap: float, *, n: int = 10_000, right: int = 0) -> Trial:
    nothing = Share(0, 100)
    return Trial(n, overlap, 1, 0, Share(right, 500), Share(0, 450), 50, Share(0, 0), nothing)


def test_plain_filters_pass_no_gate_but_equality(plain: Study) -> None:
    verdicts = {gate.name: gate.verdict for gate in plain.gates}
    assert verdicts.pop("D equality") is Verdict.PASSED
    assert set(verdicts.values()) == {Verdict.FAILED}
    assert not plain.passed
    assert not plain.protected


def test_what_was_not_measured_does_not_pass() -> None:
    assert attack_gate((), PROTECTED).verdict is Verdict.NOT_MEASURED
    assert attack_gate((_trial(0.2), _trial(1.0)), PROTECTED).verdict is Verdict.NOT_MEASURED
    assert rank_gate(None, PROTECTED, n=1000, bits=1024).verdict is Verdict.NOT_MEASURED
    assert equality_gate((), None, PROTECTED, n=1000).verdict is Verdict.NOT_MEASURED


def test_attacks_smaller_than_the_policy_asks_for_do_not_pass() -> None:
    small = [_trial(overlap, n=5000) for overlap in PROTECTED.overlaps]
    assert attack_gate(small, PROTECTED).verdict is Verdict.NOT_MEASURED


@pytest.mark.parametrize(("right", "verdict"), [(0, Verdict.PASSED), (3, Verdict.FAILED)])
def test_recall_is_judged_by_the_end_of_its_interval(right: int, verdict: Verdict) -> None:
    trials = [_trial(overlap, right=right) for overlap in PROTECTED.overlaps]
    assert attack_gate(trials, PROTECTED).verdict is verdict


def test_sure_guesses_that_are_right_fail_even_at_low_recall() -> None:
    sure = replace(_trial(1.0), surest=Share(20, 100))
    trials = [_trial(0.05), _trial(0.2), sure]
    assert attack_gate(trials, PROTECTED).verdict is Verdict.FAILED


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share(counts: tuple[int, int]) -> None:
    share = Share(*counts)
    assert 0 <= share.low <= share.value <= share.high <= 1


def test_nothing_tried_is_the_worst_case() -> None:
    assert (Share(0, 0).value, Share(0, 0).low, Share(0, 0).high) == (1.0, 0.0, 1.0)


def test_the_leakage_index_follows_its_formula() -> None:
    found = leakage(composite(10, 10), 2000)
    view = found.sparsest
    assert view.t == 10
    assert found.index == pytest.approx((1 - 2 * view.fill) ** 10 * 2000**0.5)
    larger = leakage(composite(10, 10), 8000).index
    assert larger == pytest.approx(2 * (found.index or 0))


def test_a_looser_policy_certifies_nothing() -> None:
    assert PROTECTED.certifies
    assert adjusted(PROTECTED, {"seeds": 2}).certifies
    assert not adjusted(PROTECTED, {"recall": 0.02}).certifies
    assert not adjusted(PROTECTED, {"attack_n": 9000}).certifies
    assert not TRIAL.certifies


@pytest.mark.parametrize(
    "text",
    [
        '{"attack_n": 10}',
        '{"attack_n": 300.5}',
        '{"seeds": 1.5}',
        '{"seeds": true}',
        '{"known_pairs": 5.5}',
        '{"rank": NaN}',
        '{"index": Infinity}',
        f'{{"index": 1{"0" * 400}}}',
        f'{{"overlaps": [1{"0" * 400}]}}',
        '{"overlaps": []}',
        '{"certifies": true}',
        "[]",
        "{",
        '{"recall": "x"}',
    ],
)
def test_a_policy_that_is_not_one_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.json"
    path.write_text(text)
    with pytest.raises(PolicyInvalid):
        load_policy(str(path))


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(PolicyInvalid):
        load_policy("lenient")


def test_a_report_has_every_gate_and_loads_nothing(plain: Study) -> None:
    page = report.as_html(plain)
    assert all(gate.measured in page for gate in plain.gates)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page
    assert page.count("<svg role=") == page.count("<title>") - 1 == 2
    known = json.loads(document.as_json(plain))
    assert known["passed"] is False
    assert len(known["gates"]) == 4
    assert known["attacks"][0]["recall"]["tries"] == 300


def test_what_fell_under_one_salt_is_written_down(plain: Study) -> None:
    fallen = replace(plain, salts={"year": _trial(1.0, n=959, right=490)})
    known = json.loads(document.as_json(fallen))
    assert known["salts"]["year"]["recall"]["right"] == 490
    assert known["salts"]["year"]["n"] == 959
    page = report.as_html(fallen)
    assert "Largest group of a salt" in page
    assert "0.9800" in page
    assert "Largest group of a salt" not in report.as_html(plain)


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_an_assignment_is_the_best_of_all(size: int, seed: int) -> None:
    score = np.random.default_rng(seed).standard_normal((size, size)).astype(np.float32)
    rows = np.arange(size)
    best = max(float(score[rows, list(order)].sum()) for order in permutations(range(size)))
    assert float(score[rows, assigned(score)].sum()) == pytest.approx(best, abs=1e-5)
