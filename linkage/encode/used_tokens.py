"""Used tokens: over all deliveries of a source, a token of a thinned view stays with the record that had it first.

Else a record that comes later could take the token of another: whoever keeps both deliveries would see
that the two share a salt, which is the graph that thinning takes apart.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from linkage.encode.encoding_set import Words
from linkage.encode.sections import Sections, packed

MAGIC = b"TTPUSED1"


class UsedTokens:
    """Which record of a site holds each token of its thinned views; grows with every delivery.

    As sensitive as the encodings themselves. Bound to one secret, project and schema.
    """

    def __init__(self, commitment: str, held: Mapping[str, Words] | None = None) -> None:
        self.commitment = commitment
        self._held = dict(held or {})

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    def held(self, view: str) -> Words:
        """(token, record) pairs (n, 2) of a view, ascending by token."""
        return self._held.get(view, np.zeros((0, 2), dtype=np.uint64))

    def add(self, view: str, pairs: Words) -> None:
        """Remember new holders (n, 2); a token that is held stays with its holder."""
        self._held[view] = _first_holders([self.held(view), pairs])

    def copy(self) -> "UsedTokens":
        """The same memory, to which more can be added."""
        return UsedTokens(self.commitment, self._held)

    def since(self, earlier: "UsedTokens") -> "UsedTokens":
        """The tokens that nobody held in an earlier state of this memory."""
        fresh = {
            view: pairs[~np.isin(pairs[:, 0], earlier.held(view)[:, 0])]
            for view, pairs in self._held.items()
        }
        return UsedTokens(self.commitment, {view: new for view, new in fresh.items() if len(new)})

    def cut(self, size: int) -> Iterator["UsedTokens"]:
        """The memory in parts of at most `size` tokens of each view; none if it is empty."""
        for start in range(0, max(map(len, self._held.values()), default=0), size):
            part = {view: pairs[start : start + size] for view, pairs in self._held.items()}
            yield UsedTokens(
                self.commitment, {view: some for view, some in part.items() if len(some)}
            )

    @classmethod
    def joined(cls, commitment: str, parts: Iterable["UsedTokens"]) -> "UsedTokens":
        """One memory of parts, oldest first: the first holder of a token holds it."""
        held: dict[str, list[Words]] = {}
        for part in parts:
            for view, pairs in part._held.items():  # noqa: SLF001 - another of this class
                held.setdefault(view, []).append(pairs)
        return cls(commitment, {view: _first_holders(pairs) for view, pairs in held.items()})

    def to_bytes(self) -> bytes:
        """The memory as bytes in which no change goes unnoticed."""
        header = {"commitment": self.commitment}
        views = {name: pairs.astype("<u8").tobytes() for name, pairs in self._held.items()}
        return b"".join(packed(MAGIC, header, views, sealed=True))

    @classmethod
    def from_bytes(cls, raw: bytes, source: str) -> "UsedTokens":
        """Read what `to_bytes` gave; `source` names it in errors.

        Raises:
            EncodingInvalid: something else, truncated or altered.
        """
        file = Sections(raw, source, sealed={MAGIC: True})
        views = {name: file.take(name) for name in file.left()}
        if any(len(data) % 16 for data in views.values()):
            raise file.fail("a section is missing or has the wrong length")
        held = {
            name: np.frombuffer(data, dtype="<u8").astype(np.uint64).reshape(-1, 2)
            for name, data in views.items()
        }
        return cls(file.text("commitment"), held)

    def save(self, path: Path) -> None:
        """Write the file, in one step: a failure leaves the old one."""
        new = path.with_name(path.name + ".new")
        new.write_bytes(self.to_bytes())
        new.replace(path)

    @classmethod
    def load(cls, path: Path) -> "UsedTokens":
        """Read a file written by `save`.

        Raises:
            EncodingInvalid: another kind of file, truncated or altered.
        """
        return cls.from_bytes(path.read_bytes(), path.name)


def _first_holders(parts: Iterable[Words]) -> Words:
    """Pairs (n, 2) ascending by token, of each token the first."""
    together = np.concatenate(list(parts))
    _, first = np.unique(together[:, 0], return_index=True)
    return together[first]
