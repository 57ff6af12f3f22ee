"""Registration finds who is who: a floor for F1 before and after review, and a ceiling for questions."""

from pathlib import Path

from linkage.synthetic import MODERATE
from tests.benchmarks.bench_registration_quality import interval, registered, rows
from tests.builders import make_center


def test_few_errors_are_left_before_review_and_hardly_any_after(tmp_path: Path) -> None:
    found = registered(make_center(tmp_path, role="local"), rows(2_500, MODERATE, 43))
    assert found.before.f1 >= 0.98
    assert found.before.precision >= 0.995
    assert found.after.f1 >= 0.993
    assert found.case_share <= 0.03
    low, high = interval(found.persons, found.truth)
    assert low <= found.before.f1 <= high
