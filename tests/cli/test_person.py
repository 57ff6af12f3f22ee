"""``ttp person``: records are looked up, rest, are preferred and deleted; a data subject is answered into a file."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from tests.builders import make_center
from tests.services.patients import patient, registered
from ttp.cli.person import person
from ttp.connecting import connect
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.services.approvals.decide_approval import decide_approval

ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", record_id="17")


@pytest.fixture
def center(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Center:
    made = make_center(tmp_path)
    for module in ("person", "subject_access"):
        monkeypatch.setattr(f"ttp.cli.{module}.center_of", lambda _: made)
    registered(made, ANNA, ANNA | {"record_id": "18"})
    return made


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(person, arguments)


def test_a_record_is_looked_up_rests_and_comes_back(center: Center) -> None:
    shown = _run("lookup", "kis", "17").stdout
    assert shown.count("active") == 2
    assert "Lehmann" not in shown
    assert _run("deactivate", "kis", "17", "--reason", "wish").stdout == "1 deactivated\n"
    assert "inactive" in _run("lookup", "kis", "18").stdout
    assert _run("reactivate", "kis", "17", "--reason", "mistake").stdout == "1 reactivated\n"
    assert center.name


def test_sources_have_an_order_and_a_record_can_be_preferred(center: Center) -> None:
    assert "kis" in _run("sources", "labor", "kis").stdout
    assert _run("prefer", "kis", "17").stdout == "1 changed\n"
    assert _run("prefer", "kis", "17").stdout == "0 changed\n"
    assert center.name


def test_a_deletion_gives_a_receipt(center: Center) -> None:
    asked = _run("delete", "kis", "17", "18", "--reason", "wish", "--note", "Brief")
    receipt = json.loads(_run("receipt", asked.stdout.strip()).stdout)
    assert receipt["identities"] == 2
    assert _run("lookup", "kis", "17").stdout.count("active") == 0
    assert center.name


def test_a_data_subject_is_answered_into_a_new_file_once(center: Center, tmp_path: Path) -> None:
    asked = _run("ask-access", "kis", "17", "--note", "Brief").stdout.strip()
    target = tmp_path / "auskunft.html"
    assert _run("access", "--approval", asked, "-o", str(target)).exit_code != 0
    assert not target.exists()
    decide_approval(center, connect(center), OPERATOR, approval_id=UUID(asked), approve=True)
    done = _run("access", "--approval", asked, "-o", str(target))
    assert (done.exit_code, done.output) == (0, "")
    assert "Lehmann" in target.read_text("utf-8")
    assert target.stat().st_mode & 0o077 == 0
    assert _run("access", "--approval", asked, "-o", str(tmp_path / "again")).exit_code != 0


def test_the_stock_is_matched_again(center: Center) -> None:
    assert _run("dedupe").stdout == "2 records: 0 linked, 0 questions\n"
    assert "A worker will do it" in _run("dedupe", "--later").stdout
    assert center.name


def test_an_unknown_record_changes_nothing(center: Center) -> None:
    refused = _run("deactivate", "kis", "17", "nobody", "--reason", "wish")
    assert refused.exit_code != 0
    assert _run("lookup", "kis", "17").stdout.count(" active") == 2
    assert center.name
