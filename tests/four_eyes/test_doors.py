"""The same at every door: API, pages and command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from tests.cli.running import made, run
from tests.four_eyes.office import ANNA, BERT, Office
from tests.pages.people import Browser
from ttp.core.access import Role
from ttp.services.access.break_glass import break_glass
from ttp.services.access.request_role import request_role

V1 = "/api/v1"


def _ask(office: Office) -> dict[str, Any]:
    return {
        "domain": "diz",
        "pseudonyms": office.tokens[:2],
        "purpose": "finding",
        "reason": "urgent",
    }


def test_a_program_asks_a_person_approves_and_the_program_is_told_once(small: Office) -> None:
    http, headers = make_http(small.center), bearer(make_key(small.center, "diz", resolve=False))
    asked = http.post(f"{V1}/re-identifications", json=_ask(small), headers=headers).get_json()
    one = f"{V1}/approvals/{asked['id']}"
    carry_out = f"{V1}/re-identifications/{asked['id']}/carry-out"
    assert http.post(carry_out, headers=headers).get_json()["code"] == "approval-closed"
    assert http.post(f"{one}/approve", json={}, headers=headers).status_code == 403
    small.decide(BERT, UUID(asked["id"]))
    assert http.get(one, headers=headers).get_json()["state"] == "approved"
    once = {**headers, "Idempotency-Key": "k1"}
    first = http.post(carry_out, headers=once)
    assert [row["originals"] for row in first.get_json()["results"]] == [["0012"], ["0013"]]
    assert http.post(carry_out, headers=once).get_json() == first.get_json()
    assert http.post(carry_out, headers=headers).status_code == 409


def test_a_program_sees_and_withdraws_its_own_requests_only(small: Office) -> None:
    http, headers = make_http(small.center), bearer(make_key(small.center, "diz", resolve=False))
    own = http.post(f"{V1}/re-identifications", json=_ask(small), headers=headers).get_json()
    other = small.run(request_role, ANNA, name="clara", role=Role.STEWARD)
    assert other is not None
    listed = http.get(f"{V1}/approvals", headers=headers).get_json()
    assert [one["id"] for one in listed["approvals"]] == [own["id"]]
    assert http.get(f"{V1}/approvals/{other.id}", headers=headers).status_code == 404
    assert http.post(f"{V1}/approvals/{other.id}/withdraw", headers=headers).status_code == 403
    gone = http.post(f"{V1}/approvals/{own['id']}/withdraw", headers=headers).get_json()
    assert gone["state"] == "withdrawn"


def test_lists_are_filtered_and_paged_without_gap(small: Office) -> None:
    http, headers = make_http(small.center), bearer(make_key(small.center, "diz", resolve=False))
    ids = []
    for _ in range(5):
        small.clock.skip(seconds=1)
        asked = http.post(f"{V1}/re-identifications", json=_ask(small), headers=headers)
        ids.append(asked.get_json()["id"])
    http.post(f"{V1}/approvals/{ids[0]}/withdraw", headers=headers)
    seen, query = [], {"limit": "2", "state": "open"}
    while True:
        page = http.get(f"{V1}/approvals", headers=headers, query_string=query).get_json()
        seen += [one["id"] for one in page["approvals"]]
        if page["before"] is None:
            break
        query["before"] = page["before"]
    assert seen == ids[:0:-1]
    for wrong in ({"state": "lost"}, {"limit": "0"}, {"before": "x"}, {"kind": "y"}):
        response = http.get(f"{V1}/approvals", headers=headers, query_string=wrong)
        assert response.status_code == 422


def test_pages_lead_from_the_request_to_the_answer(small: Office) -> None:
    clerk, steward = Browser(small.center, "clara"), Browser(small.center, "bert")
    form = {"domain": "diz", "pseudonyms": "\n".join(small.tokens), "purpose": "finding"}
    sent = clerk.post("/re-identification", **form, reason="Frau Petersen wartet")
    path = sent.headers["Location"]
    assert "Frau Petersen wartet" in steward.get(path).text
    assert 'value="approve"' not in clerk.get(path).text
    assert steward.post(path, answer="approve").status_code == 303
    told = clerk.post(f"{path}/carry-out")
    assert all(original in told.text for original in ("0012", "0013", "0014"))
    assert told.headers["Cache-Control"] == "no-store"
    assert clerk.post(f"{path}/carry-out").status_code == 409
    assert path in clerk.get("/approvals", state="carried-out").text
    assert path not in clerk.get("/approvals", state="open").text


def test_an_overdue_review_stands_on_every_page_of_a_steward_until_it_is_answered(
    small: Office,
) -> None:
    told = small.run(break_glass, ANNA, domain="diz", pseudonyms=small.tokens, reason="r")
    small.clock.skip(hours=72)
    steward, clerk = Browser(small.center, "bert"), Browser(small.center, "clara")
    banner = "1 Notfallzugriff wartet"
    assert banner in steward.get("/help").text
    assert banner not in clerk.get("/help").text
    path = f"/approvals/{told.approval}"
    assert steward.post(path, answer="approve").status_code == 422
    assert steward.post(path, answer="refuse", comment="disproportionate").status_code == 303
    assert banner not in steward.get("/help").text


def test_the_emergency_page_warns_and_answers_at_once(small: Office) -> None:
    steward = Browser(small.center, "anna")
    assert "72 Stunden" in steward.get("/break-glass").text
    form = {"domain": "diz", "pseudonyms": small.tokens[0], "reason": "reanimation"}
    assert "0012" in steward.post("/break-glass", **form).text
    assert Browser(small.center, "clara").get("/break-glass").status_code == 403


def test_the_command_line_asks_decides_and_carries_out(tmp_path: Path) -> None:
    home = made(tmp_path / "home", "diz")
    for name in ("anna", "bert"):
        (tmp_path / "password").write_text("correct horse battery\n")
        file = ("--password-file", tmp_path / "password")
        assert run(home, "staff", "create", name, "--role", "steward", *file).exit_code == 0
    waiting = run(home, "staff", "create", "dora", "--role", "auditor", *file)
    approval = re.findall(r"approval approve (\S+)", waiting.stderr)[0]
    assert "dora" not in run(home, "staff", "list").stdout
    assert run(home, "approval", "approve", approval).exit_code == 2
    secret = {"TTP_PASSWORD": "correct horse battery"}
    done = run(home, "approval", "approve", approval, "--as", "bert", **secret)
    assert done.stdout == "role: carried-out\n"
    assert "dora" in run(home, "staff", "list").stdout
    key = run(home, "client", "create", "etl", "--role", "pipeline", "--domain", "diz")
    assert "waits for a second person" in key.stderr
    grant = re.findall(r"approval approve (\S+)", key.stderr)[0]
    assert "grant" in run(home, "approval", "list", "--state", "open").stdout
    assert "daily_budget" in run(home, "approval", "show", grant).stdout
    assert run(home, "approval", "withdraw", grant).stdout == "grant: withdrawn\n"
    (tmp_path / "tokens").write_text("0" * 16 + "\n")
    ask = ("diz", tmp_path / "tokens", "--purpose", "finding", "--reason", "urgent")
    asked = run(home, "re-identify", "request", *ask, "--as", "anna", **secret).stdout.strip()
    assert run(home, "approval", "refuse", asked, "--as", "bert", **secret).exit_code == 0
    late = run(home, "re-identify", "carry-out", asked, "--as", "anna", **secret)
    assert late.exit_code == 2
    told = run(
        home, "re-identify", "break-glass", "diz", tmp_path / "tokens", "--reason", "r",
        "--as", "anna", **secret,
    )  # fmt: skip
    assert '"error": "unknown-pseudonym"' in told.stdout


def test_in_demo_mode_a_grant_stands_at_once(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    make_domain(center)
    headers = bearer(make_key(center, "diz"))
    http = make_http(center)
    body = {"pseudonyms": ["0" * 16]}
    assert http.post(f"{V1}/domains/diz/resolve", json=body, headers=headers).status_code == 200
