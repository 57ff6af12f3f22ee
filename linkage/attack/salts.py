"""Salts: records under one salt have one key, so each group is attacked alone, like a small center.

Which group has which salt is taken as known: an attacker tries the few candidates, and the pairs his
pictures agree on tell him where he was right. Thinned views have no groups within a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.attack.policy import Policy
from linkage.attack.trial import Trial, attack_twin
from linkage.attack.twin import LEAST, Twin, encoded, make_twin, narrowed
from linkage.schema import LinkageSchema

_MOST: Final = 100_000
"""Persons a side that are made up to find a group at most."""


def attack_salts(
    schema: LinkageSchema, n: int, policy: Policy, *, largest: Mapping[str, int], seed: int
) -> dict[str, Trial]:
    """Attacks on the largest group of each salted view, by view, all its persons on both sides.

    ``largest``: records of the most frequent token among ``n`` records, by ``token VIEW``; groups
    below 200 persons are left alone, for a share of them would say little.
    """
    found = {}
    for view in schema.salted:
        group = largest.get(f"token {view.name}", 0)
        if view.thinned or group < LEAST:
            continue
        size = min(n, _MOST, n * policy.attack_n // group)
        overlap = max(policy.overlaps)
        twin = _largest_group(make_twin(schema, size, overlap, seed=seed), schema, view.name, seed)
        if min(len(twin.known), len(twin.target)) >= LEAST:
            known = policy.known_pairs
            found[view.name] = attack_twin(twin, schema, overlap, seed=seed, known_pairs=known)
    return found


def _largest_group(twin: Twin, schema: LinkageSchema, view: str, seed: int) -> Twin:
    """The persons under the salt most of the attacker's sample has; he knows whom he holds in clear."""
    mine, truth = (
        encoded(table, schema, seed=seed, side="attacker").exact[view]
        for table in (twin.known, twin.target)
    )
    values, counts = np.unique(mine[mine != 0], return_counts=True)
    salt = values[counts.argmax()]
    return narrowed(twin, _places(mine, salt), _places(truth, salt))


def _places(tokens: NDArray[np.uint64], salt: np.uint64) -> NDArray[np.intp]:
    return np.flatnonzero(tokens == salt)
