"""Joint registering: small calls of one caller that arrive at once take the population's lock once, not one by one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from ttp.http.joint_calls import JointCalls
from ttp.services.persons.register_identities import Answers
from ttp.services.persons.register_together import Call, by_source, register_together

_CALLS = JointCalls[Call, Answers](
    "ttp.joint-registering",
    work=lambda center, tx, actor, calls: register_together(center, tx, actor, calls=calls),
    batches=by_source,
)


def register_joint_registering(app: Flask) -> None:
    """Let small calls of this application be answered together."""
    _CALLS.register(app)


def register_jointly(source: str, records: Sequence[object]) -> Answers:
    """What registering each record came to, in the order given; the answer to the present request names the leaf.

    Raises:
        As ``calling_actor`` and ``register_identities``. DatabaseBusy: calls before this one take too long.
    """
    return _CALLS.answer(Call(source, records))
