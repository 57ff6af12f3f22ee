"""Thinning: of the records of one source that share a token of a salted view, one keeps the view.

Else the tokens of a record's views would join the records of a site to a graph that can be recognized
without the secret. Which one keeps it is random, but the same whenever the secret and record IDs are; a
site that delivers more than once remembers who holds which token.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.encoding_set import Words
from linkage.encode.engine import EncodingEngine
from linkage.encode.families import KeyScope
from linkage.encode.used_tokens import UsedTokens
from linkage.records import RecordId


class Thinning:
    """Keeps one record per token, view by view."""

    def __init__(
        self, views: Sequence[str], *, secret: bytes, scope: KeyScope, engine: EncodingEngine
    ) -> None:
        self.views = tuple(views)
        info = digests.joined("thinning key", scope.project, scope.schema)
        self._key = digests.hkdf(secret=secret, info=info, length=32)
        self._engine = engine

    def thin(
        self,
        tokens: Mapping[str, Words],
        records: Sequence[RecordId],
        used: UsedTokens | None,
    ) -> None:
        """Set the tokens (n,) of the records that lose a thinned view to 0, in place.

        Holders in `used` keep their tokens against new records; new holders are added to it.
        """
        if not self.views:
            return
        record_marks = digests.keyed_words(key=self._key, texts=records)
        for view in self.views:
            held = np.zeros((0, 2), dtype=np.uint64) if used is None else used.held(view)
            keep = self._keepers(view, tokens[view], record_marks, held)
            lost = np.ones(len(records), dtype=np.bool_)
            lost[keep] = False
            tokens[view][lost] = 0
            if used is not None:
                used.add(view, np.stack([tokens[view][keep], record_marks[keep]], axis=1))

    def _keepers(self, view: str, tokens: Words, marks: Words, held: Words) -> NDArray[np.intp]:
        """Rows that keep the view."""
        rows = np.flatnonzero(tokens)
        if len(held):
            place = np.minimum(np.searchsorted(held[:, 0], tokens[rows]), len(held) - 1)
            taken = held[place, 0] == tokens[rows]
            rows = rows[~taken | (held[place, 1] == marks[rows])]
        rows = rows[np.argsort(tokens[rows])]
        same = tokens[rows[1:]] == tokens[rows[:-1]]
        shared = np.zeros(len(rows), dtype=np.bool_)
        shared[1:] |= same
        shared[:-1] |= same
        rivals = rows[shared]
        rivals = rivals[
            np.lexsort((self._lots(view, tokens[rivals], marks[rivals]), tokens[rivals]))
        ]
        first = np.ones(len(rivals), dtype=np.bool_)
        first[1:] = tokens[rivals[1:]] != tokens[rivals[:-1]]
        return np.concatenate([rows[~shared], rivals[first]])

    def _lots(self, view: str, tokens: Words, marks: Words) -> Words:
        """The lot each record draws for its token; the lowest keeps the view."""
        halves = digests.hkdf(secret=self._key, info=digests.joined("lots", view), length=16)
        key = np.frombuffer(halves, dtype="<u8").astype(np.uint64)
        lots = np.empty(len(tokens), dtype=np.uint64)
        self._engine.siphash(key[0], key[1], np.stack([tokens, marks], axis=1), lots)
        return lots
