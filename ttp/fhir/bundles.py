"""Bundles of calls: a batch answers each entry on its own; a transaction changes nothing if one entry fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.fhir.answers import Answer, answer_of, refusal
from ttp.fhir.calls import Call, call_of, operation_of
from ttp.fhir.running import Result, run_calls
from ttp.wire.bundle import BundleType, Entry, EntryAnswer, answer_bundle, read_bundle
from ttp.wire.outcome import outcome

Json = dict[str, Any]

MOST_ISSUES = 100


class TransactionRefused(Exception):
    """Entries of a transaction failed: it is rolled back and answered with one issue for each of them."""

    def __init__(self, status: int, issues: Sequence[Json]) -> None:
        super().__init__("transaction refused")
        self.answer = Answer(status, outcome(issues[:MOST_ISSUES]))


def run_bundle(center: Center, tx: Transaction, actor: Actor, document: Json) -> Json:
    """The response Bundle, its entries in the order of the request.

    Raises:
        ResourceInvalid, TooManyItems: it is no Bundle that can be worked on.
        TransactionRefused: it is a transaction, and an entry failed.
    """
    kind, entries = read_bundle(document)
    read = [_call(entry, base=f"{center.public_url}/fhir") for entry in entries]
    calls = [call for call in read if isinstance(call, Call)]
    results = iter(_told_once(calls, run_calls(center, tx, actor, calls)))
    answers = [
        answer_of(call, next(results)) if isinstance(call, Call) else refusal(call) for call in read
    ]
    if kind is BundleType.TRANSACTION:
        _refuse_if_any_failed(answers)
    return answer_bundle(kind, list(map(_answered, entries, answers)))


def _call(entry: Entry, *, base: str) -> Call | TTPError:
    if entry.error is not None:
        return entry.error
    try:
        return call_of(operation_of(entry.url, base=base), entry.resource)
    except TTPError as error:
        return error


def _told_once(calls: Sequence[Call], results: Sequence[Result]) -> list[Result]:
    """Of several entries about one new pseudonym only the first is told that it was made."""
    told: set[tuple[str, str]] = set()
    single: list[Result] = []
    for call, result in zip(calls, results, strict=True):
        key = (call.domain, call.value)
        again = isinstance(result, Issued) and result.created and key in told
        single.append(Issued(result.pseudonym, created=False) if again else result)  # type: ignore[union-attr] # narrowed by again
        if isinstance(result, Issued):
            told.add(key)
    return single


def _refuse_if_any_failed(answers: Sequence[Answer]) -> None:
    failed = [(place, answer) for place, answer in enumerate(answers) if answer.issue]
    if failed:
        issues = [_placed(answer.issue or {}, place) for place, answer in failed]
        raise TransactionRefused(failed[0][1].status, issues)


def _placed(issue: Json, place: int) -> Json:
    within = "".join(f".resource.{path}" for path in issue.get("expression", [])[:1])
    return {**issue, "expression": [f"Bundle.entry[{place}]{within}"]}


def _answered(entry: Entry, answer: Answer) -> EntryAnswer:
    return EntryAnswer(entry.full_url, answer.status, answer.resource)
