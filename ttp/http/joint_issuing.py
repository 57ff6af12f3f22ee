"""Joint issuing: small calls of one caller that arrive at once are one transaction, with one leaf for each domain."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from ttp.http.joint_calls import JointCalls
from ttp.services.pseudonyms.issue_pseudonyms import Answers
from ttp.services.pseudonyms.issue_together import Call, batches_of, issue_together

_CALLS = JointCalls[Call, Answers](
    "ttp.joint-issuing",
    work=lambda center, tx, actor, calls: issue_together(center, tx, actor, calls=calls),
    batches=batches_of,
)


def register_joint_issuing(app: Flask) -> None:
    """Let small calls of this application be answered together."""
    _CALLS.register(app)


def issue_jointly(domain: str, originals: Sequence[object], *, create: bool = True) -> Answers:
    """The pseudonym of each original, in the order asked; the answer to the present request names the leaf.

    Raises:
        As ``calling_actor`` and ``issue_pseudonyms``. DatabaseBusy: calls before this one take too long.
    """
    return _CALLS.answer(Call(domain, originals, create))
