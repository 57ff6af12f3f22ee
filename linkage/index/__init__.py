"""Search index: who is alike? Exact: one record against all in shared memory, or batches against a growing stock."""

from linkage.index.growing import GrowingIndex, Likenesses
from linkage.index.memory import Handle
from linkage.index.probing import Matches
from linkage.index.search import SearchIndex, SharedView
from linkage.index.tokens import TokenIndex

__all__ = [
    "GrowingIndex",
    "Handle",
    "Likenesses",
    "Matches",
    "SearchIndex",
    "SharedView",
    "TokenIndex",
]
