"""Issue together: several calls of one caller in one domain are one batch, each answered as if it had come alone."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.services.issue_pseudonyms import Answers, issue_pseudonyms


def issue_together(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    calls: Sequence[Sequence[object]],
    create: bool = True,
) -> list[Answers]:
    """The answers to each call's originals, in the order asked; the one leaf says how many calls it stands for.

    What several calls ask for first was made by the first of them.

    Raises:
        As ``issue_pseudonyms``, for all calls: none of its errors depends on the originals of one.
    """
    originals = [original for call in calls for original in call]
    answers = issue_pseudonyms(
        center,
        tx,
        actor,
        domain_name=domain_name,
        originals=originals,
        create=create,
        calls=len(calls),
    )
    told: set[str] = set()
    rest = iter(answers)
    return [_share([next(rest) for _ in call], told) for call in calls]


def _share(answers: Answers, told: set[str]) -> Answers:
    """The answers to one call. ``told``: pseudonyms that calls before it were told are new."""
    share: Answers = [
        Issued(one.pseudonym, created=False)
        if isinstance(one, Issued) and one.pseudonym in told
        else one
        for one in answers
    ]
    told.update(one.pseudonym for one in answers if isinstance(one, Issued))
    return share
