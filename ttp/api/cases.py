"""Cases over JSON: the queue, masked cases, decisions, exclusions, splits, batches, their impact and undoing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from ttp.api.bodies import answer, problems
from ttp.api.case_answers import (
    AssignedAnswer,
    BatchAnswer,
    CaseAnswer,
    CaseList,
    ImpactAnswer,
    LeaseAnswer,
    PairAnswer,
    SettledAnswer,
    UndoneAnswer,
    entry_of,
    impact_of,
    settled,
    view_of,
)
from ttp.api.case_bodies import (
    AssignBody,
    BatchBody,
    BatchPath,
    CaseDecisionBody,
    CasePath,
    CaseQuery,
    DecisionPath,
    ExclusionBody,
    LeaseBody,
    PageQuery,
    PairBody,
    SplitBody,
    UndoBody,
    aware,
    wish_of,
)
from ttp.core.access import Right
from ttp.core.decisions import Settled, Wish
from ttp.core.errors import BadRequest
from ttp.core.impact import Impact
from ttp.core.names import CaseId, DecisionId, IdentityId
from ttp.core.ports import Transaction
from ttp.core.review import Verdict
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center, write
from ttp.http.idempotency import answer_once
from ttp.http.problems import item_error
from ttp.services.cases.arrange_cases import assign_cases, set_due, work_on
from ttp.services.cases.decide_cases import Batch, decide_cases
from ttp.services.cases.export_cases import export_cases
from ttp.services.cases.pair_manually import pair_manually
from ttp.services.cases.propose_decision import decide_or_propose
from ttp.services.cases.read_queue import foresee, read_queue
from ttp.services.cases.show_case import show_case
from ttp.services.cases.undo_decision import impact_of_undo, undo_batch, undo_decision
from ttp.services.cases.weigh_decision import weight_of

api = APIBlueprint(
    "cases",
    __name__,
    url_prefix="/api/v1/cases",
    abp_tags=[Tag(name="cases")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)


class VersionMissing(BadRequest):
    """Say which version of the case you read: the field ``version`` or the header If-Match."""

    code = "version-missing"


@api.get("", responses={200: CaseList}, summary="List cases")
def list_queue(query: PageQuery) -> Response:
    """Answer with a page of cases, the urgent first, then the most likely; no value of a patient."""
    actor, center, after = calling_actor(), the_center(), query.after
    lines = read(
        lambda tx: read_queue(
            center,
            tx,
            actor,
            chosen=query.filter(),
            after=CaseId(after) if after else None,
            limit=query.limit,
        )
    )
    more = lines[-1].case.id if len(lines) == query.limit else None
    return answer({"cases": [entry_of(line) for line in lines], "after": more})


@api.get(
    "/export",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    summary="Export cases as CSV",
)
def export(query: CaseQuery) -> Response:
    """Answer with the filtered queue as CSV, at most 100,000 cases, without values of patients."""
    actor, center = calling_actor(), the_center()
    body = write(lambda tx: export_cases(center, tx, actor, chosen=query.filter()))
    return Response(body, mimetype="text/csv")


@api.get("/<uuid:case_id>", responses={200: CaseAnswer}, summary="Read a case, masked")
def get_case(path: CasePath) -> Response:
    """Answer with a case whose values show only where they differ; the ETag is its version."""
    actor, center = calling_actor(), the_center()
    view = read(lambda tx: show_case(center, tx, actor, case_id=CaseId(path.case_id)))
    response = answer(view_of(view))
    response.headers["ETag"] = f'"{view.case.version}"'
    return response


@api.post("/<uuid:case_id>/decision", responses={200: SettledAnswer}, summary="Decide a case")
def decide(path: CasePath, body: CaseDecisionBody) -> Response:
    """Decide; what changes too much becomes a request that a second person has to approve."""
    return _decided(lambda: wish_of(path.case_id, body, _version(body.version)))


@api.post("/<uuid:case_id>/exclusion", responses={200: SettledAnswer}, summary="Exclude a member")
def exclude(path: CasePath, body: ExclusionBody) -> Response:
    """Decide that one record is another person than the rest of the group, and that the rest is one person."""
    return _decided(lambda: _exclusion(path, body))


@api.post("/splits", responses={200: SettledAnswer}, summary="Split a person")
def split(body: SplitBody) -> Response:
    """Let records leave their person for good; what joined them ends and stands again when this is undone."""
    leaving = tuple(IdentityId(one) for one in body.leaving)
    return _decided(lambda: Wish(Verdict.SPLIT, body.reason, leaving=leaving))


@api.post("/batches", responses={200: BatchAnswer}, summary="Decide cases together")
def decide_together(body: BatchBody) -> Response:
    """Decide up to 100 cases with one reason; errors stand in place."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _batch(tx, body))


@api.post("/batches/<uuid:batch>/undo", responses={200: UndoneAnswer}, summary="Undo a batch")
def undo_together(path: BatchPath, body: UndoBody) -> Response:
    """Undo every decision of a batch that still stands."""
    actor, also = calling_actor(), [DecisionId(one) for one in body.also]
    return answer_once(
        actor,
        lambda tx: _undone(
            undo_batch(the_center(), tx, actor, batch=path.batch, reason=body.reason, also=also)
        ),
    )


@api.post("/decisions/<uuid:decision_id>/undo", responses={200: UndoneAnswer}, summary="Undo")
def undo(path: DecisionPath, body: UndoBody) -> Response:
    """Undo a decision, and those that rest on it if they are named."""
    actor, also = calling_actor(), [DecisionId(one) for one in body.also]
    chosen = DecisionId(path.decision_id)
    return answer_once(
        actor,
        lambda tx: _undone(
            undo_decision(
                the_center(), tx, actor, decision_id=chosen, reason=body.reason, also=also
            )
        ),
    )


@api.get(
    "/decisions/<uuid:decision_id>/impact",
    responses={200: ImpactAnswer},
    summary="What undoing would change",
)
def foresee_undo(path: DecisionPath) -> Response:
    """Answer with what undoing a decision, and all that rests on it, would change."""
    actor, center, chosen = calling_actor(), the_center(), DecisionId(path.decision_id)
    impact, _ = read(lambda tx: impact_of_undo(center, tx, actor, decision_id=chosen))
    return _foreseen(impact)


@api.post("/<uuid:case_id>/impact", responses={200: ImpactAnswer}, summary="What would change")
def foresee_decision(path: CasePath, body: CaseDecisionBody) -> Response:
    """Answer with what a decision would change; nothing is changed."""
    actor, center, wish = calling_actor(), the_center(), wish_of(path.case_id, body, 0)
    _, impact = read(lambda tx: foresee(center, tx, actor, wish=wish))
    return _foreseen(impact)


@api.post("/<uuid:case_id>/lease", responses={200: LeaseAnswer}, summary="Work on a case")
def work(path: CasePath, body: LeaseBody) -> Response:
    """Tell others for five minutes that you work on a case; again renews it."""
    actor, center, chosen = calling_actor(), the_center(), CaseId(path.case_id)
    lease = write(lambda tx: work_on(center, tx, actor, case_id=chosen, take_over=body.take_over))
    return answer({"holder": lease.holder, "expires_at": lease.expires_at})


@api.post("/assign", responses={200: AssignedAnswer}, summary="Assign cases")
def assign(body: AssignBody) -> Response:
    """Give cases to a colleague, and say by when."""
    actor, center, cases = calling_actor(), the_center(), [CaseId(one) for one in body.cases]

    def step(tx: Transaction) -> bytes:
        assign_cases(center, tx, actor, cases=cases, assignee=body.assignee)
        if body.due_at is not None:
            set_due(center, tx, actor, cases=cases, due_at=aware(body.due_at))
        return orjson.dumps({"cases": len(cases)})

    return answer_once(actor, step)


@api.post("/pairs", responses={200: PairAnswer}, summary="Ask about a pair")
def pair(body: PairBody) -> Response:
    """Open a case about two records that nobody asked about; the answer says why not."""
    actor = calling_actor()

    def step(tx: Transaction) -> bytes:
        first, second = IdentityId(body.first), IdentityId(body.second)
        found = pair_manually(the_center(), tx, actor, first=first, second=second)
        return orjson.dumps({"case": found.case_id, "why": found.why, "score": found.score})

    return answer_once(actor, step)


def _decided(wish: Callable[[], Wish]) -> Response:
    actor = calling_actor()
    actor.require(Right.REVIEW)
    return answer_once(
        actor,
        lambda tx: orjson.dumps(settled(decide_or_propose(the_center(), tx, actor, wish()))),
    )


def _exclusion(path: CasePath, body: ExclusionBody) -> Wish:
    return Wish(
        Verdict.EXCLUDED,
        body.reason,
        CaseId(path.case_id),
        _version(body.version),
        member=IdentityId(body.member),
        confirm=frozenset(body.confirm),
        take_over=body.take_over,
    )


def _batch(tx: Transaction, body: BatchBody) -> bytes:
    done = decide_cases(
        the_center(),
        tx,
        calling_actor(),
        cases=[(CaseId(one.case), one.version) for one in body.cases],
        verdict=Verdict(body.verdict),
        reason=body.reason,
        until=aware(body.until),
        confirm=body.confirm,
    )
    return orjson.dumps({"batch": done.id, "results": _results(done)})


def _results(done: Batch) -> list[dict[str, Any]]:
    return [settled(one) if isinstance(one, Settled) else item_error(one) for one in done.outcomes]


def _undone(decisions: list[DecisionId]) -> bytes:
    return orjson.dumps({"undone": decisions})


def _foreseen(impact: Impact) -> Response:
    return answer(impact_of(impact, the_center().desk, weight_of(impact)))


def _version(given: int | None) -> int:
    """The version that body or If-Match names."""
    header = request.headers.get("If-Match", "").strip('W/" ')
    if given is None and not header.isdigit():
        raise VersionMissing
    return given if given is not None else int(header)
