"""Read sources: which there are, and in which order they speak for a person."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.federation import require_local
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction


def read_sources(center: Center, tx: Transaction, actor: Actor) -> tuple[list[str], dict[str, int]]:
    """The order that was set, and how many identities each source has.

    Raises:
        NotAllowed, WrongRole: and nothing is answered.
    """
    actor.require_population(Right.READ_PERSON, LOCAL)
    require_local(center)
    return tx.identity_life.sources(LOCAL), tx.identity_life.known_sources(LOCAL)
