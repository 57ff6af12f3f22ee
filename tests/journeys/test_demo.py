"""The demonstration does the main job from end to end: three served centers, and what they show is true."""

from __future__ import annotations

import csv
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

PATIENTS = 300
COMMAND = [sys.executable, "-m", "ttp.cli", "demo"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The directory and the report of one small run."""
    folder = tmp_path_factory.mktemp("demo")
    report, directory = folder / "report.json", folder / "centers"
    command = [*COMMAND, "--once", "--patients", str(PATIENTS), "--report", str(report)]
    done = subprocess.run(
        [*command, "--directory", str(directory)],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return directory, json.loads(report.read_text())


Told = tuple[Path, dict[str, Any]]


def test_all_patients_are_registered_and_have_a_pseudonym_each(told: Told) -> None:
    _, figures = told
    assert figures["patients"] == figures["pseudonyms"]["diz"]
    assert all(count >= PATIENTS for count in figures["patients"].values())


def test_only_those_who_consented_are_submitted_and_every_pair_is_compared(told: Told) -> None:
    _, figures = told
    nord, sued = (figures["submitted"][site]["new"] for site in ("nord", "sued"))
    assert 0 < nord < figures["patients"]["nord"]
    assert figures["linkage"]["compared"] >= nord * sued


def test_linkage_and_registration_find_who_is_who(told: Told) -> None:
    _, figures = told
    before, after = figures["quality"]["before_review"], figures["quality"]["after_review"]
    assert before["foederiert"]["f1"] >= 0.95
    assert all(after[site]["f1"] >= 0.8 for site in after)


def test_the_same_patient_has_the_same_project_pseudonym_at_both_sites(told: Told) -> None:
    _, figures = told
    back = figures["project_pseudonyms"]
    assert back["same_person_at_both_sites"] > 0
    assert back["same_pseudonym"] >= 0.95 * back["same_person_at_both_sites"]


def test_the_release_is_verified_opened_and_holds_one_row_per_person(told: Told) -> None:
    directory, figures = told
    assert figures["release"]["verified"]
    with (directory / "researcher" / "ids.csv").open(newline="") as file:
        pseudonyms = [row["project_pseudonym"] for row in csv.DictReader(file)]
    assert len(set(pseudonyms)) == len(pseudonyms) == figures["release"]["persons"]


def test_three_audit_logs_are_verified_and_co_signed_by_the_others(told: Told) -> None:
    _, figures = told
    names = set(figures["audit"])
    assert names == {"nord", "sued", "foederiert"}
    for name, log in figures["audit"].items():
        assert log["verified"]
        assert set(log["witnesses"]) == names - {name}


def test_the_linking_center_holds_no_name_and_no_secret(told: Told) -> None:
    """Neither the database nor any log of it contains a surname or an insurance number in clear."""
    directory, _ = told
    files = [file for file in (directory / "foederiert").rglob("*") if file.is_file()]
    held = b"".join(file.read_bytes() for file in files)
    assert len(held) > 1_000_000
    for word in (b"Schmidt", "Müller".encode(), b"NORD-0000"):
        assert word not in held


def test_no_server_is_left_behind(told: Told) -> None:
    directory, _ = told
    assert _processes_about(directory) == []


def _processes_about(directory: Path) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(directory) in word for word in process.info["cmdline"] or ())
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_in_the_middle_it_leaves_no_server_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    directory = tmp_path / "demo"
    command = [*COMMAND, "--once", "--patients", "50", "--directory", str(directory)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    while "Start three centers" not in running.stdout.readline():
        assert running.poll() is None
    running.send_signal(number)
    running.communicate(timeout=60)
    assert _processes_about(directory) == []


def test_a_taken_port_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port), "--directory", str(tmp_path / "demo")],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert f"Port {port} is in use" in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = subprocess.run(
        [*COMMAND, "--once", "--directory", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
