"""Step 1: each hospital registers its patients and their consents at its own center, several requests at a time."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import httpx

from ttp.demo.centers import DemoCenter
from ttp.demo.errors import DemoFailed
from ttp.demo.narration import Step
from ttp.demo.stage import PIPELINE, POLICY, SOURCE, Row, Stage, at_once, chunks

RECORDS = 500
STATEMENTS = 2_000
THREADS = 3
"""Requests under way at each center."""
NOT_SENT = ("person", "consent")
VALID_FROM, VALID_TO = "2024-01-01", "2054-01-01"


def register_patients(stage: Stage, step: Step) -> None:
    """Register all patients of both hospitals at once, over HTTP."""
    rows = {site.name: stage.patients(site.name) for site in stage.sites}
    step.expect(sum(map(len, rows.values())))
    at_once(
        [partial(_register_site, stage, step, site, rows[site.name]) for site in stage.sites],
        threads=len(stage.sites),
    )


def record_consents(stage: Stage, step: Step) -> None:
    """Record one statement per patient: permitted, or refused as about eight in a hundred do."""
    rows = {site.name: stage.patients(site.name) for site in stage.sites}
    step.expect(sum(map(len, rows.values())))
    for site in stage.sites:
        _consent_site(stage, step, site, rows[site.name])


def _register_site(stage: Stage, step: Step, site: DemoCenter, rows: list[Row]) -> None:
    outcomes: Counter[str] = Counter()
    with site.http(PIPELINE) as http:
        calls = [partial(_register, http, step, part) for part in chunks(rows, RECORDS)]
        for counted in at_once(calls, threads=THREADS):
            outcomes.update(counted)
    stage.figures.setdefault("registration", {})[site.name] = dict(outcomes)
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
    step.say(f"{site.name}: {told}")


def _register(http: httpx.Client, step: Step, rows: list[Row]) -> Counter[str]:
    records = [{name: value for name, value in row.items() if _sent(name, value)} for row in rows]
    answer = post(http, "/api/v1/identities", {"source": SOURCE, "records": records})
    step.advance(len(rows))
    return Counter(result.get("outcome", "refused") for result in answer["results"])


def _sent(name: str, value: str | None) -> bool:
    return name not in NOT_SENT and value is not None


def _consent_site(stage: Stage, step: Step, site: DemoCenter, rows: list[Row]) -> None:
    results: Counter[str] = Counter()
    with site.http(PIPELINE) as http:
        for part in chunks(rows, STATEMENTS):
            statements = [_statement(row) for row in part]
            answer = post(http, "/api/v1/consents", {"source": SOURCE, "statements": statements})
            for row, result in zip(part, answer["results"], strict=True):
                results[str(row["consent"]) if result.get("recorded") else "refused"] += 1
            step.advance(len(part))
    stage.figures.setdefault("consents", {})[site.name] = dict(results)
    step.say(f"{site.name}: {results['permit']:,} permit, {results['deny']:,} deny")


def _statement(row: Row) -> dict[str, str | None]:
    return {
        "record_id": row["record_id"],
        "policy": POLICY,
        "provision": row["consent"],
        "valid_from": VALID_FROM,
        "valid_to": VALID_TO,
    }


def post(http: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send JSON, give the JSON answered.

    Raises:
        DemoFailed: the center did not answer with 2xx; its problem is told.
    """
    response = http.post(path, json=body)
    if not response.is_success:
        raise DemoFailed(f"{path} answered {response.status_code}: {response.text[:300]}")
    answer: dict[str, Any] = response.json()
    return answer
