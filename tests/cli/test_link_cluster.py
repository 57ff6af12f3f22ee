"""``ttp link --scheduler`` gives what ``ttp link`` gives, also when a worker is killed; ``--duplicates`` merges."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import distributed
import pytest

from linkage.synthetic import MODERATE, generate
from tests.cli.running import run

SITES = ("nord", "sued")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites whose patients were often registered twice, encoded with one filter a record."""
    path = tmp_path_factory.mktemp("cluster")
    generate(SITES, 1500, 0.6, 5, replace(MODERATE, duplicate=0.1)).write_csv(path)
    (path / "secret").write_text("0123456789abcdef\n")
    for site in SITES:
        done = run(None, "encode", "--secret-file", path / "secret", path / f"{site}.csv",
                   "-o", path / f"{site}.enc")  # fmt: skip
        assert done.exit_code == 0, done.output
    return path


@pytest.fixture
def workers() -> Iterator[Any]:
    """A scheduler on loopback and two worker processes."""
    options = {"dashboard_address": None, "silence_logs": 50, "host": "127.0.0.1"}
    start: Any = distributed.LocalCluster
    with start(n_workers=2, threads_per_worker=1, processes=True, **options) as started:
        yield started


def linked(folder: Path, out: Path, *options: str) -> dict[str, bytes]:
    files = [folder / f"{site}.enc" for site in SITES]
    done = run(None, "link", *options, *files, "-o", out)
    assert done.exit_code == 0, done.output
    return {name: (out / name).read_bytes() for name in ("links.csv", "clusters.csv")}


def test_the_command_links_alike_on_a_cluster_that_loses_a_worker(
    folder: Path, tmp_path: Path, workers: Any
) -> None:
    alone = linked(folder, tmp_path / "alone", "--engine", "numpy")
    address = ("--engine", "numpy", "--scheduler", str(workers.scheduler_address))
    assert linked(folder, tmp_path / "both", *address) == alone
    victim = next(iter(workers.workers.values())).pid
    gone = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
    gone.start()
    assert linked(folder, tmp_path / "one", *address) == alone
    gone.join()
    report = json.loads((tmp_path / "one" / "report.json").read_text())
    assert report["engine"] == "numpy on dask"


def test_a_source_named_as_one_with_duplicates_is_merged(folder: Path, tmp_path: Path) -> None:
    linked(folder, tmp_path / "told", "--duplicates", "nord")
    rows = (tmp_path / "told" / "links.csv").read_text().splitlines()[1:]
    inside = [row for row in rows if row.startswith("nord,") and ",nord," in row]
    assert len(inside) > 75
    assert not any(row.startswith("sued,") and ",sued," in row for row in rows)
    report = json.loads((tmp_path / "told" / "report.json").read_text())
    assert report["duplicates"]["pairs"] == len(inside)


def test_duplicates_of_a_source_that_is_not_there_are_refused(folder: Path, tmp_path: Path) -> None:
    files = [folder / f"{site}.enc" for site in SITES]
    done = run(None, "link", "--duplicates", "ost", *files, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "No input is named 'ost'" in done.stderr
    assert not (tmp_path / "out").exists()
