"""Show a case: why each pair scored so, masked to what differs; clear text only with a reason, and on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkage.score import load_parameters
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.disclosing import AROUND, DIFFERENCES, WHOLE, shown, visible
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import FIELDS, IdentifyingData, from_content
from ttp.core.identities import StoredVersion
from ttp.core.masking import mask
from ttp.core.names import CaseId, DecisionId, IdentityId, PersonId, PopulationName
from ttp.core.persons import LOCAL, Contribution, IdentityKind, Pair, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import CasePair, Decision, PossibleMatch, ReviewCase, checked_reason
from ttp.services.cases.name_new_evidence import NewEvidence, name_new_evidence
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.matching.use_model import model_in_use
from ttp.services.persons.seal_identities import open_contents, open_reason
from ttp.services.persons.settle_persons import open_questions

Steps = Mapping[tuple[Pair, str], int]
"""How far which fields of which pairs are uncovered."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of both records. ``first`` and ``second`` are masked unless the case was revealed; "" is missing.

    ``level`` is the agreement (``equal``, ``close``, ``missing`` …); ``weight`` in bits, None where the field
    is part of another one's weight. ``step``: how far it was uncovered (``ttp.core.disclosing``). ``characters``:
    how many both values have.
    """

    field: str
    first: str
    second: str
    level: str
    weight: float | None
    step: int = 0
    characters: int = 0
    marks: tuple[str, str] | None = None  # what differs, where more than that is shown


@dataclass(frozen=True, slots=True)
class SideView:
    """One identity of a pair. ``record_id`` is shown when revealed only."""

    identity: IdentityId
    person: PersonId
    kind: IdentityKind
    source: str
    version: int
    created_at: datetime
    record_id: str | None


@dataclass(frozen=True, slots=True)
class PairView:
    """One question: both sides, the fields (none for encodings), the evidence and what was decided."""

    first: SideView
    second: SideView
    fields: tuple[FieldView, ...]
    score: float
    contributions: tuple[Contribution, ...]
    facts: Mapping[str, str]
    decision: DecisionId | None
    open: bool

    @property
    def pair(self) -> Pair:
        """The two identities, as ``decide_case`` takes them."""
        return self.first.identity, self.second.identity


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision with its reason in clear, and by whom, when and why it was undone."""

    decision: Decision
    reason: str
    undo_reason: str | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A whole case. Scores are in bits for records in clear, Dice for encodings; the thresholds fit them.

    ``news``: what came or changed since it was decided, where new evidence opened it again.
    """

    case: ReviewCase
    pairs: tuple[PairView, ...]
    history: tuple[DecisionView, ...]
    match_at: float
    possible_at: float
    revealed: bool
    news: tuple[NewEvidence, ...] = ()

    @property
    def disclosed(self) -> float:
        """Which share of the characters of all values is shown, 0 to 1."""
        fields = [field for pair in self.pairs for field in pair.fields]
        total = sum(field.characters for field in fields)
        return sum(visible(one.first, one.second) for one in fields) / total if total else 0.0


def show_case(center: Center, tx: Transaction, actor: Actor, *, case_id: CaseId) -> CaseView:
    """The case with masked values.

    Raises:
        NotAllowed, UnknownCase: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    case = tx.review.get(case_id)
    actor.require_population(Right.REVIEW, case.population)
    day = center.clock.now().date()
    return _view(center, tx, case, steps=tx.case_work.uncovered(actor.name, day, case_id))


def reveal_case(
    center: Center, tx: Transaction, actor: Actor, *, case_id: CaseId, reason: str
) -> CaseView:
    """The case in clear text; who saw it and why is recorded with every identity shown.

    Raises:
        NotAllowed, UnknownCase, ReasonMissing: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    actor.require(Right.READ_PERSON)
    purpose = checked_reason(reason)
    case = tx.review.get(case_id)
    actor.require_population(Right.READ_PERSON, case.population)
    view = _view(center, tx, case, steps=None)
    subjects = {side.identity.bytes for pair in view.pairs for side in (pair.first, pair.second)}
    act = Act(
        EventKind.CASE_REVEALED,
        domain=scope_of(case.population),
        purpose=purpose,
        counts={"identities": len(subjects)},
        facts={"case": str(case_id)},
        subjects=tuple(sorted(subjects)),
    )
    record_leaf(center, tx, actor, act)
    return view


def _view(center: Center, tx: Transaction, case: ReviewCase, *, steps: Steps | None) -> CaseView:
    """The case with its fields uncovered so far; None uncovers everything."""
    pairs = tx.review.pairs([case.id]).get(case.id, [])
    open_pairs = open_questions(tx, pairs)
    rows = tx.identities.versions(sorted({one for pair in pairs for one in pair.match.pair}))
    records = _records(center, case.population, list(rows.values()))
    views = tuple(
        _pair(pair, rows, records, is_open=pair.match.pair in open_pairs, steps=steps)
        for pair in pairs
        if rows.keys() >= set(pair.match.pair)  # of a deleted identity there is nothing to show
    )
    local = case.population == LOCAL
    parameters = model_in_use(tx).parameters if local else load_parameters()
    history = _history(center, tx, case)
    news = name_new_evidence(center, tx, case, rows, [one.decision for one in history])
    limits = parameters.match_at, parameters.possible_at
    return CaseView(case, views, history, *limits, steps is None, tuple(news))


def _records(
    center: Center, population: PopulationName, rows: Sequence[StoredVersion]
) -> dict[IdentityId, IdentifyingData]:
    clear = [row for row in rows if row.kind is IdentityKind.CLEAR]
    contents = open_contents(center, population, clear)
    return {row.id: from_content(text) for row, text in zip(clear, contents, strict=True)}


def _pair(
    pair: CasePair,
    rows: Mapping[IdentityId, StoredVersion],
    records: Mapping[IdentityId, IdentifyingData],
    *,
    is_open: bool,
    steps: Steps | None,
) -> PairView:
    match = pair.match
    first, second = (
        _side(rows[one], records.get(one) if steps is None else None) for one in match.pair
    )
    left, right = (records.get(one) for one in match.pair)
    fields = () if left is None or right is None else _fields(match, left, right, steps)
    return PairView(
        first, second, fields, match.score, match.contributions, match.facts, pair.decision, is_open
    )


def _side(row: StoredVersion, record: IdentifyingData | None) -> SideView:
    record_id = record.record_id if record else None
    return SideView(
        row.id, row.person, row.kind, row.source, row.version, row.created_at, record_id
    )


def _fields(
    match: PossibleMatch,
    left: IdentifyingData,
    right: IdentifyingData,
    steps: Steps | None,
) -> tuple[FieldView, ...]:
    by_field = {one.field: one for one in match.contributions}
    views = []
    for field in FIELDS:
        values = left.fields.get(field, ""), right.fields.get(field, "")
        if any(values):
            step = WHOLE if steps is None else steps.get((match.pair, field), DIFFERENCES)
            why = by_field.get(field)
            level = why.level if why else _plain_level(*values)
            weight = why.weight if why else None
            views.append(_shown(field, values, level, weight, step))
    return tuple(views)


def _shown(
    field: str, values: tuple[str, str], level: str, weight: float | None, step: int
) -> FieldView:
    marks = mask(*values) if step == AROUND else None
    size = sum(map(len, values))
    return FieldView(field, *shown(*values, step=step), level, weight, step, size, marks)


def _plain_level(first: str, second: str) -> str:
    if not first or not second:
        return "missing"
    return "equal" if first.casefold() == second.casefold() else "different"


def _history(center: Center, tx: Transaction, case: ReviewCase) -> tuple[DecisionView, ...]:
    cases = [case.id, *tx.review.absorbed(case.id)]
    return tuple(_decided(center, case.population, one) for one in tx.review.decisions(cases))


def _decided(center: Center, population: PopulationName, one: Decision) -> DecisionView:
    reason = open_reason(center, population, one.id, one.reason)
    undo = one.undone
    undo_reason = None
    if undo is not None:
        undo_reason = open_reason(center, population, DecisionId(undo.id), undo.reason)
    return DecisionView(one, reason, undo_reason)
