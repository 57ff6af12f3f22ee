"""Issue together: several calls of one caller are one batch for each domain, each answered as if it had come alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.services.pseudonyms.issue_pseudonyms import Answers, issue_pseudonyms


class Call(NamedTuple):
    """Originals whose pseudonyms are asked for; unknown ones are drawn if ``create``."""

    domain: str
    originals: Sequence[object]
    create: bool


class Share(NamedTuple):
    """The answers to one call in the order asked, and the hashes of the leaves that stand for it."""

    answers: Answers
    leaves: Sequence[bytes]


def issue_together(
    center: Center, tx: Transaction, actor: Actor, *, calls: Sequence[Call]
) -> list[Share]:
    """The share of each call; the leaf of a batch says how many calls it stands for.

    Batches are worked in a fixed order, so that two such transactions do not wait for each other in a circle. What
    several calls ask for first was made by the first of them.

    Raises:
        As ``issue_pseudonyms``, for all calls. None of its errors depends on the originals of one call; those of one
        batch alone are its own.
    """
    shares: dict[int, Share] = {}
    for places in batches_of(calls):
        together = [calls[place] for place in places]
        before = len(tx.leaves)
        answers = iter(_issued(center, tx, actor, together))
        told: set[str] = set()
        for place, call in zip(places, together, strict=True):
            own = _own([next(answers) for _ in call.originals], told)
            shares[place] = Share(own, tx.leaves[before:])
    return [shares[place] for place in range(len(calls))]


def batches_of(calls: Sequence[Call]) -> list[list[int]]:
    """The places of the calls that are one batch: those in one domain that may all, or may not, draw."""
    batches: dict[tuple[str, bool], list[int]] = {}
    for place, call in enumerate(calls):
        batches.setdefault((call.domain, call.create), []).append(place)
    return [places for _, places in sorted(batches.items())]


def _issued(center: Center, tx: Transaction, actor: Actor, calls: Sequence[Call]) -> Answers:
    return issue_pseudonyms(
        center,
        tx,
        actor,
        domain_name=calls[0].domain,
        originals=[original for call in calls for original in call.originals],
        create=calls[0].create,
        calls=len(calls),
    )


def _own(answers: Answers, told: set[str]) -> Answers:
    """The answers to one call. ``told``: pseudonyms that calls before it were told."""
    own: Answers = [
        Issued(one.pseudonym, created=False)
        if isinstance(one, Issued) and one.pseudonym in told
        else one
        for one in answers
    ]
    told.update(one.pseudonym for one in answers if isinstance(one, Issued))
    return own
