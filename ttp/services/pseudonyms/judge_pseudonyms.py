"""Judge pseudonyms: do they have the form of their domain, and what became of them? Nothing is resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import TooManyItems
from ttp.core.event_kinds import EventKind
from ttp.core.names import Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonym_life import Flaw, flaw_of
from ttp.core.pseudonym_states import Standing
from ttp.core.pseudonyms import MAXIMAL_ITEMS, accepts_text
from ttp.services.log.record_leaf import Act, record_leaf


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a text can be a pseudonym of the domain (``flaw`` None), and if asked what became of it."""

    flaw: Flaw | None
    standing: Standing | None = None


def judge_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    pseudonyms: Sequence[object],
    exists: bool = False,
) -> list[Judged]:
    """What is wrong with each text, in the order asked; with ``exists`` also what became of those that were issued.

    The form alone is no secret and leaves no leaf; whether a pseudonym exists does.

    Raises:
        UnknownDomain, NotAllowed, TooManyItems: for the request as a whole.
        DomainDraft, DomainRetired: nothing is read in it, but the form can be looked at.
    """
    domain = tx.domains.get(domain_name)
    actor.require(Right.LOOKUP, domain.name)
    if len(pseudonyms) > MAXIMAL_ITEMS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_ITEMS} items.")
    flaws = [
        None if accepts_text(value, domain) else flaw_of(value, domain.form) for value in pseudonyms
    ]
    if not exists:
        return [Judged(flaw) for flaw in flaws]
    domain.state.require_reading()
    pairs = zip(pseudonyms, flaws, strict=True)
    fitting = sorted({Pseudonym(str(value)) for value, flaw in pairs if flaw is None})
    now = center.clock.now()
    found = tx.pseudonym_states.standing(domain, fitting)
    known = {token: standing.at(now) for token, standing in found.items()}
    counts = {"asked": len(fitting), "known": len(known)}
    record_leaf(center, tx, actor, Act(EventKind.PSEUDONYMS_JUDGED, domain.name, counts=counts))
    return [
        Judged(flaw, known.get(Pseudonym(str(value))) if flaw is None else None)
        for value, flaw in zip(pseudonyms, flaws, strict=True)
    ]
