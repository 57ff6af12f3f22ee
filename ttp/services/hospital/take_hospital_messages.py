"""Take hospital messages: what a source says of its records, in the order in which it says it, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import TooManyItems, TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.hospital import (
    MAXIMAL_MESSAGES,
    Message,
    RecordMessage,
    Taken,
)
from ttp.core.persons import LOCAL, scope_of
from ttp.core.ports import Transaction
from ttp.services.hospital.relate_records import relate_records
from ttp.services.hospital.take_records import take_records
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.open_population import open_population
from ttp.services.persons.register_identities import checked_source

Answers = list[Taken | TTPError]


def take_hospital_messages(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    messages: Sequence[Message | TTPError],
) -> Answers:
    """Register, update, join and part records as their source says; said again it changes nothing.

    One that cannot be taken is an error in its place, and nothing of it is done: InvalidRecord and its
    subclasses, UnknownSurvivor, SameRecord, InvalidField. A message that is itself an error is handed back.

    Raises:
        NotAllowed, WrongRole, InvalidField (source), TooManyItems: for the request as a whole.
    """
    actor.require(Right.REGISTER)
    require_local(center)
    source = checked_source(source)
    if len(messages) > MAXIMAL_MESSAGES:
        raise TooManyItems(f"A request holds at most {MAXIMAL_MESSAGES} messages.")
    open_population(center, tx, name=LOCAL)
    tx.identities.lock(LOCAL)
    leaf = new_leaf_id(center)
    done: Answers = []
    for part in _parts(messages):
        first = part[0]
        if isinstance(first, TTPError):
            done.append(first)
        elif isinstance(first, RecordMessage):
            records = [one for one in part if isinstance(one, RecordMessage)]
            done += take_records(center, tx, actor, source=source, messages=records, leaf=leaf)
        else:
            done.append(relate_records(center, tx, actor, source=source, said=first, leaf=leaf))
    counts = Counter("error" if isinstance(one, TTPError) else one.outcome.value for one in done)
    act = Act(
        EventKind.HOSPITAL_MESSAGES_TAKEN,
        domain=scope_of(LOCAL),
        counts=dict(counts),
        facts={"source": source},
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return done


def _parts(messages: Sequence[Message | TTPError]) -> Iterator[list[Message | TTPError]]:
    """Runs of records, each named once, that can be registered together; everything else alone."""
    part: list[Message | TTPError] = []
    names: set[object] = set()
    for message in messages:
        name = message.record.get("record_id") if isinstance(message, RecordMessage) else None
        if part and (not isinstance(message, RecordMessage) or name in names):
            yield part
            part, names = [], set()
        part.append(message)
        if isinstance(message, RecordMessage):
            names |= {name} - {None}
        else:
            yield part
            part = []
    if part:
        yield part
