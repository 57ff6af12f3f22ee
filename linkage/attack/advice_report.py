"""Advice report: the frontier as one page that opens offline, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from linkage.attack.advice import Advice, Finding
from linkage.attack.chart import Dot, plane
from linkage.attack.report import page, table

HEAD = (
    "candidate", "F1", "precision", "recall", "bits", "records/s", "index", "rank", "A", "B", "C", "D",
)  # fmt: skip


def rows(advice: Advice) -> list[tuple[str, ...]]:
    """The findings as text under `HEAD`, the best F1 first; the frontier is starred."""
    best = {finding.fingerprint for finding in advice.frontier}
    ordered = sorted(advice.findings, key=lambda finding: -finding.f1)
    return [_row(finding, starred=finding.fingerprint in best) for finding in ordered]


def verdict(advice: Advice) -> str:
    """What to take, in one sentence; or that nothing passed."""
    if not advice.findings and not advice.left:
        columns = ", ".join(advice.question.columns)
        return f"No candidate does with the columns {columns} alone; call them as the schemas do."
    choice = advice.choice
    if choice is None:
        return (
            f"No candidate is shown to be protected for {advice.question.n:,} records; "
            "keep encodings inside one trust boundary."
        )
    return f"Take {choice.name}: protected for {advice.question.n:,} records, F1 {choice.f1:.4f}."


def as_html(advice: Advice) -> str:
    """The frontier as a page with a table and drawings of quality against safety, speed and length."""
    asked = advice.question
    return page("Which encoding to take", _body(advice, asked.n, asked.errors))


def _body(advice: Advice, n: int, errors: str) -> Iterable[str]:
    yield f"<h1>{escape(verdict(advice))}</h1>"
    yield (
        f"<p>{n:,} records, errors {escape(errors)}, policy {escape(advice.question.policy)}; quality on two "
        f"made-up sites of {advice.question.quality_n:,} persons, half of them shared, seed "
        f"{advice.question.seed}, threshold chosen without the truth.</p>"
    )
    yield from drawings(advice.findings).values()
    yield table(HEAD, rows(advice))
    if advice.left:
        yield f"<p>Not finished in the time given: {escape(', '.join(advice.left))}.</p>"
    yield "<p>Starred: no other is better in quality, gates, rank, bits and speed at once.</p>"


def drawings(findings: Sequence[Finding]) -> dict[str, str]:
    """F1 against rank, encoding speed and length, by name; full dots passed every gate."""
    return {
        "rank": plane(
            "F1 against rank",
            "rank: components above noise",
            "F1",
            [Dot(one.name, one.rank, one.f1, one.protected) for one in findings],
            logarithmic=True,
        ),
        "speed": plane(
            "F1 against the speed of encoding",
            "records a second",
            "F1",
            [Dot(one.name, one.records_per_second, one.f1, one.protected) for one in findings],
        ),
        "bits": plane(
            "F1 against length",
            "bits a record",
            "F1",
            [Dot(one.name, one.bits, one.f1, one.protected) for one in findings],
        ),
    }


def _row(finding: Finding, *, starred: bool) -> tuple[str, ...]:
    gates = {name[0]: result for name, result in finding.gates.items()}
    return (
        finding.name + (" *" if starred else ""),
        f"{finding.f1:.4f}",
        f"{finding.precision:.4f}",
        f"{finding.recall:.4f}",
        f"{finding.bits:,}",
        f"{finding.records_per_second:,.0f}",
        "–" if finding.index is None else f"{finding.index:.3g}",
        str(finding.rank),
        *(gates.get(name, "not measured") for name in "ABCD"),
    )
