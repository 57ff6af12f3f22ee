"""``ttp attack`` and ``ttp advise``: the exit code is the verdict, and the files open without the program."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from linkage import schema
from linkage.encode import Encoder
from linkage.synthetic import generate
from tests.cli.running import heeding_ctrl_c, run


def _encodings(folder: Path, site: str, secret: bytes = b"s" * 32) -> Path:
    people = generate(["nord", "sued"], 220, 0.5, 4)
    path = folder / f"{site}.enc"
    Encoder(schema.load("record"), secret=secret).encode(people.table(site)).save(path)
    return path


def test_plain_filters_fail_and_say_by_which_gate(tmp_path: Path) -> None:
    done = run(None, "attack", "record", "--n", "300", "--attack-n", "200", "-o", tmp_path)
    assert done.exit_code == 1
    assert "A rank" in done.output
    assert "not shown to be protected for 300 records" in done.output
    found = json.loads((tmp_path / "attack.json").read_text())
    assert found["measured_on"] == "twin"
    assert found["passed"] is False
    assert "<svg" in (tmp_path / "attack.html").read_text()


def test_false_comfort_is_told_on_the_screen_and_in_both_files(tmp_path: Path) -> None:
    steps = [{"name": "balance"}, {"name": "randomized-response", "flip": 0.05}]
    weak = {**schema.load("record").document, "hardening": steps}
    (tmp_path / "weak.json").write_text(json.dumps(weak))
    asked = ("attack", tmp_path / "weak.json", "--n", "200", "--attack-n", "200", "-o", tmp_path)
    done = run(None, *asked)
    told = json.loads((tmp_path / "attack.json").read_text())["false_comfort"]
    assert [line.partition(":")[0] for line in told] == ["balance", "randomized-response"]
    assert "epsilon is 2.94 for one bit" in told[1]
    page = (tmp_path / "attack.html").read_text()
    for line in told:
        assert f"false comfort, {line}" in done.stderr
        assert line in page


def test_encodings_of_all_sites_are_audited_together(tmp_path: Path) -> None:
    files = [_encodings(tmp_path, site) for site in ("nord", "sued")]
    done = run(None, "attack", *files, "--n", "300", "--attack-n", "200", "-o", tmp_path)
    assert done.exit_code == 1
    found = json.loads((tmp_path / "attack.json").read_text())
    assert found["measured_on"] == "encodings"
    assert found["rank"]["records"] >= 440
    assert found["n"] == found["rank"]["records"]


def test_a_file_that_is_neither_encodings_nor_a_schema_is_named(tmp_path: Path) -> None:
    for content in (b"", b"record_id,city\n", b"TTPENX2\n\xff\xfe"):
        (tmp_path / "nord.enc").write_bytes(content)
        done = run(None, "attack", tmp_path / "nord.enc")
        assert done.exit_code == 2
        assert "nord.enc: is not JSON" in done.stderr


def test_encodings_of_two_secrets_are_refused(tmp_path: Path) -> None:
    files = [_encodings(tmp_path, "nord"), _encodings(tmp_path, "sued", b"t" * 32)]
    done = run(None, "attack", *files)
    assert done.exit_code == 2
    assert "different linkage secrets" in done.stderr


@pytest.mark.parametrize("layout", ["record", "salted"])
def test_one_file_of_encodings_is_known_as_such_whatever_its_layout(
    tmp_path: Path, layout: str
) -> None:
    path = tmp_path / "nord.enc"
    people = generate(["nord", "sued"], 10, 0.5, 4).table("nord")
    Encoder(schema.load(layout), secret=b"s" * 32).encode(people).save(path)
    path.write_bytes(path.read_bytes()[:40])
    done = run(None, "attack", path)
    assert done.exit_code == 2
    assert "truncated" in done.output


def test_an_interrupted_attack_is_told_from_a_failed_gate(tmp_path: Path) -> None:
    asked = ("attack", "record", "--n", "20000", "-o", str(tmp_path / "out"))
    with subprocess.Popen(
        [sys.executable, "-m", "ttp.cli", *asked],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding_ctrl_c,  # noqa: PLW1509 - the test has no threads
    ) as attack:
        assert attack.stderr is not None
        assert "GiB" in attack.stderr.readline()
        attack.send_signal(signal.SIGINT)
        said = attack.stderr.read()
    assert (attack.returncode, "Traceback" in said) == (130, False), said
    assert not (tmp_path / "out").exists()


def test_an_unknown_policy_is_refused(tmp_path: Path) -> None:
    assert run(None, "attack", "record", "--policy", "lenient").exit_code == 2


def test_advice_without_time_advises_nothing(tmp_path: Path) -> None:
    done = run(None, "advise", "--budget", "0.01", "--n", "300", "--quality-n", "300",
               "--attack-n", "200", "--fields", "given_name", "-o", tmp_path)  # fmt: skip
    assert done.exit_code == 1
    assert "No candidate does with the columns given_name alone" in done.output
    assert json.loads((tmp_path / "advice.json").read_text())["choice"] is None


def test_columns_that_no_candidate_can_do_with_are_told_from_a_failed_gate(tmp_path: Path) -> None:
    done = run(None, "advise", "--fields", "Geburtsdatum,surname", "-o", tmp_path)
    assert done.exit_code == 1
    assert "No candidate does with the columns Geburtsdatum, surname alone" in done.stdout
    assert "No candidate does with" in (tmp_path / "advice.html").read_text()


def test_advice_by_one_policy_is_not_taken_for_advice_by_another_of_its_name(
    tmp_path: Path,
) -> None:
    policy, asked = tmp_path / "protected.json", ["advise", "--budget", "0.01", "--n", "300"]
    asked += ["--quality-n", "300", "--attack-n", "200", "--fields", "given_name"]
    policy.write_text('{"recall": 0.9}')
    done = run(None, *asked, "--policy", policy, "-o", tmp_path / "out")
    assert done.exit_code == 1, done.output
    again = run(None, *asked, "--policy", "protected", "-o", tmp_path / "out")
    assert again.exit_code == 2
    assert "another question" in again.stderr
