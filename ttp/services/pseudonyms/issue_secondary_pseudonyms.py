"""Issue secondary pseudonyms: any number per original, ordered by creation, hanging on their original."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import (
    DomainExhausted,
    InvalidField,
    TTPError,
    UnknownOriginal,
    WrongDomainKind,
)
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId, Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import MAXIMAL_COUNT, MAXIMAL_ITEMS, IssuedMany, OriginalRow
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.draw_secondaries import draw_secondaries
from ttp.services.pseudonyms.issue_pseudonyms import check_originals, refuse_if_atomic
from ttp.services.pseudonyms.keep_validity import due_among, limit_new
from ttp.services.pseudonyms.link_originals import (
    MULTI,
    current_indexes,
    next_indexes,
    seal_originals,
)
from ttp.services.pseudonyms.obey_parents import obey_parents

Answers = list[IssuedMany | TTPError]


def issue_secondary_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    originals: Sequence[object],
    count: int,
    atomic: bool = False,
) -> Answers:
    """``count`` new secondary pseudonyms for each original; with 0, all that exist, and nothing is made.

    An item that the domain cannot serve in full gets none, and nothing is stored for it.

    Raises:
        UnknownDomain, NotAllowed, WrongDomainKind, TooManyItems, InvalidField: for the request as a whole.
        DomainDraft, DomainFrozen, DomainRetired: nothing is issued, or read, in it.
        AtomicBatchRefused: the batch is atomic and holds items that cannot be answered.
    """
    domain = tx.domains.get_for_writing(domain_name) if count else tx.domains.get(domain_name)
    actor.require(Right.ISSUE if count else Right.LOOKUP, domain.name)
    domain.state.require_issuing() if count else domain.state.require_reading()
    _check(domain, count, len(originals))
    checked = check_originals(originals)
    if count:
        checked = obey_parents(center, tx, domain, checked)
    valid = sorted({item for item in checked if isinstance(item, str)})
    found = (_make if count else _read)(center, tx, actor, domain, valid, count)
    absent = DomainExhausted() if count else UnknownOriginal()
    answers: Answers = [
        item if isinstance(item, TTPError) else _answer(found.get(item), count, absent)
        for item in checked
    ]
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def _check(domain: Domain, count: int, items: int) -> None:
    if not domain.multi:
        raise WrongDomainKind("This domain gives one pseudonym per original; leave out 'count'.")
    if not 0 <= count <= MAXIMAL_COUNT or count * items > MAXIMAL_ITEMS:
        raise InvalidField(
            f"'count' lies between 0 and {MAXIMAL_COUNT}, and a request makes at most {MAXIMAL_ITEMS} pseudonyms."
        )


def _answer(found: list[Pseudonym] | None, count: int, absent: TTPError) -> IssuedMany | TTPError:
    return IssuedMany(tuple(found), created=count) if found else absent


def _read(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    originals: Sequence[Original],
    _count: int,
) -> dict[Original, list[Pseudonym]]:
    rows = _rows(center, tx, domain, originals)
    secondaries = tx.pseudonyms.secondaries(domain, list(rows))
    over = due_among(center, tx, domain, (one for tokens in secondaries.values() for one in tokens))
    found = {
        rows[row]: [one for one in tokens if one not in over] for row, tokens in secondaries.items()
    }
    _record(center, tx, actor, domain, found, leaf=None)
    return found


def _make(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    originals: Sequence[Original],
    count: int,
) -> dict[Original, list[Pseudonym]]:
    leaf = new_leaf_id(center)
    _add_originals(center, tx, domain, originals, leaf)
    rows = _rows(center, tx, domain, originals)
    drawn = draw_secondaries(tx, domain, list(rows), count, leaf)
    made = {rows[row]: tokens for row, tokens in drawn.items()}
    given = [token for tokens in made.values() for token in tokens]
    limit_new(center, tx, domain, given, leaf)
    _record(center, tx, actor, domain, made, leaf=leaf)
    return made


def _rows(
    center: Center, tx: Transaction, domain: Domain, originals: Sequence[Original]
) -> dict[UUID, Original]:
    by_index = dict(zip(current_indexes(center, domain, originals), originals, strict=True))
    found = tx.pseudonyms.find_originals(domain, list(by_index))
    return {row: by_index[index] for index, row in found.items()}


def _add_originals(
    center: Center, tx: Transaction, domain: Domain, originals: Sequence[Original], leaf: LeafId
) -> None:
    known = set(_rows(center, tx, domain, originals).values())
    missing = [original for original in originals if original not in known]
    ids = [center.new_id() for _ in missing]
    sealed = seal_originals(
        center, domain, MULTI, [(i.bytes, o) for i, o in zip(ids, missing, strict=True)]
    )
    columns = zip(
        ids,
        current_indexes(center, domain, missing),
        next_indexes(center, domain, missing),
        sealed,
        strict=True,
    )
    tx.pseudonyms.add_originals(domain, [OriginalRow(*row) for row in columns], leaf=leaf)


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    found: dict[Original, list[Pseudonym]],
    *,
    leaf: LeafId | None,
) -> None:
    act = Act(
        EventKind.PSEUDONYMS_ISSUED if leaf else EventKind.PSEUDONYMS_READ,
        domain=domain.name,
        counts={"answered": len(found), "created": sum(map(len, found.values())) if leaf else 0},
        subjects=tuple(original.encode() for original in found),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
