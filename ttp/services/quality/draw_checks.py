"""Draw checks: second opinions at random, planted pairs, and samples of what the model decided alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from keys.randomness import random_below, shuffled
from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.center import Center
from ttp.core.errors import InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identifying_data import from_content
from ttp.core.identities import Population
from ttp.core.names import IdentityId, PopulationName
from ttp.core.persons import LOCAL, Pair, pair_of, scope_of
from ttp.core.ports import Transaction
from ttp.core.quality_desk import (
    REACH_STRATA,
    STRATUM_BITS,
    Check,
    CheckKind,
    CheckState,
    Drawn,
    Frame,
    Stratum,
    stratum_of,
)
from ttp.core.review import Verdict
from ttp.core.vignettes import vignette
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.match_records import index_of
from ttp.services.persons.seal_identities import open_contents

BATCH = 500
MOST_DRAWN = 200
SEARCHED = 100
"""Records whose neighbors are searched for pairs below the threshold."""
_SEEDS = 1_000_000
_MODEL = "model"

Scored = tuple[Pair, float]


def draw_second_opinions(center: Center, tx: Transaction) -> int:
    """Decide by lot which of the newest decisions somebody else answers once more; returns how many were seen.

    The share is the setting ``second_review_percent``; nobody can tell beforehand which decisions it hits.
    """
    seen = tx.quality.undrawn(limit=BATCH)
    if not seen:
        return 0
    tx.quality.mark_drawn(seen[-1].id)
    chosen = [one for one in seen if random_below(100) < center.second_review_percent]
    _store(center, tx, SYSTEM, [_second(center, one) for one in chosen if one.pairs])
    return len(seen)


def plant_gold(center: Center, tx: Transaction, actor: Actor, *, count: int) -> int:
    """Plant made-up pairs that every reviewer meets once; returns how many.

    Raises:
        NotAllowed, InvalidField: and nothing is planted.
    """
    actor.require(Right.ADMINISTER)
    _require_count(count)
    made = [_gold(center, random_below(_SEEDS)) for _ in range(count)]
    _store(center, tx, actor, made)
    return count


def draw_samples(center: Center, tx: Transaction, actor: Actor, *, count: int) -> int:
    """Put ``count`` links and as many rejected pairs of the center's own stock before people, spread over strata.

    Rejected pairs are found around 100 records drawn at random; how many there are in all is extrapolated from
    these. Returns how many checks were made.

    Raises:
        NotAllowed, WrongRole, InvalidField: and nothing is drawn. UnknownPopulation: nobody is registered.
    """
    actor.require(Right.ADMINISTER)
    require_local(center)
    _require_count(count)
    accepted = tx.quality.link_strata(LOCAL)
    rejected, found, searched = _rejected(center, tx)
    made = [
        _sampled(center, CheckKind.LINK, pair, score)
        for stratum, share in zip(accepted, _shares(count, len(accepted)), strict=True)
        for pair, score in tx.quality.sample_links(LOCAL, lowest=stratum.lowest, limit=share)
    ]
    for stratum, share in zip(rejected, _shares(count, len(rejected)), strict=True):
        fresh = _unchecked(tx, found, stratum)[:share]
        made += [_sampled(center, CheckKind.REJECTED, *one) for one in fresh]
    frame = Frame(center.clock.now(), LOCAL, (*accepted, *rejected), searched)
    _store(center, tx, actor, made, frame=frame)
    return len(made)


def _rejected(center: Center, tx: Transaction) -> tuple[list[Stratum], list[Scored], int]:
    """Strata below the threshold, extrapolated; the pairs found in them; and how many records were searched."""
    population = tx.identities.lock(LOCAL)
    drawn = tx.quality.sample_identities(LOCAL, limit=SEARCHED)
    total, _ = tx.identities.count(LOCAL)
    found = _below(center, tx, population, drawn) if drawn else []
    counted = Counter(stratum_of(score) for _, score in found)
    seen = 1 - (1 - len(drawn) / total) ** 2 if drawn else 1.0  # a pair is found from either end
    strata = [
        Stratum(lowest, False, max(many, round(many / seen)))
        for lowest, many in sorted(counted.items(), reverse=True)
    ]
    return strata, found, len(drawn)


def _below(
    center: Center, tx: Transaction, population: Population, drawn: Sequence[IdentityId]
) -> list[Scored]:
    """Pairs of these records with any other that scored below the threshold, but not far below it."""
    index = index_of(center, tx, population)
    model = index.model
    rows = tx.identities.versions(list(drawn))
    stored = list(rows.values())
    contents = open_contents(center, LOCAL, stored)
    entries = index.entries(
        [
            (row.id, row.version, from_content(text))
            for row, text in zip(stored, contents, strict=True)
        ]
    )
    top = model.parameters.possible_at
    lowest = top - STRATUM_BITS * REACH_STRATA
    found: dict[Pair, float] = {}
    for query, candidates in zip(entries, index.candidates(entries), strict=True):
        for one in candidates:
            if one.identity == query.identity:
                continue
            verdict = model.explain(query.comparable, one.comparable, index.bearers)
            if lowest <= verdict.total < top:
                found[pair_of(query.identity, one.identity)] = verdict.total
    return shuffled(list(_apart(tx, found).items()))


def _apart(tx: Transaction, found: dict[Pair, float]) -> dict[Pair, float]:
    """Without pairs that are one person by other links."""
    ends = sorted({one for pair in found for one in pair})
    persons = {row.id: row.person for row in tx.identities.versions(ends).values()}
    return {pair: score for pair, score in found.items() if persons[pair[0]] != persons[pair[1]]}


def _unchecked(tx: Transaction, found: Sequence[Scored], stratum: Stratum) -> list[Scored]:
    inside = [one for one in found if stratum_of(one[1]) == stratum.lowest]
    known = tx.quality.checked([pair for pair, _ in inside])
    return [one for one in inside if one[0] not in known]


def _shares(count: int, strata: int) -> list[int]:
    """The count spread evenly, the first strata taking what is left over."""
    return [count // strata + (place < count % strata) for place in range(strata)]


def _second(center: Center, one: Drawn) -> Check:
    pair = one.pairs[random_below(len(one.pairs))]
    return _check(
        center, CheckKind.SECOND, one.population, pair, one.verdict, one.by, decision=one.id
    )


def _gold(center: Center, seed: int) -> Check:
    truth = vignette(seed).truth
    return _check(center, CheckKind.GOLD, PopulationName(""), None, truth, "", seed=seed)


def _sampled(center: Center, kind: CheckKind, pair: Pair, score: float) -> Check:
    expected = Verdict.SAME if kind is CheckKind.LINK else Verdict.DIFFERENT
    return _check(center, kind, LOCAL, pair, expected, _MODEL, score=score)


def _check(
    center: Center,
    kind: CheckKind,
    population: PopulationName,
    pair: Pair | None,
    expected: Verdict,
    first_by: str,
    **more: object,
) -> Check:
    return Check(
        id=center.new_id(),
        kind=kind,
        population=population,
        pair=pair,
        seed=more.get("seed"),  # type: ignore[arg-type] # given by the functions above only
        expected=expected,
        first_by=first_by,
        decision=more.get("decision"),  # type: ignore[arg-type] # given by the functions above only
        score=more.get("score"),  # type: ignore[arg-type] # given by the functions above only
        state=CheckState.OPEN,
        created_at=center.clock.now(),
    )


def _store(
    center: Center,
    tx: Transaction,
    actor: Actor,
    checks: Sequence[Check],
    *,
    frame: Frame | None = None,
) -> None:
    if not checks and frame is None:
        return
    leaf = new_leaf_id(center)
    tx.quality.add(checks, leaf=leaf)
    if frame is not None:
        tx.quality.add_frame(frame, leaf=leaf)
    subjects = tuple(sorted({one.bytes for check in checks for one in check.pair or ()}))
    counts = dict(Counter(check.kind.value for check in checks))
    domain = scope_of(LOCAL) if subjects else None
    act = Act(EventKind.QUALITY_DRAWN, domain=domain, counts=counts, subjects=subjects)
    record_leaf(center, tx, actor, act, leaf_id=leaf)


def _require_count(count: int) -> None:
    if not 1 <= count <= MOST_DRAWN:
        raise InvalidField(f"From 1 to {MOST_DRAWN} are drawn at a time.")
