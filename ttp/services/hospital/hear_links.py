"""Hear links: what Patients say of each other; a merge that only a link told ends when the Patient comes without it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.hospital import (
    MAXIMAL_MESSAGES,
    Relation,
    RelationMessage,
    SaidRelation,
    Taken,
)
from ttp.core.identities import Registered
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL, scope_of
from ttp.core.ports import Transaction
from ttp.services.hospital.join_related import say_relation
from ttp.services.hospital.take_hospital_messages import take_hospital_messages
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf


def hear_links(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    registered: Sequence[Registered | TTPError],
    relations: Sequence[RelationMessage | TTPError],
) -> list[Taken | TTPError]:
    """Make the relations stand that Patients of one source tell, in their order, and end those they tell no more.

    Whoever calls this has just registered these Patients.
    """
    _end_untold(center, tx, actor, source, registered, relations)
    answers: list[Taken | TTPError] = []
    for start in range(0, len(relations), MAXIMAL_MESSAGES):
        part = relations[start : start + MAXIMAL_MESSAGES]
        answers += take_hospital_messages(center, tx, actor, source=source, messages=part)
    return answers


def _end_untold(
    center: Center,
    tx: Transaction,
    actor: Actor,
    source: str,
    registered: Sequence[Registered | TTPError],
    relations: Sequence[RelationMessage | TTPError],
) -> None:
    told = {one.first for one in relations if isinstance(one, RelationMessage)}
    silent = {
        one.identity
        for one in registered
        if isinstance(one, Registered) and one.record_id and one.record_id not in told
    }
    ended = [one for one in tx.hospital.said(source, sorted(silent)) if _by_link(one, silent)]
    if not ended:
        return
    leaf = new_leaf_id(center)
    tx.identities.lock(LOCAL)
    for one in ended:
        taken_back = replace(one, relation=Relation.PARTED, replaced=None, by_reference=False)
        say_relation(center, tx, taken_back, leaf=leaf)
    act = Act(
        EventKind.HOSPITAL_MESSAGES_TAKEN,
        domain=scope_of(LOCAL),
        counts={Relation.PARTED.value: len(ended)},
        facts={"source": source},
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)


def _by_link(said: SaidRelation, silent: Collection[IdentityId]) -> bool:
    return said.by_reference and said.relation is Relation.REPLACED and said.replaced in silent
