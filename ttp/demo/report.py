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
    linkage, back, release = (
        figures[name] for name in ("linkage", "project_pseudonyms", "release")
    )
    quality, memory = figures["quality"], figures["memory"]["peak_pss_bytes"] / _MB
    return {
        "Patients registered": _each(figures["patients"]),
        "DIZ pseudonyms": _each(figures["pseudonyms"]["diz"]),
        "Submitted with consent": _each(
            {site: counts["patients"] for site, counts in figures["submitted"].items()}
        ),
        "Pairs of encodings compared": f"{linkage['compared']:,}",
        "Links, possible matches": f"{linkage['matches']:,}, {linkage['possible']:,}",
        "Cases decided, left open": "; ".join(
            f"{name} {one['cases']}, {one['left_open']}" for name, one in figures["review"].items()
        ),
        "F1 before review": _quality(quality["before_review"]),
        "F1 after review": _quality(quality["after_review"]),
        "Same patient, same pseudonym": (
            f"{back['same_pseudonym']:,} of {back['same_person_at_both_sites']:,}"
        ),
        "Released, verified, opened": f"{release['persons']:,} persons",
        "Audit logs verified": _each(
            {name: one["leaves"] for name, one in figures["audit"].items()}
        ),
        "Time": f"{figures['seconds']['total']:.0f} s",
        "Memory of all processes": f"{memory:,.0f} MB",
    }


def _each(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _quality(centers: Mapping[str, Mapping[str, float]]) -> str:
    return ", ".join(f"{name} {one['f1']:.3f}" for name, one in centers.items())
