"""Farewell: what happened in one table, and how to go on: addresses, logins, and lines that work when pasted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from ttp.config import TRUST_FILE
from ttp.demo.centers import COMMAND, STAFF, DemoCenter
from ttp.demo.releasing import desk_of
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
    console.print("\n[bold]Log in[/] (account and password)")
    for center in stage.centers.values():
        console.print(f"  {center.name:<12}{center.url}", highlight=False)
        for account in STAFF:
            console.print(f"    {account:<16}{center.passwords[account]}", highlight=False)
    console.print("\n[bold]Try in another terminal[/]")
    for line in [*examples(stage.centers[NORD]), *offline(stage)]:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print("\nCtrl-C ends the three centers.", style="bold")


def offline(stage: Stage) -> list[str]:
    """What a researcher and an auditor run on machines of their own."""
    desk, linking = desk_of(stage), stage.federated
    archive, trust = desk.archive(stage.figures["release"]["version"]), linking.home / TRUST_FILE
    log = stage.directory / f"{linking.name}.log"
    return [
        "# the researcher: is the release genuine, and what is in it?",
        shlex.join([COMMAND, "release", "verify", str(archive), "--trust", str(trust)]),
        shlex.join(
            [COMMAND, "release", "open", str(archive), "-i", str(desk.key_file), "-o", "ids.csv"]
        ),
        "# the auditor: was anything in the log changed?",
        shlex.join([COMMAND, "audit", "verify", str(log), "--trust", str(trust)]),
    ]


def examples(center: DemoCenter) -> list[str]:
    """Lines that work when they are pasted into a shell."""
    issue = {"originals": ["NORD-000001", "a-new-patient"], "create": True}
    return [
        "# two pseudonyms: one is known, one is drawn",
        _curl(center, f"/api/v1/domains/{DIZ}/pseudonyms", issue),
        "# the same by the national FHIR interface",
        _curl(center, "/fhir/$pseudonymize", FHIR, kind="application/fhir+json"),
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
