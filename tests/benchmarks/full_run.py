"""The last run of all tests with full counts, recorded where the other figures are: what ran, what failed, how long.

``make test-full`` calls it with the report that pytest wrote (JUnit's XML); a run with failures is recorded as such.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.benchmarks.__main__ import publish
from tests.scale import TEST_SCALE


def figures(report: Path) -> Mapping[str, object]:
    """The counts of a report, its duration in minutes, and the commit that was tested."""
    suites = [*ET.parse(report).getroot().iter("testsuite")]  # noqa: S314 - just written by pytest

    def total(name: str) -> int:
        return sum(int(suite.get(name, 0)) for suite in suites)

    failed = total("failures") + total("errors")
    return {
        "commit": _commit(),
        "scale of counts": TEST_SCALE,
        "passed": total("tests") - failed - total("skipped"),
        "failed": failed,
        "skipped": total("skipped"),
        "minutes": round(sum(float(suite.get("time", 0)) for suite in suites) / 60, 1),
    }


def _commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    publish("make test-full", figures(Path(sys.argv[1])))
