"""Quality is counted against a truth that was given, and read strictly."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.evaluate import evaluate, pair, read_truth
from linkage.refusals import TruthInvalid

records = st.tuples(st.sampled_from("ab"), st.sampled_from("123"))
pairs = st.sets(st.builds(pair, records, records))


@given(found=pairs, true=pairs)
def test_the_figures_follow_from_the_counts(
    found: set[tuple[tuple[str, str], tuple[str, str]]],
    true: set[tuple[tuple[str, str], tuple[str, str]]],
) -> None:
    quality = evaluate(found, true)
    assert 0.0 <= quality.f1 <= 1.0
    if quality.correct:
        mean = 2 / (1 / quality.precision + 1 / quality.recall)
        assert quality.f1 == pytest.approx(mean)
    assert evaluate(true, true).f1 == 1.0


def test_true_pairs_are_read_in_either_order(tmp_path: Path) -> None:
    file = tmp_path / "truth.csv"
    file.write_text("source_a,record_a,source_b,record_b\nb,2,a,1\na,1,b,2\n")
    assert read_truth(file) == {(("a", "1"), ("b", "2"))}


@pytest.mark.parametrize(
    ("defect", "content"),
    [
        ("no header", b"a,1,b,2\n"),
        ("empty", b""),
        ("missing value", b"source_a,record_a,source_b,record_b\na,,b,2\n"),
        ("not UTF-8", b"source_a,record_a,source_b,record_b\n\xff,1,b,2\n"),
        ("huge value", b"source_a,record_a,source_b,record_b\na," + b"1" * 200_000 + b",b,2\n"),
        ("no end of quotes", b'source_a,record_a,source_b,record_b\na,1,b,"2\n'),
        ("cut off", b"source_a,record_a,source_b,record_b\na,1,b\n"),
        ("too many values", b"source_a,record_a,source_b,record_b\na,1,b,2,3\n"),
        ("record with itself", b"source_a,record_a,source_b,record_b\na,1,a,1\n"),
    ],
)
def test_a_broken_truth_is_refused(tmp_path: Path, defect: str, content: bytes) -> None:
    file = tmp_path / "truth.csv"
    file.write_bytes(content)
    with pytest.raises(TruthInvalid):
        read_truth(file)
