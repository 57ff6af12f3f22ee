"""What people fill in about cases: filters, decisions and reasons, checked where they enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from werkzeug.datastructures import MultiDict

from ttp.core.desk import CaseFilter, DecisionFilter
from ttp.core.errors import InvalidField, ReasonMissing
from ttp.core.names import IdentityId
from ttp.core.review import CaseState, Verdict

REASONS = ("typing-error", "name-change", "relatives", "other")
OTHER = "other"
POSTPONED = "postponed"
AT_ONCE = "undone-at-once"
STATES = (CaseState.OPEN, CaseState.POSTPONED, CaseState.DECIDED)

Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision as a form asks for it. ``pairs`` None: all open questions of the case."""

    verdict: Verdict
    reason: str
    version: int
    pairs: Sequence[tuple[IdentityId, IdentityId]] | None


def asked(form: Form) -> Asked:
    """Read the form of a decision.

    Raises:
        InvalidField, ReasonMissing: something is missing or not of its kind.
    """
    verdict = _verdict(form.get("verdict", ""))
    version = form.get("version", type=int)
    if version is None:
        raise InvalidField("The form does not say for which version of the case it was made.")
    pairs = [_pair(text) for text in form.getlist("pair")]
    return Asked(verdict, _reason(form, verdict), version, pairs or None)


def case_filter(given: Form) -> CaseFilter:
    """The filter of the queue; what cannot be read filters nothing."""
    state = given.get("state", "")
    return CaseFilter(
        state=CaseState(state) if state in STATES else CaseState.OPEN,
        source=given.get("source", ""),
        lowest=_decimal(given.get("lowest", "")),
        highest=_decimal(given.get("highest", "")),
    )


def decision_filter(given: Form) -> DecisionFilter:
    """The filter of the list of decisions."""
    verdict = given.get("verdict", "")
    by = given.get("by", "").strip()
    return DecisionFilter(
        verdict=Verdict(verdict) if verdict in tuple(Verdict) else None,
        by=by if ":" in by or not by else f"staff:{by}",
        standing="standing" in given,
    )


def kept(given: Form, *, without: str) -> dict[str, str]:
    """The filled-in filters, for links that keep them."""
    return {name: value for name, value in given.items() if name != without and value}


def _reason(form: Form, verdict: Verdict) -> str:
    code, note = form.get("reason", ""), form.get("note", "").strip()
    if code not in REASONS:
        code = POSTPONED if verdict is Verdict.LATER else ""
    if not code or (code == OTHER and not note):
        raise ReasonMissing
    return f"{code}: {note}" if note else code


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise InvalidField("A decision is 'same', 'different' or 'later'.") from None


def _pair(text: str) -> tuple[IdentityId, IdentityId]:
    try:
        first, second = (IdentityId(UUID(part)) for part in text.split("."))
    except ValueError:
        raise InvalidField("The form names a pair that cannot be read.") from None
    return first, second


def _decimal(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
