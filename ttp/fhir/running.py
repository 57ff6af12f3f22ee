"""Running calls: many calls become few service calls, one per operation and domain; answers keep their order.

Calls that end links keep their place among the others. Groups are worked in a fixed order, so that two
Bundles which touch the same domains do not wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError, Unavailable
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued, IssuedMany
from ttp.fhir.calls import Call, Operation
from ttp.services.pseudonyms.end_pseudonyms import anonymize_originals, delete_pseudonyms
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms

Result = Issued | IssuedMany | tuple[str, ...] | TTPError
Run = Callable[[Center, Transaction, Actor, str, Sequence[str]], Sequence[Result]]


class Group(NamedTuple):
    """What calls have in common that one service call can answer."""

    domain: str
    operation: Operation
    create: bool
    wanted: int
    repetition: int  # new pseudonyms for the same original twice are two service calls


def run_calls(center: Center, tx: Transaction, actor: Actor, calls: Sequence[Call]) -> list[Result]:
    """The result of each call, in the order asked; what one call is refused does not concern the others.

    Raises:
        Unavailable: nothing can be answered now.
    """
    results: dict[int, Result] = {}
    numbered = list(enumerate(calls))
    for _, segment in groupby(numbered, key=lambda item: item[1].operation.ends_links):
        for group, members in sorted(_grouped(list(segment)).items()):
            answers = _run(center, tx, actor, group, [calls[position] for position in members])
            results.update(zip(members, answers, strict=True))
    return [results[position] for position, _ in numbered]


def _grouped(segment: Sequence[tuple[int, Call]]) -> dict[Group, list[int]]:
    groups: dict[Group, list[int]] = {}
    seen: dict[tuple[str, str], int] = {}
    for position, call in segment:
        repetition = 0
        if call.operation is Operation.PSEUDONYMIZE_MULTIPLE and call.count:
            key = (call.domain, call.value)
            repetition = seen[key] = seen.get(key, -1) + 1
        group = Group(call.domain, call.operation, call.create, call.count, repetition)
        groups.setdefault(group, []).append(position)
    return groups


def _run(
    center: Center, tx: Transaction, actor: Actor, group: Group, calls: Sequence[Call]
) -> Sequence[Result]:
    subjects = [call.value for call in calls]
    try:
        return _service(group)(center, tx, actor, group.domain, subjects)
    except Unavailable:
        raise
    except TTPError as error:
        return [error] * len(calls)


def _service(group: Group) -> Run:
    match group.operation:
        case Operation.PSEUDONYMIZE | Operation.GET_PSEUDONYM:
            return lambda center, tx, actor, domain, originals: issue_pseudonyms(
                center, tx, actor, domain_name=domain, originals=originals, create=group.create
            )
        case Operation.PSEUDONYMIZE_MULTIPLE:
            return lambda center, tx, actor, domain, originals: issue_secondary_pseudonyms(
                center, tx, actor, domain_name=domain, originals=originals, count=group.wanted
            )
        case Operation.DE_PSEUDONYMIZE:
            return lambda center, tx, actor, domain, pseudonyms: resolve_pseudonyms(
                center, tx, actor, domain_name=domain, pseudonyms=pseudonyms, reason=None
            )
        case Operation.DELETE_PSEUDONYM:
            return lambda center, tx, actor, domain, originals: delete_pseudonyms(
                center, tx, actor, domain_name=domain, originals=originals
            )
        case Operation.ANONYMIZE_ORIGINAL:
            return lambda center, tx, actor, domain, originals: anonymize_originals(
                center, tx, actor, domain_name=domain, originals=originals
            )
