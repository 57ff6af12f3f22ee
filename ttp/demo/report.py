"""The report: the figures of one run, as JSON for programs and as a few lines for people."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

from ttp import __version__
from ttp.demo.memory import MemoryWatch
from ttp.demo.stage import SITES, Stage

REPORT_VERSION = 1
_MB = 1_000_000


def finish_report(stage: Stage, seconds: Mapping[str, float], watch: MemoryWatch) -> dict[str, Any]:
    """The figures of all steps with time, memory and machine."""
    figures: dict[str, Any] = {
        "version": REPORT_VERSION,
        "program": __version__,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "patients": {site: len(stage.population.sites[site]) for site in SITES},
        **stage.figures,
        "seconds": {**seconds, "total": round(sum(seconds.values()), 2)},
        "memory": {
            "peak_pss_bytes": watch.peak_bytes,
            "processes": watch.peak_processes,
        },
    }
    return figures


def told(figures: Mapping[str, Any]) -> dict[str, str]:
    """The figures as people read them."""
    rows = {
        "Patients registered": _each(figures["patients"]),
        "DIZ pseudonyms": _each(figures["pseudonyms"]["diz"]),
    }
    rows["Seconds"] = f"{figures['seconds']['total']:.0f}"
    rows["Memory of all processes"] = f"{figures['memory']['peak_pss_bytes'] / _MB:,.0f} MB"
    return rows


def _each(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
