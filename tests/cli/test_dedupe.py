"""``ttp dedupe`` finds who was registered twice, in clear and encoded, or refuses and writes nothing."""

import csv
import itertools
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import parquet

from linkage.synthetic import MODERATE, generate
from tests.cli.running import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source where every fifth patient was registered twice, encoded three ways, and the truth."""
    path = tmp_path_factory.mktemp("twice")
    errors = replace(MODERATE, duplicate=0.2)
    population = generate(["nord"], 300, 0.0, 7, errors)
    population.write_csv(path)
    (path / "secret").write_text("0123456789abcdef\n")
    of = defaultdict(list)
    for record, person in population.persons("nord").items():
        of[person].append(record)
    pairs = [two for records in of.values() for two in itertools.combinations(records, 2)]
    rows = ["source_a,record_a,source_b,record_b", *(f"nord,{a},nord,{b}" for a, b in pairs)]
    (path / "pairs.csv").write_text("\n".join(rows) + "\n")
    for schema in ("default", "field", "views", "salted"):
        (path / schema).mkdir()
        done = run(None, "encode", "--schema", schema, "--secret-file", path / "secret",
                   path / "nord.csv", "-o", path / schema / "nord.enc")  # fmt: skip
        assert done.exit_code == 0, done.output
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("source", "least"),
    [("clear", 0.95), ("default", 0.85), ("field", 0.85), ("views", 0.85)],
)
def test_most_of_those_registered_twice_are_found(
    folder: Path, tmp_path: Path, source: str, least: float
) -> None:
    file = [folder / "nord.csv", "--clear"] if source == "clear" else [folder / source / "nord.enc"]
    done = run(None, "dedupe", *file, "-o", tmp_path / "out", "--truth", folder / "pairs.csv")
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["quality"]["f1"] > least
    assert report["quality"]["recall"] > 0.85
    assert f"engine {report['engine']}" in done.stderr


def test_groups_hold_every_record_once_and_what_pairs_connect(folder: Path, tmp_path: Path) -> None:
    run(None, "dedupe", "--clear", folder / "nord.csv", "-o", tmp_path)
    groups = rows(tmp_path / "groups.csv")
    assert sorted(row["record"] for row in groups) == sorted(
        row["record_id"] for row in rows(folder / "nord.csv")
    )
    of = {row["record"]: row["cluster"] for row in groups}
    matches = [row for row in rows(tmp_path / "pairs.csv") if row["outcome"] == "match"]
    assert matches
    assert all(of[row["record_a"]] == of[row["record_b"]] for row in matches)
    assert all(row["record_a"] != row["record_b"] for row in matches)


def test_parquet_says_the_same_as_csv(folder: Path, tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        run(None, "dedupe", folder / "default" / "nord.enc", "-o", tmp_path, "--format", kind)
    for name in ("pairs", "groups"):
        made = parquet.read_table(tmp_path / f"{name}.parquet").to_pylist()
        told = rows(tmp_path / f"{name}.csv")
        assert len(made) == len(told)
        for mine, theirs in zip(made, told, strict=True):
            assert [str(mine[key]) for key in mine if key != "score"] == [
                theirs[key] for key in mine if key != "score"
            ]
            assert mine.get("score", 0.0) == float(theirs.get("score", 0.0))


def test_the_report_for_people_loads_nothing(folder: Path, tmp_path: Path) -> None:
    done = run(None, "dedupe", folder / "default" / "nord.enc", "-o", tmp_path / "out",
               "--report", tmp_path / "report.html")  # fmt: skip
    assert done.exit_code == 0
    page = (tmp_path / "report.html").read_text()
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_thinned_views_hide_duplicates_and_say_so(folder: Path, tmp_path: Path) -> None:
    done = run(None, "dedupe", folder / "salted" / "nord.enc", "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "thinned views" in done.stderr
    assert not (tmp_path / "out").exists()


def test_truncated_encodings_and_repeated_record_ids_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    whole = (folder / "default" / "nord.enc").read_bytes()
    (tmp_path / "truncated.enc").write_bytes(whole[: len(whole) // 2])
    text = (folder / "nord.csv").read_text().splitlines()
    (tmp_path / "repeated-id.csv").write_text("\n".join([*text, text[1]]) + "\n")
    for file, sentence in (
        (["truncated.enc"], "truncated"),
        (["--clear", "repeated-id.csv"], "duplicate-record-id"),
    ):
        done = run(None, "dedupe", *file[:-1], tmp_path / file[-1], "-o", tmp_path / "out")
        assert done.exit_code == 2
        assert sentence in done.stderr
        assert text[1].split(",")[0] not in done.stderr
    assert not (tmp_path / "out").exists()


def test_records_in_clear_go_to_no_cluster(folder: Path, tmp_path: Path) -> None:
    done = run(None, "dedupe", "--clear", folder / "nord.csv", "-o", tmp_path / "out",
               "--scheduler", "tcp://127.0.0.1:9")  # fmt: skip
    assert done.exit_code == 2
    assert "not sent to other machines" in done.stderr
