"""The page of keys: who may see and do what there, from a rotation to the receipt of a destruction."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from keys.keyring import KeyState, Purpose
from tests.builders import make_center, make_domain
from tests.pages.people import Browser, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.rotation import RotationState
from ttp.services.custody.destroy_keys import approve_destruction
from ttp.services.custody.rotate_keys import advance_rotations, list_rotations
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms

LINK = re.compile(r'href="(/keys/receipts/[0-9a-f-]{36})"')
BACKUP = re.compile(r'action="(/keys/backups/[0-9a-f-]{36})"')


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, alone=False)
    for role in (Role.STEWARD, Role.AUDITOR, Role.CLERK):
        make_person(made, role)
    make_domain(made, "diz")
    made.work.run(
        lambda tx: issue_pseudonyms(made, tx, OPERATOR, domain_name="diz", originals=["p1"])
    )
    return made


def _text(browser: Browser, **query: str) -> str:
    return html.unescape(browser.get("/keys", **query).text)


def _finish_rotations(center: Center) -> None:
    while advance_rotations(center, holder="test"):
        pass


def _rows(text: str) -> int:
    return text.split('id="rotations"')[1].split("</section>")[1].count('<td class="numeric">')


def test_auditors_see_keys_and_change_nothing(center: Center) -> None:
    auditor = Browser(center, "auditor")
    text = _text(auditor)
    assert "Blinder Index" in text
    assert "bestanden" in text
    assert "/keys/rotate" not in text
    for path in ("/keys/rotate", "/keys/destroy", "/keys/backups"):
        assert auditor.post(path, purpose="index", scope="diz", sure="on").status_code == 403


def test_clerks_see_no_keys_unless_they_read_the_log(center: Center) -> None:
    may = Browser(center, "clerk").get("/keys").status_code
    assert may == Browser(center, "clerk").get("/audit").status_code


def test_no_key_stands_on_the_page(center: Center) -> None:
    text = _text(Browser(center, "steward"))
    for info in center.keyring.all_versions():
        secret = center.keyring.at(info.purpose, info.domain, info.version).secret
        assert secret.hex() not in text


def test_versions_are_filtered_by_purpose_scope_and_state(center: Center) -> None:
    steward = Browser(center, "steward")
    center.keyring.rotate(Purpose.SESSION)
    everything = len(center.keyring.all_versions())
    assert _rows(_text(steward)) == everything
    assert _rows(_text(steward, scope="diz")) == sum(
        info.domain == "diz" for info in center.keyring.all_versions()
    )
    assert _rows(_text(steward, purpose="session")) == 2
    assert _rows(_text(steward, purpose="session", state="retired")) == 1
    assert _rows(_text(steward, scope="-", purpose="index")) == 0


def test_versions_are_paged(center: Center) -> None:
    steward = Browser(center, "steward")
    for number in range(60):
        center.keyring.ensure(Purpose.SEAL, f"d{number}")
    assert _rows(_text(steward, purpose="seal")) == 50
    following = re.search(r'rel="next" href="([^"]+)"', steward.get("/keys?purpose=seal").text)
    assert following is not None
    text = html.unescape(steward.get(html.unescape(following[1])).text)
    assert _rows(text) == len(center.keyring.all_versions()) - _others(center) - 50


def _others(center: Center) -> int:
    return sum(info.purpose is not Purpose.SEAL for info in center.keyring.all_versions())


def test_a_rotation_is_started_paused_resumed_and_shown_with_its_progress(center: Center) -> None:
    steward = Browser(center, "steward")
    assert steward.post("/keys/rotate", purpose="seal", scope="diz").status_code == 303
    rotation = center.work.run(lambda tx: list_rotations(tx, OPERATOR), write=False)[0]
    path = f"/keys/rotations/{rotation.id}"
    assert 'hx-trigger="every 2s"' in _text(steward)
    assert steward.post(path, act="pause").status_code == 303
    assert "angehalten" in _text(steward)
    assert 'hx-trigger="every 20s"' in _text(steward)
    assert steward.post(path, act="resume").status_code == 303
    _finish_rotations(center)
    done = center.work.run(lambda tx: tx.rotations.get(rotation.id), write=False)
    assert done.state is RotationState.DONE
    assert "1 von 1 Zeilen" in _text(steward)
    assert steward.post(path, act="pause").status_code == 409


@pytest.mark.parametrize(
    "form", [{"purpose": "nothing"}, {"purpose": "token", "scope": "diz"}, {"purpose": ""}]
)
def test_what_cannot_be_rotated_is_refused(center: Center, form: dict[str, str]) -> None:
    assert Browser(center, "steward").post("/keys/rotate", **form).status_code == 422


def test_a_retired_version_goes_by_a_second_persons_will_and_its_receipt_counts_copies(
    center: Center,
) -> None:
    steward = Browser(center, "steward")
    steward.post("/keys/rotate", purpose="seal", scope="diz")
    _finish_rotations(center)
    copy = steward.post("/keys/backups")
    assert copy.data == center.keyring.sealed_copy()[1]
    assert "attachment" in copy.headers["Content-Disposition"]
    form = {"purpose": "seal", "scope": "diz", "version": "1"}
    assert steward.post("/keys/destroy", **form).status_code == 422
    assert steward.post("/keys/destroy", **form, sure="on").status_code == 303
    assert center.keyring.versions(Purpose.SEAL, "diz")[0].state is KeyState.RETIRED
    asked = center.work.run(lambda tx: tx.destructions.all(), write=False)[0]
    approve_destruction(center, OPERATOR, destruction_id=asked.id)
    assert "1 Kopien bestehen noch" in _text(steward)
    link = LINK.findall(_text(steward))[0]
    assert json.loads(steward.get(link).data)["complete"] is False
    disposal = BACKUP.findall(_text(steward))[0]
    assert steward.post(disposal).status_code == 422
    assert steward.post(disposal, sure="on").status_code == 303
    assert json.loads(steward.get(link).data)["complete"] is True
    assert "vollständig" in _text(steward)


def test_a_receipt_is_for_those_who_read_the_log(center: Center) -> None:
    steward = Browser(center, "steward")
    steward.post("/keys/destroy", scope="diz", sure="on")
    asked = center.work.run(lambda tx: tx.destructions.all(), write=False)[0]
    assert steward.get(f"/keys/receipts/{asked.id}").status_code == 409
    assert "wartet" in _text(steward).lower() or "offen" in _text(steward).lower()
