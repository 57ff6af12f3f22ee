"""Pictures of the frontier, drawn from the table in docs/attack.md: ``python -m tests.docs.frontier_pictures``."""

from pathlib import Path

from linkage.attack.advice import Finding
from linkage.attack.advice_report import drawings
from linkage.attack.chart import standalone
from linkage.schema import SchemaFingerprint

DOCS = Path(__file__).parents[2] / "docs"
HEAD = "| candidate | F1 | precision |"
PASSED = ("salted",)
"""Candidates whose attacks were run and held: all four gates passed (the table below the frontier's)."""


def findings() -> list[Finding]:
    """The rows of the table."""
    lines = (DOCS / "attack.md").read_text("utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(HEAD)) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [_finding(row) for row in rows]


def pictures() -> dict[Path, str]:
    """Files and what they hold."""
    drawn = drawings(findings())
    return {
        DOCS / "images" / f"frontier-{name}.svg": standalone(svg) for name, svg in drawn.items()
    }


def _finding(row: list[str]) -> Finding:
    name, f1, precision, recall, bits, speed, index, rank, *_ = row
    passed = "passed" if name in PASSED else "not measured"
    return Finding(
        name=name,
        fingerprint=SchemaFingerprint(name),
        bits=int(bits.replace(",", "")),
        f1=float(f1),
        precision=float(precision),
        recall=float(recall),
        records_per_second=1000.0 * float(speed.removesuffix("k")),
        link_seconds=0.0,
        index=None if index == "–" else float(index),
        rank=int(rank),
        gates=dict.fromkeys(("A rank", "B leakage index", "C attack", "D equality"), passed),
        attacked=name in PASSED,
    )


if __name__ == "__main__":
    for path, text in pictures().items():
        path.write_text(text, "utf-8")
