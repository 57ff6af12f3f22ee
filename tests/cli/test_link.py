"""``ttp link`` writes links, clusters and a report, or refuses and writes nothing."""

import csv
import json
from itertools import combinations
from pathlib import Path

import pytest

from linkage.synthetic import generate
from tests.cli.command_line import refused, ttp

SITES = ("nord", "sued", "west")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sites as CSV and encoded, a site under another secret, and the truth."""
    path = tmp_path_factory.mktemp("sites")
    population = generate(SITES, 400, 0.6, 5)
    population.write_csv(path)
    (path / "secret").write_text("0123456789abcdef\n")
    (path / "other-secret").write_text("fedcba9876543210\n")
    for site in SITES:
        done = ttp(
            "encode", "--secret-file", "secret", f"{site}.csv", "-o", f"{site}.enc", cwd=path
        )
        assert done.returncode == 0, done.stderr
    ttp("encode", "--secret-file", "other-secret", "sued.csv", "-o", "alien.enc", cwd=path)
    ttp(
        *("encode", "--schema", "diffused", "--secret-file", "secret"),
        *("sued.csv", "-o", "diffused.enc"),
        cwd=path,
    )
    rows = ["source_a,record_a,source_b,record_b"]
    for first, second in combinations(SITES, 2):
        pairs = sorted(population.truth_pairs(first, second))
        rows += [f"{first},{a},{second},{b}" for a, b in pairs]
    (path / "pairs.csv").write_text("\n".join(rows) + "\n")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", ["encoded", "clear"])
def test_three_sites_are_linked(folder: Path, tmp_path: Path, kind: str) -> None:
    ending, option = (".enc", []) if kind == "encoded" else (".csv", ["--clear"])
    files = [f"{site}{ending}" for site in SITES]
    out = tmp_path / "out"
    done = ttp("link", *option, *files, "-o", out, "--truth", "pairs.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "clusters.csv",
        "links.csv",
        "report.json",
    ]
    links, clusters = rows(out / "links.csv"), rows(out / "clusters.csv")
    assert list(links[0]) == ["source_a", "record_a", "source_b", "record_b", "score", "outcome"]
    assert {row["outcome"] for row in links} <= {"match", "possible"}
    assert list(clusters[0]) == ["cluster", "source", "record"]
    records = [(row["source"], row["record"]) for row in clusters]
    assert len(records) == len(set(records)) == sum(len(rows(folder / f"{s}.csv")) for s in SITES)
    report = json.loads((out / "report.json").read_text())
    assert report["kind"] == kind
    assert report["matches"] == sum(row["outcome"] == "match" for row in links)
    assert report["quality"]["f1"] > 0.9


def test_the_report_says_how_the_threshold_came_about(folder: Path, tmp_path: Path) -> None:
    ttp("link", "nord.enc", "sued.enc", "-o", tmp_path / "auto", cwd=folder)
    report = json.loads((tmp_path / "auto" / "report.json").read_text())
    assert report["threshold"]["chosen_by"] in {"within-site", "fallback"}
    assert report["quality"] == "not estimated"
    ttp("link", "nord.enc", "sued.enc", "-o", tmp_path / "x", "--threshold", "0.9", cwd=folder)
    report = json.loads((tmp_path / "x" / "report.json").read_text())
    assert report["threshold"]["chosen_by"] == "given"
    matches = [row for row in rows(tmp_path / "x" / "links.csv") if row["outcome"] == "match"]
    assert min(float(row["score"]) for row in matches) >= 0.9


def test_linking_again_gives_the_same_files(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        ttp("link", "nord.enc", "sued.enc", "-o", tmp_path / name, cwd=folder)
    for name in ("links.csv", "clusters.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


BAD = {
    "one source": (["nord.enc"], "at least two sources"),
    "two files of one name": (["nord.enc", "nord.csv"], "Two inputs are named"),
    "another secret": (["nord.enc", "alien.enc"], "different linkage secrets"),
    "another schema": (["nord.enc", "diffused.enc"], "different linkage schemas"),
    "not encodings": (["nord.enc", "sued.csv"], "not a readable file of encodings"),
    "encodings as clear": (["--clear", "nord.csv", "sued.enc"], "not UTF-8"),
    "no such file": (["nord.enc", "nowhere.enc"], "does not exist"),
    "impossible threshold": (["--threshold", "7", "nord.enc", "sued.enc"], "at most 1"),
    "threshold no number": (["--threshold", "high", "nord.enc", "sued.enc"], "not a valid float"),
    "broken truth": (["--truth", "secret", "nord.enc", "sued.enc"], "true pairs"),
}


@pytest.mark.parametrize("defect", BAD)
def test_a_bad_call_is_refused_and_writes_nothing(
    folder: Path, tmp_path: Path, defect: str
) -> None:
    arguments, sentence = BAD[defect]
    done = ttp("link", *arguments, "-o", tmp_path / "out", cwd=folder)
    assert refused(done, sentence), done.stderr
    assert not (tmp_path / "out").exists()


def test_a_truncated_file_is_refused(folder: Path, tmp_path: Path) -> None:
    whole = (folder / "sued.enc").read_bytes()
    (tmp_path / "sued.enc").write_bytes(whole[: len(whole) // 2])
    done = ttp("link", "nord.enc", tmp_path / "sued.enc", "-o", tmp_path / "out", cwd=folder)
    assert refused(done, "truncated")
    assert not (tmp_path / "out").exists()
