"""Advice: what each candidate measured, kept in a file that can be reopened, and the one to take.

A figure that is not there was not measured. Only a candidate that passed every gate can be advised.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from linkage.attack.errors import StudyInvalid
from linkage.attack.gates import Verdict
from linkage.schema import SchemaFingerprint


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: records to link, columns at hand, error level, policy by its members, and seed.

    ``quality_n``: persons of each of the two sites quality is measured on, half of them at both.
    """

    n: int
    columns: tuple[str, ...]
    errors: str
    policy: str
    attack_n: int
    quality_n: int
    seed: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one candidate measured; ``gates`` by name, ``attacked`` whether the attacks were run too."""

    name: str
    fingerprint: SchemaFingerprint
    bits: int
    f1: float
    precision: float
    recall: float
    records_per_second: float
    link_seconds: float
    index: float | None
    rank: int
    gates: dict[str, str]
    attacked: bool

    @property
    def protected(self) -> bool:
        """Whether all gates passed."""
        return len(self.gates) == 4 and set(self.gates.values()) == {Verdict.PASSED.value}

    @property
    def promising(self) -> bool:
        """Whether nothing that was measured failed, so that an attack is worth its time."""
        return Verdict.FAILED.value not in self.gates.values()


@dataclass(frozen=True, slots=True)
class Advice:
    """All findings for a question; ``left``: names of candidates for which the time was too short."""

    question: Question
    findings: tuple[Finding, ...]
    left: tuple[str, ...] = ()

    @property
    def choice(self) -> Finding | None:
        """The protected candidate with the best F1; None when no candidate passed every gate."""
        passed = [finding for finding in self.findings if finding.protected]
        return max(passed, key=lambda finding: finding.f1, default=None)

    @property
    def frontier(self) -> tuple[Finding, ...]:
        """Candidates no other beats in quality, safety, bits and speed of encoding at once."""
        return tuple(one for one in self.findings if not _beaten(one, self.findings))


def as_json(advice: Advice) -> str:
    """The advice as JSON, which `reopened` reads."""
    document = {
        "advice": 1,
        "question": asdict(advice.question) | {"columns": list(advice.question.columns)},
        "findings": [asdict(finding) for finding in advice.findings],
        "left": list(advice.left),
        "choice": advice.choice.name if advice.choice else None,
        "frontier": [finding.name for finding in advice.frontier],
    }
    return json.dumps(document, indent=2) + "\n"


def reopened(path: Path, question: Question) -> dict[SchemaFingerprint, Finding]:
    """Findings of an earlier run by fingerprint; none without a file.

    Raises:
        StudyInvalid: the file is not such a file, or answers another question.
    """
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        asked = document["question"]
        before = Question(**asked | {"columns": tuple(asked["columns"])})
        findings = [Finding(**item) for item in document["findings"]]
    except (ValueError, TypeError, KeyError):
        raise StudyInvalid("it holds no findings") from None
    if before != question:
        raise StudyInvalid("it answers another question")
    return {finding.fingerprint: finding for finding in findings}


def with_more(advice: Advice, finding: Finding) -> Advice:
    """The advice with one finding added or replaced."""
    others = tuple(one for one in advice.findings if one.fingerprint != finding.fingerprint)
    return replace(advice, findings=(*others, finding))


def _beaten(one: Finding, others: Collection[Finding] | Sequence[Finding]) -> bool:
    mine = _merits(one)
    return any(
        all(theirs >= own for theirs, own in zip(_merits(other), mine, strict=True))
        and _merits(other) != mine
        for other in others
    )


def _merits(finding: Finding) -> tuple[float, ...]:
    """Larger is better: F1, gates passed, few components, few bits, speed."""
    passed = sum(verdict == Verdict.PASSED.value for verdict in finding.gates.values())
    return (
        round(finding.f1, 4),
        passed,
        -finding.rank,
        -finding.bits,
        round(finding.records_per_second, -3),
    )
