"""What people fill in about cases: filters, decisions and reasons, checked where they enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from werkzeug.datastructures import MultiDict

from ttp.core.access import Actor
from ttp.core.case_work import DeskRules
from ttp.core.decisions import Wish
from ttp.core.desk import MOST_MEMBERS, CaseFilter, DecisionFilter
from ttp.core.errors import InvalidField, ReasonMissing
from ttp.core.names import CaseId, IdentityId, PopulationName
from ttp.core.persons import pair_of
from ttp.core.review import CaseState, Verdict
from ttp.http.center import the_center

REASONS = DeskRules().reasons
OTHER = "other"
POSTPONED = "postponed"
AT_ONCE = "undone-at-once"
STATES = (CaseState.OPEN, CaseState.POSTPONED, CaseState.PROPOSED, CaseState.DECIDED)
MINE, NOBODYS = "me", "nobody"
_DECIDED_HERE = frozenset({Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER})

Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision as a form asks for it. ``pairs`` None: all open questions of the case."""

    verdict: Verdict
    reason: str
    version: int
    pairs: Sequence[tuple[IdentityId, IdentityId]] | None
    until: datetime | None = None
    confirm: frozenset[str] = frozenset()

    def wish(self, case_id: CaseId) -> Wish:
        """As use cases take it."""
        pairs = None if self.pairs is None else tuple(pair_of(*pair) for pair in self.pairs)
        return Wish(
            self.verdict,
            self.reason,
            case_id,
            self.version,
            pairs,
            until=self.until,
            confirm=self.confirm,
        )


def asked(form: Form) -> Asked:
    """Read the form of a decision.

    Raises:
        InvalidField, ReasonMissing: something is missing or not of its kind.
    """
    verdict = _verdict(form.get("verdict", ""))
    pairs = [read_pair(text) for text in form.getlist("pair")]
    return Asked(
        verdict,
        read_reason(form, verdict),
        read_version(form),
        pairs or None,
        read_until(form),
        frozenset(form.getlist("confirm")),
    )


def read_version(form: Form) -> int:
    """For which version of the case the form was made. Raises InvalidField."""
    version = form.get("version", type=int)
    if version is None:
        raise InvalidField("The form does not say for which version of the case it was made.")
    return version


def read_until(form: Form) -> datetime | None:
    """The day on which a postponed case comes back, at its beginning in UTC. Raises InvalidField."""
    text = form.get("until", "").strip()
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        raise InvalidField("A case comes back on a day such as 2027-01-31.") from None


def read_due(form: Form) -> datetime | None:
    """The end of the day by which a case should be decided, in UTC; None where no day is named. Raises InvalidField."""
    text = form.get("due", "").strip()
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC) if text else None
    except ValueError:
        raise InvalidField("A case is due on a day such as 2027-01-31.") from None


def case_filter(given: Form, *, me: Actor, now: datetime) -> CaseFilter:
    """The filter of the queue; what cannot be read filters nothing."""
    state = given.get("state", "")
    whose = {MINE: me.name, NOBODYS: ""}.get(given.get("assignee", ""))
    days = given.get("days", type=int)
    return CaseFilter(
        state=CaseState(state) if state in STATES else CaseState.OPEN,
        source=given.get("source", ""),
        lowest=_decimal(given.get("lowest", "")),
        highest=_decimal(given.get("highest", "")),
        assignee=whose,
        created_before=now - timedelta(days=min(max(days, 0), 10_000)) if days else None,
        due_before=now if "overdue" in given else None,
        doubt=given.get("doubt", ""),
        least_members=min(max(given.get("members", type=int) or 0, 0), MOST_MEMBERS),
        reopened="reopened" in given,
        urgent=True if "urgent" in given else None,
        population=PopulationName(given["population"]) if given.get("population") else None,
        populations=me.populations,
    )


def decision_filter(given: Form, *, me: Actor) -> DecisionFilter:
    """The filter of the list of decisions."""
    verdict = given.get("verdict", "")
    by = given.get("by", "").strip()
    return DecisionFilter(
        verdict=Verdict(verdict) if verdict in tuple(Verdict) else None,
        by=by if ":" in by or not by else f"staff:{by}",
        standing="standing" in given,
        populations=me.populations,
    )


def kept(given: Form, *, without: str) -> dict[str, str]:
    """The filled-in filters, for links that keep them."""
    return {name: value for name, value in given.items() if name != without and value}


def read_reason(form: Form, verdict: Verdict) -> str:
    """The reason that was chosen, with its note. Raises ReasonMissing."""
    code, note = form.get("reason", ""), form.get("note", "").strip()
    if code not in the_center().desk.reasons:
        code = POSTPONED if verdict is Verdict.LATER else ""
    if not code or (code == OTHER and not note):
        raise ReasonMissing
    return f"{code}: {note}" if note else code


def _verdict(text: str) -> Verdict:
    if text not in _DECIDED_HERE:
        raise InvalidField("A decision is 'same', 'different' or 'later'.")
    return Verdict(text)


def read_pair(text: str) -> tuple[IdentityId, IdentityId]:
    """The two identities that a form names. Raises InvalidField."""
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
