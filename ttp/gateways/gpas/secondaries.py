"""Secondary pseudonyms: every item names its own domain and count; equal ones are made in one batch.

Groups are worked in a fixed order, so that two requests do not wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError, Unavailable
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import IssuedMany
from ttp.gateways.gpas.asked import asked_in_parts, count_of
from ttp.gateways.gpas.dialects import Json, coded, identified
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms
from ttp.wire.issue_codes import error_coding
from ttp.wire.parameters import parameters


class Wanted(NamedTuple):
    """So many further pseudonyms of a value. ``repetition``: the same asked twice in one request is made twice."""

    target: str
    amount: int
    repetition: int
    value: str


def wanted_in(document: object) -> list[Wanted]:
    """What is wanted, in the order asked.

    Raises:
        ResourceInvalid: a part is missing or of another type.
    """
    seen: dict[tuple[str, str], int] = {}
    wanted = []
    for parts in asked_in_parts(document, "original"):
        target, value = parts.one("target").text, parts.one("value", "original").text
        repetition = seen[target, value] = seen.get((target, value), -1) + 1
        wanted.append(Wanted(target, count_of(parts), repetition, value))
    return wanted


def make_secondaries(
    center: Center, tx: Transaction, actor: Actor, wanted: Sequence[Wanted]
) -> Json:
    """The pseudonyms made for each item, or its error in its place."""
    groups: dict[tuple[str, int, int], list[int]] = {}
    for place, one in enumerate(wanted):
        groups.setdefault(one[:3], []).append(place)
    answers: dict[int, IssuedMany | TTPError] = {}
    for (target, count, _), places in sorted(groups.items()):
        values = [wanted[place].value for place in places]
        answers.update(zip(places, _made(center, tx, actor, target, count, values), strict=True))
    entries = [entry for place, one in enumerate(wanted) for entry in _told(one, answers[place])]
    return parameters(*entries)


def _made(
    center: Center, tx: Transaction, actor: Actor, target: str, count: int, values: Sequence[str]
) -> Sequence[IssuedMany | TTPError]:
    try:
        return issue_secondary_pseudonyms(
            center, tx, actor, domain_name=target, originals=values, count=count
        )
    except Unavailable:
        raise
    except TTPError as error:
        return [error] * len(values)


def _told(one: Wanted, answer: IssuedMany | TTPError) -> list[Json]:
    given = [identified("target", one.target), identified("original", one.value)]
    if isinstance(answer, TTPError):
        return [{"name": "error", "part": [*given, coded("error-code", error_coding(answer))]}]
    return [
        {"name": "secondarypseudonym", "part": [*given, identified("value", pseudonym)]}
        for pseudonym in answer.pseudonyms
    ]
