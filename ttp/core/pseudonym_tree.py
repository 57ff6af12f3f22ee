"""Trees of pseudonyms: a pseudonym of a parent domain is an original of its children, and so on down.

The tree of a pseudonym begins at the value that is no pseudonym of any parent, as far up as the asker may resolve;
asked from any of its pseudonyms it is the same tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ttp.core.names import DomainName, Original, Pseudonym

MOST_NODES = 10_000


@dataclass(slots=True)
class TreeNode:
    """A pseudonym in its domain, and what hangs below it. ``asked``: the tree was asked for from here."""

    domain: DomainName
    pseudonym: Pseudonym
    asked: bool = False
    below: list[TreeNode] = field(default_factory=list)

    def all(self) -> Iterator[TreeNode]:
        """This node and all below it."""
        yield self
        for node in self.below:
            yield from node.all()


@dataclass(slots=True)
class Tree:
    """Pseudonyms that hang together.

    Attributes:
        original: the value at the top, None where the asker may not see it.
        top: the pseudonyms right below it.
        hidden: pseudonyms right below visible ones in domains in which the asker may not look up.
        open_above: whether more may hang above or beside the top, which the asker may not resolve.
    """

    original: Original | None
    top: list[TreeNode]
    hidden: int = 0
    open_above: bool = False

    def nodes(self) -> Iterator[TreeNode]:
        """All nodes, each before what hangs below it."""
        for node in self.top:
            yield from node.all()
