"""What ``ttp link`` and ``ttp encode`` can be told: schemas of others, scorers, tiles, Parquet, reports."""

import json
from pathlib import Path

import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from linkage.encode import EncodingSet
from linkage.synthetic import generate
from tests.cli.running import run

SITES = ("nord", "sued")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites in clear and encoded by fields, and an imported secret."""
    path = tmp_path_factory.mktemp("options")
    generate(SITES, 250, 0.6, 5).write_csv(path)
    (path / "secret").write_text("0123456789abcdef\n")
    columns = ("given_name", "surname", "birth_date", "sex")
    seeds = dict(zip(columns, range(4711, 4715), strict=True))
    (path / "seeds.json").write_text(json.dumps({**seeds, "balance": 5}))
    for site in SITES:
        done = run(None, "encode", "--schema", "field", "--secret-file", path / "secret",
                   path / f"{site}.csv", "-o", path / f"{site}.enc")  # fmt: skip
        assert done.exit_code == 0, done.output
    return path


@pytest.mark.parametrize("profile", ["epix-random", "fttp-balanced"])
def test_encodings_of_other_programs_are_made_by_name(
    folder: Path, tmp_path: Path, profile: str
) -> None:
    done = run(None, "encode", "--schema", profile, "--secret-file", folder / "seeds.json",
               folder / "nord.csv", "-o", tmp_path / "nord.enc")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert EncodingSet.load(tmp_path / "nord.enc").schema.name == profile
    shown = run(None, "encode", "--print-schema", profile)
    assert json.loads(shown.stdout)["name"] == profile


def test_an_imported_secret_that_lacks_a_seed_is_refused(folder: Path, tmp_path: Path) -> None:
    done = run(None, "encode", "--schema", "epix-random", "--secret-file", folder / "secret",
               folder / "nord.csv", "-o", tmp_path / "x")  # fmt: skip
    assert done.exit_code == 2
    assert "must hold" in done.stderr
    assert not (tmp_path / "x").exists()


def test_parquet_is_encoded_as_csv_is(folder: Path, tmp_path: Path) -> None:
    names = (folder / "nord.csv").read_text().splitlines()[0].split(",")
    text = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, "string"), strings_can_be_null=False
    )
    parquet.write_table(
        arrow_csv.read_csv(folder / "nord.csv", convert_options=text), tmp_path / "nord.parquet"
    )
    done = run(None, "encode", "--schema", "field", "--secret-file", folder / "secret",
               tmp_path / "nord.parquet", "-o", tmp_path / "nord.enc")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (tmp_path / "nord.enc").read_bytes() == (folder / "nord.enc").read_bytes()


def test_a_second_delivery_leaves_used_tokens_to_the_first(folder: Path, tmp_path: Path) -> None:
    header, *lines = (folder / "nord.csv").read_text().splitlines()
    again = [f"again-{line}" for line in lines]
    for name, part in (("first", lines), ("second", again)):
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *part]) + "\n")
        done = run(None, "encode", "--schema", "salted", "--secret-file", folder / "secret",
                   "--used-tokens", tmp_path / "used", tmp_path / f"{name}.csv",
                   "-o", tmp_path / f"{name}.enc")  # fmt: skip
        assert done.exit_code == 0, done.output
    first, second = (EncodingSet.load(tmp_path / f"{name}.enc") for name in ("first", "second"))
    assert first.exact["n1-ds"].any()
    assert not second.exact["n1-ds"].any()


def test_over_two_deliveries_no_token_is_used_by_two_records(folder: Path, tmp_path: Path) -> None:
    header, *lines = (folder / "nord.csv").read_text().splitlines()
    twins = [f"twin-{line}" for line in lines[:60]]
    secret = tmp_path / "secret"
    secret.write_bytes((folder / "secret").read_bytes())
    made = []
    for name, part in (("first", lines[:200]), ("second", [*lines[50:], *twins])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "nord.csv").write_text("\n".join([header, *part]) + "\n")
        done = run(None, "encode", "--schema", "salted", "--secret-file", secret,
                   tmp_path / name / "nord.csv", "-o", tmp_path / f"{name}.enc")  # fmt: skip
        assert done.exit_code == 0, done.output
        assert "the next delivery has to find them" in done.stderr
        made.append(EncodingSet.load(tmp_path / f"{name}.enc"))
    for view in made[0].exact:
        held = {
            (int(token), str(record))
            for one in made
            for token, record in zip(one.exact[view], one.record_ids, strict=True)
            if token and view in {salted.name for salted in one.schema.salted}
        }
        assert len({token for token, _ in held}) == len(held)
    assert len(list(tmp_path.glob("secret.nord.*.used"))) == 1
    other = run(None, "encode", "--schema", "salted", "--secret-file", secret, "--project", "p",
                folder / "nord.csv", "-o", tmp_path / "p.enc")  # fmt: skip
    assert other.exit_code == 0, "another project has a memory of its own"


def test_used_tokens_of_a_schema_that_thins_nothing_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    done = run(None, "encode", "--secret-file", folder / "secret", "--used-tokens", tmp_path / "u",
               folder / "nord.csv", "-o", tmp_path / "x")  # fmt: skip
    assert done.exit_code == 2
    assert "thins no view" in done.stderr


@pytest.mark.parametrize("scorer", ["fellegi-sunter", "logistic", "boosting"])
def test_the_scorer_asked_for_judges(folder: Path, tmp_path: Path, scorer: str) -> None:
    done = run(None, "link", "--scorer", scorer, folder / "nord.enc", folder / "sued.enc",
               "-o", tmp_path)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "report.json").read_text())["scorer"] == scorer


def test_an_interrupted_run_goes_on_from_its_tiles(folder: Path, tmp_path: Path) -> None:
    files, tiles = [folder / "nord.enc", folder / "sued.enc"], tmp_path / "tiles"
    made = []
    for name in ("plain", "kept", "resumed"):
        keep: list[str | Path] = [] if name == "plain" else ["--tiles", tiles]
        assert run(None, "link", *files, *keep, "-o", tmp_path / name).exit_code == 0
        made.append((tmp_path / name / "links.csv").read_bytes())
        if name == "kept":
            stored = sorted(tiles.rglob("*.tile"))
            assert stored
            stored[0].unlink()
    assert made[0] == made[1] == made[2]
    assert sorted(tiles.rglob("*.tile")) == stored


def test_reports_show_figures_and_no_record(folder: Path, tmp_path: Path) -> None:
    done = run(None, "link", folder / "nord.enc", folder / "sued.enc", "-o", tmp_path / "out",
               "--report", tmp_path / "r.html", "--report", tmp_path / "r.json")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["histogram"]["links"]
    assert "<svg" in (tmp_path / "r.html").read_text()
    wrong = run(None, "link", folder / "nord.enc", folder / "sued.enc", "-o", tmp_path / "no",
                "--report", tmp_path / "r.pdf")  # fmt: skip
    assert wrong.exit_code == 2
    assert not (tmp_path / "no").exists()


def test_a_scheduler_that_does_not_answer_is_said(folder: Path, tmp_path: Path) -> None:
    done = run(None, "link", folder / "nord.enc", folder / "sued.enc", "-o", tmp_path / "out",
               "--scheduler", "nonsense://nowhere")  # fmt: skip
    assert done.exit_code == 2
    assert "cluster cannot be used" in done.stderr
