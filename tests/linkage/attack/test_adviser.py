"""Adviser: only what passed every gate is advised; what was measured is kept and not measured again."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkage.attack import advice_report
from linkage.attack.advice import Advice, Finding, Question, as_json, reopened
from linkage.attack.adviser import advise, quality
from linkage.attack.chart import Dot, plane
from linkage.attack.errors import StudyInvalid
from linkage.attack.policy import PROTECTED, adjusted
from linkage.attack.variations import Candidate, denser, diffused, thinned, variations
from linkage.schema import Diffusion, SchemaFingerprint, load
from linkage.synthetic.noise import LIGHT
from tests.linkage.attack.encodings import composite

POLICY = adjusted(PROTECTED, {"attack_n": 300, "overlaps": [1.0]})
QUESTION = Question(500, ("birth_date", "given_name", "surname"), "light", "protected", 300, 300, 1)
GATES = {"A rank": "passed", "B index": "passed", "C attack": "passed", "D equality": "passed"}


def _finding(name: str, f1: float, **changes: object) -> Finding:
    made = Finding(
        name, SchemaFingerprint(name), 1024, f1, 0.9, 0.9, 1000.0, 1.0, 0.1, 0, dict(GATES), True
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # tests name the members they change


def test_the_best_of_those_that_passed_is_advised() -> None:
    failed = _finding("failed", 0.99, gates=GATES | {"A rank": "failed"})
    found = Advice(QUESTION, (failed, _finding("good", 0.95), _finding("better", 0.97)))
    assert found.choice is not None
    assert found.choice.name == "better"
    assert advice_report.verdict(found).startswith("Take better")


@pytest.mark.parametrize("result", ["failed", "not measured"])
def test_nothing_is_advised_that_lacks_one_gate(result: str) -> None:
    found = Advice(QUESTION, (_finding("almost", 0.99, gates=GATES | {"C attack": result}),))
    assert found.choice is None
    assert "No candidate" in advice_report.verdict(found)


def test_what_another_beats_in_everything_is_not_on_the_frontier() -> None:
    worse = _finding("worse", 0.90, bits=2048)
    fast = _finding("fast", 0.80, records_per_second=90_000.0)
    names = [one.name for one in Advice(QUESTION, (worse, _finding("best", 0.95), fast)).frontier]
    assert names == ["best", "fast"]


def test_findings_are_kept_and_not_measured_again(tmp_path: Path) -> None:
    plain = Candidate("plain", composite(10))
    kept: list[Advice] = []
    first = advise(QUESTION, POLICY, budget=60, candidates=[plain], keep=kept.append)
    assert first.findings[0].gates["A rank"] == "failed"
    assert not first.findings[0].attacked
    assert first.choice is None
    assert first.left == ()
    assert kept[-1] == first
    path = tmp_path / "advice.json"
    path.write_text(as_json(first))
    known = reopened(path, QUESTION)
    again = advise(QUESTION, POLICY, budget=60, candidates=[plain], known=known)
    assert again.findings == first.findings


def test_without_time_everything_is_left_over() -> None:
    found = advise(QUESTION, POLICY, budget=0, candidates=[Candidate("plain", composite(10))])
    assert found.findings == ()
    assert found.left == ("plain",)


@pytest.mark.parametrize("text", ["{", "[]", '{"question": {}}', '{"findings": []}'])
def test_a_file_without_findings_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "advice.json"
    path.write_text(text)
    with pytest.raises(StudyInvalid):
        reopened(path, QUESTION)


def test_findings_of_another_question_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "advice.json"
    path.write_text(as_json(Advice(QUESTION, (_finding("good", 0.9),))))
    assert set(reopened(path, QUESTION)) == {"good"}
    with pytest.raises(StudyInvalid):
        reopened(path, replace(QUESTION, seed=2))


def test_quality_is_that_of_the_public_pipeline() -> None:
    precision, recall, f1, speed, _ = quality(Candidate("plain", composite(10)), LIGHT, 300, 1)
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-4)
    assert f1 > 0.8
    assert speed > 100


def test_variations_change_what_they_say() -> None:
    views = load("views")
    before = [field.bits_per_token or 0 for field in views.fields]
    assert [field.bits_per_token for field in denser(views, 2).fields] == [2 * b for b in before]
    hardened = diffused(views, 16)
    assert {hardened.hardening_of(name) for name in views.filters} == {(Diffusion(16),)}
    assert diffused(views, 0).hardening == ()
    salted = thinned(load("salted"), thin=False)
    assert not any(view.thinned for view in salted.salted)


def test_only_candidates_that_the_columns_allow_are_tried() -> None:
    assert list(variations({"given_name"})) == []
    names = [candidate.name for candidate in variations()]
    assert len(names) == len(set(names)) >= 10
    prints = [candidate.schema.fingerprint for candidate in variations()]
    assert len(set(prints)) == len(prints)


@given(
    st.lists(st.tuples(st.integers(0, 100), st.floats(0.5, 1), st.booleans()), max_size=30),
    st.booleans(),
)
def test_names_beside_a_plane_never_lie_upon_each_other(
    values: list[tuple[int, float, bool]], logarithmic: bool
) -> None:
    dots = [Dot(f"name {place}<", *value) for place, value in enumerate(values)]
    drawn = plane("a & b", "x", "y", dots, logarithmic=logarithmic)
    height = int(re.findall(r'viewBox="0 0 640 (\d+)"', drawn)[0])
    texts = re.findall(r'<text x="440" y="([\d.]+)">name (\d+)&lt;</text>', drawn)
    places = [float(place) for place, _ in texts]
    assert len(texts) == len(dots)
    assert all(lower - upper >= 15 for upper, lower in pairwise(places))
    assert all(0 < place < height for place in places)
    heights = [dots[int(number)].y for _, number in texts]
    assert heights == sorted(heights, reverse=True)


def test_a_page_shows_every_finding_and_loads_nothing() -> None:
    page = advice_report.as_html(Advice(QUESTION, (_finding("one & two", 0.9),)))
    assert "one &amp; two" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
