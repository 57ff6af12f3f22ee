"""Issue pseudonyms: find what is known, draw what is missing, keep the order asked; asking again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import (
    AtomicBatchRefused,
    DomainExhausted,
    TooManyItems,
    TTPError,
    UnknownOriginal,
    WrongDomainKind,
)
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId, Original, Pseudonym
from ttp.core.person_names import UnknownRecord
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import (
    MAXIMAL_ITEMS,
    Issued,
    PseudonymState,
    are_plainly_valid,
    checked_original,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.assign_pseudonyms import assign_pseudonyms, note_given
from ttp.services.pseudonyms.derive_pseudonyms import keep_format
from ttp.services.pseudonyms.draw_missing import draw_missing
from ttp.services.pseudonyms.find_anchors import holds_local_persons, named_identity
from ttp.services.pseudonyms.keep_validity import due_among
from ttp.services.pseudonyms.link_originals import current_indexes
from ttp.services.pseudonyms.obey_parents import obey_parents
from ttp.services.pseudonyms.refuse_unusable import refuse_unusable

Answers = list[Issued | TTPError]


def issue_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    originals: Sequence[object],
    create: bool = True,
    atomic: bool = False,
    calls: int = 1,
) -> Answers:
    """The pseudonym of each original, in the order asked; unknown ones are drawn if ``create``.

    Items that cannot be answered are errors in their place; ``atomic`` refuses the whole batch for one of them.
    The leaf says for how many ``calls`` the batch stands, if it is more than one.

    Raises:
        UnknownDomain, NotAllowed, WrongDomainKind, TooManyItems: for the request as a whole.
        DomainDraft, DomainFrozen, DomainRetired: nothing is issued, or read, in it.
        ProjectNotActive: the domain serves a project that may not be worked on.
        AtomicBatchRefused: the batch is atomic and holds items that cannot be answered.
    """
    domain = _domain(tx, actor, domain_name, create=create)
    if domain.multi:
        raise WrongDomainKind(
            "This domain gives several pseudonyms per original; say how many with 'count'."
        )
    checked = check_originals(originals)
    if holds_local_persons(domain):
        return _of_persons(
            center, tx, actor, domain, checked, create=create, atomic=atomic, calls=calls
        )
    if create:
        checked = refuse_unusable(center, tx, domain, checked)
        checked = obey_parents(center, tx, domain, keep_format(domain, checked))
    valid = list({item: None for item in checked if isinstance(item, str)})
    known, created = _get_or_create(center, tx, actor, domain, valid, create=create, calls=calls)
    absent = DomainExhausted() if create else UnknownOriginal()
    issued = {item: Issued(token, item in created) for item, token in known.items()}
    answers = [item if isinstance(item, TTPError) else issued.get(item, absent) for item in checked]
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def check_originals(values: Sequence[object]) -> list[Original | TTPError]:
    """Each original as given, or the error in its place.

    Raises:
        TooManyItems: the batch is larger than 100,000.
    """
    if len(values) > MAXIMAL_ITEMS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_ITEMS} items.")
    if are_plainly_valid(values):
        return cast("list[Original | TTPError]", list(values))
    return [_checked(value) for value in values]


def refuse_if_atomic(answers: Sequence[object], *, atomic: bool) -> None:
    """Pass unless the batch is atomic and an answer is an error.

    Raises:
        AtomicBatchRefused: naming every position and code.
    """
    if not atomic:
        return
    errors = [
        (position, item) for position, item in enumerate(answers) if isinstance(item, TTPError)
    ]
    if errors:
        positions = [{"position": position, "code": error.code} for position, error in errors]
        raise AtomicBatchRefused(errors=positions)


def _of_persons(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    checked: Sequence[Original | TTPError],
    *,
    create: bool,
    atomic: bool,
    calls: int,
) -> Answers:
    """Originals that are IDs of persons, or of their records, of this center; a merged person's ID is followed."""
    named = {
        item: identity
        for item in checked
        if isinstance(item, str) and (identity := named_identity(item))
    }
    known = tx.identities.get(sorted(set(named.values())))
    wanted = [one for one in named.values() if one in known]
    done = assign_pseudonyms(center, tx, actor, domain, wanted, create=create, calls=calls)
    note_given(tx, actor, domain, done.pseudonyms.items())
    answers: Answers = []
    for item in checked:
        one = None if isinstance(item, TTPError) else named.get(item)
        if isinstance(item, TTPError):
            answers.append(item)
        elif one is None or one not in known:
            answers.append(UnknownRecord())
        else:
            answers.append(done.answer(one, create=create))
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def _domain(tx: Transaction, actor: Actor, name: str, *, create: bool) -> Domain:
    domain = tx.domains.get_for_writing(name) if create else tx.domains.get(name)
    actor.require(Right.ISSUE if create else Right.LOOKUP, domain.name)
    domain.state.require_issuing() if create else domain.state.require_reading()
    return domain


def _get_or_create(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    originals: Sequence[Original],
    *,
    create: bool,
    calls: int,
) -> tuple[dict[Original, Pseudonym], set[Original]]:
    by_index = dict(zip(current_indexes(center, domain, originals), originals, strict=True))
    known = tx.pseudonyms.find(domain, list(by_index))
    over = due_among(center, tx, domain, known.values())
    due = [index for index, token in known.items() if token in over]
    known = {index: token for index, token in known.items() if token not in over} if due else known
    missing = [index for index in by_index if index not in known]
    made: set[bytes] = set()
    if create and missing:
        leaf = new_leaf_id(center)
        if due:
            tx.pseudonyms.end(domain, due, state=PseudonymState.EXPIRED, leaf=leaf)
        made = draw_missing(
            center, tx, domain, {index: by_index[index] for index in missing}, known, leaf
        )
        _record(
            center,
            tx,
            actor,
            domain,
            [by_index[index] for index in known],
            made=len(made),
            leaf=leaf,
            calls=calls,
        )
    elif originals:
        found = [by_index[index] for index in known]
        _record(center, tx, actor, domain, found, made=0, leaf=None, calls=calls)
    return {by_index[index]: found for index, found in known.items()}, {
        by_index[index] for index in made
    }


def _checked(value: object) -> Original | TTPError:
    try:
        return checked_original(value)
    except TTPError as error:
        return error


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    found: Sequence[Original],
    *,
    made: int,
    leaf: LeafId | None,
    calls: int,
) -> None:
    counts = {"answered": len(found), "created": made}
    act = Act(
        EventKind.PSEUDONYMS_ISSUED if leaf else EventKind.PSEUDONYMS_READ,
        domain=domain.name,
        counts=counts if calls == 1 else counts | {"calls": calls},
        subjects=tuple(original.encode() for original in found),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
