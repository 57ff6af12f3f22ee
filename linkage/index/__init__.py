"""Search index: who is alike? One record against all, exact, in memory that processes share."""

from linkage.index.memory import Handle
from linkage.index.probing import Matches
from linkage.index.search import SearchIndex, SharedView

__all__ = ["Handle", "Matches", "SearchIndex", "SharedView"]
