"""Made-up pairs: always the same for a number, registrable, and true to what their stories teach."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_center
from ttp.core.center import Center
from ttp.core.identifying_data import FIELDS
from ttp.core.review import Verdict
from ttp.core.vignettes import STORIES, practice, vignette
from ttp.services.cases.compare_pair import compare_vignette


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    return make_center(tmp_path_factory.mktemp("vignettes"), role="local")


@given(st.integers(0, 999_999))
def test_a_number_is_always_the_same_pair_of_valid_records(center: Center, seed: int) -> None:
    one = vignette(seed)
    assert vignette(seed) == one
    assert set(one.first) | set(one.second) <= set(FIELDS)
    assert one.first != one.second
    found = compare_vignette(center, one)
    assert {field.field for field in found.fields} <= set(FIELDS)


def test_the_practice_has_ten_stories_of_both_kinds() -> None:
    pairs = practice()
    assert len(pairs) == 10
    assert {one.story for one in pairs} == set(STORIES)
    assert {one.truth for one in pairs} == {Verdict.SAME, Verdict.DIFFERENT}


def test_the_comparison_discloses_what_differs_only(center: Center) -> None:
    moved = next(one for one in practice() if one.story == "moved")
    found = {field.field: field for field in compare_vignette(center, moved).fields}
    assert set(found["surname"].first) == {"•"}
    assert set(found["city"].first) - {"•"}


def test_planted_pairs_leave_no_trace_in_the_stock(center: Center, tmp_path: Path) -> None:
    del tmp_path
    compare_vignette(center, vignette(1))
    assert center.work.run(lambda tx: tx.identities.populations(), write=False) == []
