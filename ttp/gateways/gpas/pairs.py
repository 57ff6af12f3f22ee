"""Pairs of originals and pseudonyms that come from elsewhere; every item names its own domain.

The pairs of one domain are one batch; domains are worked in a fixed order, so that two requests do not wait for each
other in a circle. What stands is never changed: a pair that contradicts it is an error in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError, Unavailable
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.gateways.gpas.asked import asked_in_parts
from ttp.gateways.gpas.dialects import Json, coded, identified
from ttp.services.pseudonyms.import_pairs import import_pairs
from ttp.wire.issue_codes import error_coding, message_coding
from ttp.wire.parameters import parameters


class GivenPair(NamedTuple):
    """An original and its pseudonym for a domain."""

    target: str
    original: str
    pseudonym: str


def pairs_in(document: object) -> list[GivenPair]:
    """The pairs given; ``value`` is the pseudonym.

    Raises:
        ResourceInvalid: a part is missing or of another type.
    """
    return [
        GivenPair(parts.one("target").text, parts.one("original").text, parts.one("value").text)
        for parts in asked_in_parts(document, "pseudonym")
    ]


def insert_pairs(center: Center, tx: Transaction, actor: Actor, given: Sequence[GivenPair]) -> Json:
    """What became of each pair, in the order given."""
    answers: dict[int, Issued | TTPError] = {}
    by_target: dict[str, list[int]] = {}
    for place, pair in enumerate(given):
        by_target.setdefault(pair.target, []).append(place)
    for target, places in sorted(by_target.items()):
        pairs = [(given[place].original, given[place].pseudonym) for place in places]
        answers.update(zip(places, _imported(center, tx, actor, target, pairs), strict=True))
    return parameters(*(_told(pair, answers[place]) for place, pair in enumerate(given)))


def _imported(
    center: Center,
    tx: Transaction,
    actor: Actor,
    target: str,
    pairs: Sequence[tuple[str, str]],
) -> Sequence[Issued | TTPError]:
    try:
        return import_pairs(center, tx, actor, domain_name=target, pairs=pairs)
    except Unavailable:
        raise
    except TTPError as error:
        return [error] * len(pairs)


def _told(pair: GivenPair, answer: Issued | TTPError) -> Json:
    coding = error_coding(answer) if isinstance(answer, TTPError) else message_coding("MSG_CREATED")
    given = [
        identified("target", pair.target),
        identified("original", pair.original),
        identified("value", pair.pseudonym),
    ]
    return {"name": "successStatus", "part": [*given, coded("result-code", coding)]}
