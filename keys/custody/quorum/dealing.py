"""Dealing: shares are in force only once they are known to be on paper, and the root never changes by it.

Resharing has two steps. The first writes the new statement beside the one in force, so that
shares lost before they were printed lose nothing. The second puts it in force, when every
new custodian has typed in what stands on the paper.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keys.custody.errors import NoResharing, QuorumImpossible, SharesMissing
from keys.custody.quorum.collector import Collector
from keys.custody.quorum.share import MAX_EPOCH, Share, new_quorum
from keys.custody.quorum.statement import Custodian, Statement, check_shape, commitment
from keys.custody.root_key import ROOT_KEY_LENGTH, RootKey
from keys.durable import create_durably, replace_durably
from keys.errors import CannotUnseal, SecretTooShort
from keys.shares import split

_SUFFIX = ".next"


@dataclass(frozen=True, slots=True)
class Dealt:
    """A root key and its shares, in the order of the custodians: print them and forget them."""

    root: RootKey = field(repr=False)
    shares: tuple[Share, ...]


def create(
    path: Path, *, threshold: int, custodians: Sequence[str], root: RootKey | None = None
) -> Dealt:
    """Write the statement of a new quorum and deal its shares; the file must not exist.

    A new root is drawn, unless one is given that another custody holds so far. Use the root
    for anything only after the custodians opened it once from paper.

    Raises:
        FileExistsError: `path` exists; it is left as it was.
        QuorumImpossible: threshold and names make no quorum.
        SecretTooShort: the given root is not 32 bytes.
    """
    if root is not None and len(root) != ROOT_KEY_LENGTH:
        raise SecretTooShort(f"a root key has exactly {ROOT_KEY_LENGTH} bytes")
    root = root or RootKey.drawn()
    statement, shares = _deal(root, new_quorum(), 1, threshold, custodians)
    create_durably(path, statement.to_bytes())
    return Dealt(root, shares)


def unseal(path: Path, *, shares: Iterable[str]) -> RootKey:
    """Open the root key with shares at hand; `Collector` takes them one at a time.

    Raises:
        CannotUnseal: which share is wrong and why, or how many are missing.
    """
    with Collector(Statement.read(path)) as collector:
        for text in shares:
            collector.add(text)
        return collector.root()


def reshare(
    path: Path, shares: Iterable[str], *, threshold: int, custodians: Sequence[str]
) -> tuple[Share, ...]:
    """Deal shares of the same root to new custodians; those in force stay so until `confirm`.

    Asking again deals anew, under a further epoch: shares of an attempt given up are refused.

    Raises:
        CannotUnseal: the shares given do not open the root.
        QuorumImpossible: threshold and names make no quorum, or the epochs are used up.
    """
    check_shape(threshold, list(custodians))
    root = unseal(path, shares=shares)
    try:
        current = Statement.read(path)
        epoch = 1 + max(current.epoch, _pending_epoch(path, current))
        if epoch > MAX_EPOCH:
            raise QuorumImpossible("the epochs of this quorum are used up; create a new one")
        statement, dealt = _deal(root, current.quorum, epoch, threshold, custodians)
    finally:
        root.wipe()
    replace_durably(_beside(path), statement.to_bytes())
    return dealt


def confirm(path: Path, shares: Iterable[str]) -> None:
    """Put the new shares in force; from then on those of the old epoch are refused.

    Every new custodian's share is asked for, since this is the last moment at which a
    misprint can be put right. Interrupted, it can be repeated.

    Raises:
        NoResharing: none is under way.
        SharesMissing: not all new custodians' shares are here; nothing is changed.
        CustodyFileChanged: the new shares are not of the root in force; nothing is changed.
        CannotUnseal: a share is wrong; nothing is changed.
    """
    current, pending = Statement.read(path), _pending(path)
    if pending is None or pending.quorum != current.quorum or pending.epoch <= current.epoch:
        raise NoResharing("no resharing of this quorum is under way")
    with Collector(pending) as collector:
        for text in shares:
            collector.add(text)
        if missing := len(pending.custodians) - len(collector.entered):
            raise SharesMissing(f"{missing} new shares have not been read back", missing)
        root = collector.root()
        try:
            current.verify(root)
        finally:
            root.wipe()
    replace_durably(path, pending.to_bytes())
    _beside(path).unlink(missing_ok=True)


def _deal(
    root: RootKey, quorum: str, epoch: int, threshold: int, names: Sequence[str]
) -> tuple[Statement, tuple[Share, ...]]:
    check_shape(threshold, list(names))
    values = split(root, threshold=threshold, count=len(names))
    shares = tuple(Share(quorum, epoch, n, value=value) for n, value in enumerate(values, start=1))
    holders = tuple(
        Custodian(name, commitment(share)) for name, share in zip(names, shares, strict=True)
    )
    return Statement(quorum, epoch, threshold, holders).proven_by(root), shares


def _pending(path: Path) -> Statement | None:
    return Statement.read(_beside(path)) if _beside(path).exists() else None


def _pending_epoch(path: Path, current: Statement) -> int:
    """The epoch of an attempt given up; one that cannot be read is overwritten."""
    try:
        pending = _pending(path)
    except CannotUnseal:
        return 0
    return pending.epoch if pending and pending.quorum == current.quorum else 0


def _beside(path: Path) -> Path:
    return path.with_name(path.name + _SUFFIX)
