"""Import pairs: pseudonyms that another system issued become this domain's, each for its original, for all time.

What stands is never changed: a pair that contradicts it is an error in its place. The same pair again is fine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domain_policy import Generation, ParentRule
from ttp.core.domains import Domain
from ttp.core.errors import InvalidField, NotAllowed, TooManyItems, TTPError, WrongDomainKind
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId, Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonym_life import DifferentOriginalExists, DifferentPseudonymExists
from ttp.core.pseudonyms import (
    MAXIMAL_ITEMS,
    Issued,
    Link,
    are_plainly_fitting,
    are_plainly_valid,
    checked_original,
    checked_pseudonym,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.find_anchors import holds_local_persons
from ttp.services.pseudonyms.issue_pseudonyms import refuse_if_atomic
from ttp.services.pseudonyms.keep_validity import limit_new
from ttp.services.pseudonyms.link_originals import (
    SINGLE,
    current_indexes,
    next_indexes,
    seal_originals,
)
from ttp.services.pseudonyms.obey_parents import obey_parents

Answers = list[Issued | TTPError]


class Pair(NamedTuple):
    """An original and the pseudonym it has in another system."""

    original: Original
    pseudonym: Pseudonym


def import_pairs(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    pairs: Sequence[object],
    atomic: bool = False,
) -> Answers:
    """Take over each pair (original, pseudonym); in the order given, ``created`` where it was not there before.

    Errors in the place of an item: InvalidOriginal, InvalidPseudonym, DifferentPseudonymExists,
    DifferentOriginalExists. Of two pairs of a batch that contradict each other the first counts.

    Raises:
        UnknownDomain, NotAllowed, WrongDomainKind, TooManyItems: for the request as a whole.
        DomainDraft, DomainFrozen, DomainRetired: nothing is issued in the domain.
        AtomicBatchRefused: the batch is atomic and holds pairs that cannot be taken over.
    """
    domain = tx.domains.get_for_writing(domain_name)
    actor.require(Right.IMPORT, domain.name)
    _require_importable(domain)
    if len(pairs) > MAXIMAL_ITEMS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_ITEMS} items.")
    items = _all_checked(pairs, domain)
    checked = _consistent(_obeying(center, tx, domain, items))
    chosen = {item.original: item.pseudonym for item in checked if isinstance(item, Pair)}
    leaf = new_leaf_id(center)
    known, made = _store(center, tx, domain, chosen, leaf)
    answers = [_answer(item, known, made) for item in checked]
    taken = sorted(item for item in chosen if known.get(item) == chosen[item])
    _record(center, tx, actor, domain, taken, made=len(made), leaf=leaf)
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def _require_importable(domain: Domain) -> None:
    domain.state.require_issuing()
    if domain.multi:
        raise WrongDomainKind("Pairs are imported into domains with one pseudonym per original.")
    if domain.generation is not Generation.RANDOM:
        raise WrongDomainKind("The pseudonyms of this domain are computed; none can be imported.")
    if holds_local_persons(domain):
        raise WrongDomainKind("Pseudonyms of persons are issued for records of this center.")
    if domain.project is not None:
        raise NotAllowed("The pseudonyms of a project are made by its linking center.")


def _all_checked(pairs: Sequence[object], domain: Domain) -> list[Pair | TTPError]:
    """Each pair, or the error in its place; good ones by one look at all of them."""
    if pairs and all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        originals, pseudonyms = zip(*cast("Sequence[tuple[object, object]]", pairs), strict=True)
        if are_plainly_valid(originals) and are_plainly_fitting(pseudonyms, domain):
            return list(map(Pair._make, cast("Sequence[tuple[Any, Any]]", pairs)))
    return [_checked(pair, domain) for pair in pairs]


def _checked(pair: object, domain: Domain) -> Pair | TTPError:
    try:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            return InvalidField("A pair is an original and its pseudonym.")
        return Pair(checked_original(pair[0]), checked_pseudonym(pair[1], domain))
    except TTPError as error:
        return error


def _obeying(
    center: Center, tx: Transaction, domain: Domain, items: Sequence[Pair | TTPError]
) -> list[Pair | TTPError]:
    """The items; those whose originals the parents of the domain do not allow are errors."""
    if domain.parent_rule is ParentRule.OFF:
        return list(items)
    originals = [item.original if isinstance(item, Pair) else item for item in items]
    judged = obey_parents(center, tx, domain, originals)
    return [
        found if isinstance(found, TTPError) else item
        for item, found in zip(items, judged, strict=True)
    ]


def _consistent(items: Sequence[Pair | TTPError]) -> list[Pair | TTPError]:
    """The items; those that contradict an earlier one are errors."""
    by_original: dict[Original, Pseudonym] = {}
    by_pseudonym: dict[Pseudonym, Original] = {}

    def judge(item: Pair) -> Pair | TTPError:
        if by_original.get(item.original, item.pseudonym) != item.pseudonym:
            return DifferentPseudonymExists()
        if by_pseudonym.get(item.pseudonym, item.original) != item.original:
            return DifferentOriginalExists()
        by_original[item.original] = item.pseudonym
        by_pseudonym[item.pseudonym] = item.original
        return item

    return [judge(item) if isinstance(item, Pair) else item for item in items]


def _store(
    center: Center,
    tx: Transaction,
    domain: Domain,
    chosen: dict[Original, Pseudonym],
    leaf: LeafId,
) -> tuple[dict[Original, Pseudonym], set[Original]]:
    """What the originals have now, and which of them got it here."""
    originals = sorted(chosen)
    indexes = current_indexes(center, domain, originals)
    by_index = dict(zip(indexes, originals, strict=True))
    known = tx.pseudonyms.find(domain, indexes)
    missing = [index for index in indexes if index not in known]
    links = _links(center, domain, missing, [by_index[index] for index in missing], chosen)
    made = tx.pseudonyms.add_missing(domain, links, leaf=leaf) if links else set()
    limit_new(center, tx, domain, [chosen[by_index[index]] for index in made], leaf)
    known |= {index: chosen[by_index[index]] for index in made}
    rest = [index for index in missing if index not in made]
    known |= tx.pseudonyms.find(domain, rest)  # what another caller inserted meanwhile
    found = {by_index[index]: pseudonym for index, pseudonym in known.items()}
    return found, {by_index[index] for index in made}


def _links(
    center: Center,
    domain: Domain,
    indexes: Sequence[bytes],
    originals: Sequence[Original],
    chosen: dict[Original, Pseudonym],
) -> list[Link]:
    rows = [(chosen[original].encode(), original) for original in originals]
    columns = zip(
        (chosen[original] for original in originals),
        indexes,
        next_indexes(center, domain, originals),
        seal_originals(center, domain, SINGLE, rows),
        strict=True,
    )
    return [Link(*row) for row in columns]


def _answer(
    item: Pair | TTPError, known: dict[Original, Pseudonym], made: set[Original]
) -> Issued | TTPError:
    if isinstance(item, TTPError):
        return item
    stands = known.get(item.original)
    if stands is None:
        return DifferentOriginalExists()
    if stands != item.pseudonym:
        return DifferentPseudonymExists()
    return Issued(stands, created=item.original in made)


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    taken: Sequence[Original],
    *,
    made: int,
    leaf: LeafId,
) -> None:
    act = Act(
        EventKind.PSEUDONYMS_IMPORTED,
        domain=domain.name,
        counts={"answered": len(taken), "created": made},
        subjects=tuple(original.encode() for original in taken),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
