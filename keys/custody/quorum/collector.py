"""Collecting shares: one at a time, in any order; what is wrong with one says so and spoils nothing."""

from dataclasses import dataclass
from types import TracebackType

from keys.custody.errors import (
    ShareFalse,
    ShareForeign,
    ShareOutdated,
    ShareRepeated,
    SharesMissing,
)
from keys.custody.quorum.share import Share
from keys.custody.quorum.statement import Statement
from keys.custody.root_key import RootKey
from keys.shares import interpolate, wipe


@dataclass(frozen=True, slots=True)
class Accepted:
    """A true share was counted: whose it was, and how many are still missing."""

    custodian: str
    missing: int


class Collector:
    """Holds the shares entered so far for one statement; one caller at a time.

    As a context manager it forgets them at the end, whatever happened.
    """

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self._shares: dict[int, Share] = {}

    @property
    def missing(self) -> int:
        """How many more shares are needed, 0 when the root can be opened."""
        return max(0, self.statement.threshold - len(self._shares))

    @property
    def entered(self) -> tuple[str, ...]:
        """The custodians counted so far, in the order of entering."""
        custodians = self.statement.custodians
        return tuple(custodians[number - 1].name for number in self._shares)

    def add(self, text: str) -> Accepted:
        """Count one share, after these steps; shares counted before are kept if one fails.

        1. It is well-formed. 2. It is of this quorum. 3. It is of this epoch. 4. It has the
        number of a custodian. 5. It is what that custodian was dealt. 6. It is new.

        Whose share is named is what the share says: another person may have typed it.

        Raises:
            ShareMalformed, ShareForeign, ShareOutdated, ShareFalse, ShareRepeated: as numbered.
        """
        share = Share.parse(text)
        try:
            custodian = self._judged(share)
        except BaseException:
            share.wipe()
            raise
        self._shares[share.number] = share
        return Accepted(custodian, self.missing)

    def root(self) -> RootKey:
        """Give the root key and forget all shares.

        The root is the caller's to wipe; nothing of it is left here.

        Raises:
            SharesMissing: too few so far; what was entered is kept.
            CustodyFileChanged: the shares are true, but threshold, names or commitments of the
                file are not those they were dealt with; the shares are forgotten.
        """
        if self.missing:
            raise SharesMissing(f"{self.missing} more shares are needed", self.missing)
        secret = interpolate({number: share.value for number, share in self._shares.items()})
        try:
            root = RootKey(secret)
            self.statement.verify(root)
        finally:
            wipe(secret)
            self.forget()
        return root

    def forget(self) -> None:
        """Wipe and drop every share entered so far: an attempt was given up."""
        for share in self._shares.values():
            share.wipe()
        self._shares.clear()

    def __enter__(self) -> "Collector":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.forget()

    def __repr__(self) -> str:
        return f"Collector(entered={len(self._shares)}, missing={self.missing})"

    def _judged(self, share: Share) -> str:
        stated = self.statement
        if share.quorum != stated.quorum:
            raise ShareForeign(f"this is a share of quorum {share.quorum}, not {stated.quorum}")
        if share.epoch != stated.epoch:
            raise ShareOutdated(
                f"this is a share of epoch {share.epoch}; epoch {stated.epoch} is in force"
            )
        holder = stated.holder(share)
        if holder is None:
            raise ShareForeign(f"no share of this quorum has the number {share.number}")
        if not stated.is_true(share):
            raise ShareFalse(f"the share of {holder.name} is false", holder.name)
        if share.number in self._shares:
            raise ShareRepeated(f"the share of {holder.name} is already counted", holder.name)
        return holder.name
