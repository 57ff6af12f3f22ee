"""``ttp evaluate``: figures against the truth, samples for review, and estimates with intervals from them."""

import csv
import json
from pathlib import Path

import pytest

from linkage.synthetic import generate
from tests.cli.running import run

HEADER = "source_a,record_a,source_b,record_b"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites linked in clear with all candidates written, and the truth."""
    path = tmp_path_factory.mktemp("judged")
    population = generate(["nord", "sued"], 400, 0.5, 11)
    population.write_csv(path)
    truth = sorted(population.truth_pairs("nord", "sued"))
    rows = [HEADER, *(f"nord,{a},sued,{b}" for a, b in truth)]
    (path / "pairs.csv").write_text("\n".join(rows) + "\n")
    done = run(None, "link", "--clear", "--candidates", path / "nord.csv", path / "sued.csv",
               "-o", path / "out", "--truth", path / "pairs.csv")  # fmt: skip
    assert done.exit_code == 0, done.output
    return path


def review(sample: Path, truth: Path) -> None:
    """Fill the column match as a person would who is never wrong."""
    with truth.open(newline="") as file:
        true = {tuple(row) for row in csv.reader(file)}
    with sample.open(newline="") as file:
        header, *drawn = list(csv.reader(file))
    decided = [[*row[:4], "yes" if tuple(row[:4]) in true else "no"] for row in drawn]
    with sample.open("w", newline="") as file:
        csv.writer(file).writerows([header, *decided])


def test_figures_against_the_truth_are_those_of_the_linkage(folder: Path, tmp_path: Path) -> None:
    linked = json.loads((folder / "out" / "report.json").read_text())["quality"]
    for name in ("links.csv", "candidates.csv"):
        done = run(None, "evaluate", folder / "out" / name, "--truth", folder / "pairs.csv",
                   "--report", tmp_path / "quality.json")  # fmt: skip
        assert done.exit_code == 0, done.output
        assert f"{linked['f1']:.4f}" in done.stdout
        told = json.loads((tmp_path / "quality.json").read_text())
        assert told["figures"]["quality"] == linked


def test_a_reviewed_sample_gives_intervals_that_hold_the_truth(
    folder: Path, tmp_path: Path
) -> None:
    pairs, sample = folder / "out" / "candidates.csv", tmp_path / "to-review.csv"
    drawn = run(None, "evaluate", pairs, "--sample", "150", "-o", sample)
    assert drawn.exit_code == 0, drawn.output
    assert "score" not in sample.read_text().splitlines()[0]
    review(sample, folder / "pairs.csv")
    done = run(None, "evaluate", pairs, "--labels", sample,
               "--report", tmp_path / "q.json", "--report", tmp_path / "q.html")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "95 % interval" in done.stdout
    found = json.loads((tmp_path / "q.json").read_text())["quality"]
    true = json.loads((folder / "out" / "report.json").read_text())["quality"]
    for name in ("precision", "f1"):
        assert found[name]["low"] <= true[name] <= found[name]["high"]
    assert "95 % interval" in (tmp_path / "q.html").read_text()


def test_a_further_sample_repeats_no_pair_that_is_decided(folder: Path, tmp_path: Path) -> None:
    pairs, first, second = folder / "out" / "candidates.csv", tmp_path / "1.csv", tmp_path / "2.csv"
    run(None, "evaluate", pairs, "--sample", "60", "-o", first)
    review(first, folder / "pairs.csv")
    done = run(None, "evaluate", pairs, "--labels", first, "--sample", "40", "-o", second)
    assert done.exit_code == 0, done.output
    old, new = (
        {line.rsplit(",", 1)[0] for line in path.read_text().splitlines()[1:]}
        for path in (first, second)
    )
    assert len(new) == 40
    assert not old & new


def test_a_review_and_a_truth_saved_by_a_spreadsheet_are_read(folder: Path, tmp_path: Path) -> None:
    pairs, sample = folder / "out" / "candidates.csv", tmp_path / "to-review.csv"
    run(None, "evaluate", pairs, "--sample", "60", "-o", sample)
    review(sample, folder / "pairs.csv")
    truth = tmp_path / "truth.csv"
    truth.write_bytes((folder / "pairs.csv").read_bytes())
    asked = ("evaluate", pairs, "--labels", sample, "--truth", truth)
    before = run(None, *asked)
    for path in (sample, truth):
        text = path.read_text().replace(",", ";").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n;;;;\r\n" * (path == sample))
    after = run(None, *asked)
    assert (after.exit_code, after.stdout) == (0, before.stdout), after.stderr


ROW = "nord,1,sued,2"
BAD_PAIRS = {
    "missing-column": ("source_a,record_a\nnord,1\n", "it needs the columns"),
    "cut-off": (f"{HEADER}\n{ROW}\nnord,3\n", "row 3 is cut off"),
    "repeated-pair": (f"{HEADER}\n{ROW}\nsued,2,nord,1\n", "row 3 repeats a pair"),
    "itself": (f"{HEADER}\nnord,1,nord,1\n", "row 2 pairs a record with itself"),
    "missing-id": (f"{HEADER}\nnord,,sued,2\n", "row 2 lacks a value"),
    "score-no-number": (f"{HEADER},score\n{ROW},secret\n", "row 2 has a score"),
    "score-nan": (f"{HEADER},score\n{ROW},nan\n", "row 2 has a score"),
    "unknown-outcome": (f"{HEADER},outcome\n{ROW},secret\n", "row 2 has an unknown outcome"),
    "open-quote": (f'{HEADER}\n"nord,1,sued,2\n', "row 2 is no CSV"),
    "not-utf8": (f"{HEADER}\nn\udcffrd,1,sued,2\n", "not UTF-8"),
    "empty": ("", "it needs the columns"),
}


@pytest.mark.parametrize("defect", BAD_PAIRS)
def test_a_bad_file_of_pairs_is_refused_by_row(folder: Path, tmp_path: Path, defect: str) -> None:
    text, sentence = BAD_PAIRS[defect]
    path = tmp_path / f"{defect}.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run(None, "evaluate", path, "--truth", folder / "pairs.csv")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "secret" not in done.stderr


BAD_LABELS = {
    "neither": (f"{HEADER},match\n%s,perhaps\n", "row 2 says neither yes nor no"),
    "foreign-pair": (f"{HEADER},match\nnord,-1,sued,-2,yes\n", "row 2 is no pair"),
    "all-open": (f"{HEADER},match\n%s,\n", "no pair has been decided"),
    "no-match-column": (f"{HEADER}\n%s\n", "it needs the columns"),
}


@pytest.mark.parametrize("defect", BAD_LABELS)
def test_a_bad_review_is_refused_by_row(folder: Path, tmp_path: Path, defect: str) -> None:
    text, sentence = BAD_LABELS[defect]
    pairs = folder / "out" / "candidates.csv"
    one = ",".join(pairs.read_text().splitlines()[1].split(",")[:4])
    (tmp_path / f"{defect}.csv").write_text(text.replace("%s", one))
    done = run(None, "evaluate", pairs, "--labels", tmp_path / f"{defect}.csv")
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_calls_that_ask_for_nothing_or_half_are_refused(folder: Path, tmp_path: Path) -> None:
    pairs = folder / "out" / "links.csv"
    assert run(None, "evaluate", pairs).exit_code == 2
    assert run(None, "evaluate", pairs, "--sample", "5").exit_code == 2
    for reach in ("nan", "inf"):
        asked = ("--sample", "5", "-o", tmp_path / "x", "--reach", reach)
        assert run(None, "evaluate", pairs, *asked).exit_code == 2
    (tmp_path / "bare.csv").write_text(f"{HEADER}\n{ROW}\n")
    done = run(None, "evaluate", tmp_path / "bare.csv", "--sample", "5", "-o", tmp_path / "x")
    assert "needs the column score" in done.stderr
