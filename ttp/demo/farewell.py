"""Farewell: what happened in one table, and how to go on: addresses, logins, and lines that work when pasted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from ttp.demo.centers import STAFF, DemoCenter
from ttp.demo.stage import DIZ, NORD, PIPELINE, Stage

FHIR = {
    "resourceType": "Parameters",
    "parameter": [
        {"name": "context", "valueIdentifier": {"value": DIZ}},
        {"name": "original", "valueIdentifier": {"value": "NORD-000001"}},
    ],
}


def show_figures(console: Console, rows: Mapping[str, str]) -> None:
    """Print what happened."""
    table = Table(title="What happened", title_justify="left", show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)


def show_ways_on(console: Console, stage: Stage) -> None:
    """Print addresses, logins and examples."""
    table = Table(title="Log in", title_justify="left")
    for heading in ("center", "address", "account", "password"):
        table.add_column(heading, no_wrap=True)
    for center in stage.centers.values():
        for account in STAFF:
            table.add_row(center.name, center.url, account, center.passwords[account])
    console.print(table)
    console.print("[bold]Try in another terminal[/]")
    for line in examples(stage.centers[NORD]):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print("\nCtrl-C ends the three centers.", style="bold")


def examples(center: DemoCenter) -> list[str]:
    """Lines that work when they are pasted into a shell."""
    issue = {"originals": ["NORD-000001", "a-new-patient"], "create": True}
    return [
        "# two pseudonyms: one is known, one is drawn",
        _curl(center, f"/api/v1/domains/{DIZ}/pseudonyms", issue),
        "# the same by the national FHIR interface",
        _curl(center, "/fhir/$pseudonymizeAllowCreate", FHIR, kind="application/fhir+json"),
        "# is the center ready, and how long is its audit log?",
        f"curl -s {center.url}/readyz",
    ]


def _curl(
    center: DemoCenter, path: str, body: Mapping[str, Any], *, kind: str = "application/json"
) -> str:
    words = [
        "curl",
        "-s",
        f"{center.url}{path}",
        "-H",
        f"Authorization: Bearer {center.keys[PIPELINE]}",
        "-H",
        f"Content-Type: {kind}",
        "-d",
        json.dumps(body),
    ]
    return shlex.join(words)
