"""Issue pseudonyms: find what is known, draw what is missing, keep the order asked; asking again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domain_policy import Generation
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
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import (
    MAXIMAL_ITEMS,
    Issued,
    Link,
    PseudonymState,
    are_plainly_valid,
    checked_original,
)
from ttp.services.derive_pseudonyms import derive_pseudonyms, keep_format
from ttp.services.draw_pseudonyms import draw_for
from ttp.services.keep_validity import due_among, limit_new
from ttp.services.link_originals import SINGLE, current_indexes, next_indexes, seal_originals
from ttp.services.obey_parents import obey_parents
from ttp.services.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.refuse_unusable import refuse_unusable

Answers = list[Issued | TTPError]
Add = Callable[..., set[bytes]]
"""Stores links and returns the indexes of those it stored."""


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
    errors = [
        (position, item) for position, item in enumerate(answers) if isinstance(item, TTPError)
    ]
    if atomic and errors:
        positions = [{"position": position, "code": error.code} for position, error in errors]
        raise AtomicBatchRefused(errors=positions)


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
        made = _draw_missing(
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


def _draw_missing(
    center: Center,
    tx: Transaction,
    domain: Domain,
    missing: dict[bytes, Original],
    known: dict[bytes, Pseudonym],
    leaf: LeafId,
) -> set[bytes]:
    made: set[bytes] = set()
    nexts = dict(zip(missing, next_indexes(center, domain, list(missing.values())), strict=True))

    def store(
        drawn: Sequence[tuple[bytes, Pseudonym]], add: Add = tx.pseudonyms.add_missing
    ) -> list[bytes]:
        sealed = seal_originals(
            center, domain, SINGLE, [(token.encode(), missing[index]) for index, token in drawn]
        )
        rows = [
            Link(token, index, nexts[index], envelope)
            for (index, token), envelope in zip(drawn, sealed, strict=True)
        ]
        inserted = add(domain, rows, leaf=leaf)
        made.update(inserted)
        known.update((index, token) for index, token in drawn if index in inserted)
        rest = [index for index, _ in drawn if index not in inserted]
        known.update(tx.pseudonyms.find(domain, rest))  # what another caller inserted meanwhile
        return [index for index in rest if index not in known]

    if domain.generation is Generation.RANDOM:
        draw_for(tx, domain, list(missing), store)
    else:
        derived = dict(
            zip(missing, derive_pseudonyms(center, domain, [*missing.values()]), strict=True)
        )
        gone = store([*derived.items()])  # tombstones of the same originals
        store([(index, derived[index]) for index in gone], tx.pseudonym_states.revive)
    limit_new(center, tx, domain, [known[index] for index in made], leaf)
    return made


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
