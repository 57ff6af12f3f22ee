"""Step 9: the centers co-sign each other's logs; each log is exported and verified by a program that asks no center."""

from __future__ import annotations

import re
from functools import partial

from ttp.config import TRUST_FILE
from ttp.demo.centers import DemoCenter
from ttp.demo.commands import ttp
from ttp.demo.narration import Step
from ttp.demo.stage import Stage, at_once
from ttp.initializing import write_trust
from ttp.services.peers.collect_cosignatures import collect_cosignatures


def audit(stage: Stage, step: Step) -> None:
    """Collect co-signatures, then export and verify every log against the center's trust file."""
    step.expect(2 * len(stage.centers))
    for center in stage.centers.values():
        collect_cosignatures(center.center, center.peers)
        write_trust(center.home, center.center)
        step.advance()
    centers = list(stage.centers.values())
    calls = [partial(_verify, stage, center) for center in centers]
    verified = at_once(calls, threads=len(calls))
    for center, (leaves, witnesses) in zip(centers, verified, strict=True):
        figures = {"verified": True, "leaves": leaves, "witnesses": witnesses}
        stage.figures.setdefault("audit", {})[center.name] = figures
        step.advance()
        seen = " and ".join(witnesses)
        step.say(f"{center.name}: {leaves:,} leaves verified, co-signed by {seen}")


def _verify(stage: Stage, center: DemoCenter) -> tuple[int, list[str]]:
    """Export and verify a log; give the number of its leaves and who co-signed it."""
    file = stage.directory / f"{center.name}.log"
    ttp("--home", center.home, "audit", "export", file)
    told = ttp("audit", "verify", file, "--trust", center.home / TRUST_FILE)
    leaves = re.search(r"([\d,]+) leaves", told)
    witnesses = set(re.findall(r"Witnessed by treuhandstelle/(\S+)", told))
    return int(leaves[1].replace(",", "")) if leaves else 0, sorted(witnesses)
