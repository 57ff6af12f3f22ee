"""The rehearsal: every step and every mistake of a key ceremony, on a root that protects nothing.

``python -m keys.custody.ceremony`` plays all roles in a temporary folder and prints a
transcript. Each step checks what it claims; the first claim that does not hold ends the
rehearsal with exit code 1. No service is needed. ``docs/key-ceremony.md`` is the guide.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from pathlib import Path

from keys.custody import open_custody, pkcs11, quorum
from keys.custody.errors import (
    RehearsalFailed,
    ShareFalse,
    ShareForeign,
    ShareMalformed,
    ShareOutdated,
    ShareRepeated,
    SharesMissing,
)
from keys.custody.root_key import RootKey
from keys.errors import KeysError
from keys.keyring import Keyring, Purpose
from keys.randomness import shuffled

CENTER = "Rehearsal (this root protects nothing)"
PEOPLE = ("Anders", "Brandt", "Celik", "Dorn", "Eriksen", "Fuchs", "Gruber", "Hansen", "Ibrahim")
SUCCESSORS = ("Jansen", "Keller", "Lorenz", "Meyer")
_MOST_COMBINATIONS = 500


@dataclass(slots=True)
class Rehearsal:
    """One run: its folder, its custodians' papers, and where the transcript goes."""

    folder: Path
    threshold: int
    names: tuple[str, ...]
    say: Callable[[str], None]
    papers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def custody(self) -> Path:
        """The custody file."""
        return self.folder / "quorum.json"

    @property
    def keyring(self) -> Path:
        """The keyring under the rehearsed root."""
        return self.folder / "keyring"

    def claim(self, sentence: str, holds: object) -> None:
        """Print what was just proven.

        Raises:
            RehearsalFailed: it does not hold.
        """
        if not holds:
            raise RehearsalFailed(f"not so: {sentence}")
        self.say(f"   proven  {sentence}")

    def refused(self, expected: type[KeysError], who: str, act: Callable[[], object]) -> None:
        """Print the refusal that a mistake must meet.

        Raises:
            RehearsalFailed: it was not refused.
        """
        try:
            act()
        except expected as error:
            self.say(f"   refused {who}: {error}")
            return
        raise RehearsalFailed(f"not refused: {who}")

    def typed(self, *names: str) -> list[str]:
        """What these custodians type."""
        return [self.papers[name] for name in names]


def deal(run: Rehearsal, show: Callable[[str], None]) -> None:
    """Draw a root, deal it, print the sheets, and forget all but the papers."""
    run.say(f"1. Dealing: {len(run.names)} custodians, any {run.threshold} of them open.")
    dealt = quorum.create(run.custody, threshold=run.threshold, custodians=run.names)
    statement = quorum.Statement.read(run.custody)
    for name, share in zip(run.names, dealt.shares, strict=True):
        show(quorum.sheet(share, statement, center=CENTER))
        run.papers[name] = share.text()
        share.wipe()
    Keyring.create(run.keyring, root=dealt.root).ensure(Purpose.INDEX, "rehearsal")
    run.say(f"   quorum {statement.quorum}, epoch {statement.epoch}; one sheet an envelope.")


def read_back(run: Rehearsal) -> None:
    """Every paper is typed in before anything depends on it."""
    run.say("2. Reading back: every custodian types the own paper once.")
    with quorum.Collector(quorum.Statement.read(run.custody)) as collector:
        for name in run.names:
            collector.add(run.papers[name])
        run.claim("every paper reads as it was dealt", collector.entered == run.names)
        root = collector.root()
    run.claim("the root they give opens the keyring", opens(run, root))
    groups = islice(combinations(run.names, run.threshold), _MOST_COMBINATIONS)
    roots = [quorum.unseal(run.custody, shares=run.typed(*group)) for group in groups]
    run.claim(f"any {run.threshold} papers give the same root", all(one == root for one in roots))


def unseal_with_mistakes(run: Rehearsal) -> None:
    """The host was restarted; custodians come in any order and err in every way there is."""
    run.say("3. Unsealing after a restart, with every mistake.")
    first, *others = shuffled(run.names)[: run.threshold]
    with quorum.Collector(quorum.Statement.read(run.custody)) as collector:
        run.refused(
            ShareMalformed, f"{first} misreads", lambda: collector.add(_misread(run, first))
        )
        collector.add(run.papers[first])
        run.say(f"   counted {first}; {collector.missing} missing")
        run.refused(SharesMissing, "opening too early", collector.root)
        run.refused(ShareRepeated, "the same again", lambda: collector.add(run.papers[first]))
        run.refused(ShareForeign, "of another quorum", lambda: collector.add(_foreign(run)))
        false = _false(run, others[0])
        run.refused(ShareFalse, f"{others[0]} forges", lambda: collector.add(false))
        for name in others:
            collector.add(run.papers[name])
            run.say(f"   counted {name}; {collector.missing} missing")
        run.claim("the keyring opens", opens(run, collector.root()))


def lose_a_custodian(run: Rehearsal) -> None:
    """One paper is gone; the others still open, and deal anew without it."""
    lost, *left = shuffled(run.names)
    run.say(f"4. The paper of {lost} is lost, or {lost} leaves: resharing.")
    present = left[: run.threshold]
    before = quorum.unseal(run.custody, shares=run.typed(*present))
    names = (*left, next(name for name in SUCCESSORS if name not in left))
    new = quorum.reshare(
        run.custody, run.typed(*present), threshold=run.threshold, custodians=names
    )
    run.claim(
        "until the new papers are read back, the old ones open",
        quorum.unseal(run.custody, shares=run.typed(*present)) == before,
    )
    old, run.papers = run.papers, {n: s.text() for n, s in zip(names, new, strict=True)}
    short = run.typed(*names[1:])
    run.refused(
        SharesMissing, "confirming without all papers", lambda: quorum.confirm(run.custody, short)
    )
    quorum.confirm(run.custody, run.typed(*names))
    run.names = names
    run.refused(ShareOutdated, f"the old paper of {lost}", lambda: _collect(run, old[lost]))
    after = quorum.unseal(run.custody, shares=run.typed(*names[-run.threshold :]))
    run.claim("the new papers give the same root", after == before and opens(run, after))
    run.say("   Old papers are shredded now: together they would still give the root.")


def unseal_with_hsm(run: Rehearsal, uri: str) -> None:
    """The same with a token, whose PIN comes from the URI's source."""
    run.say("5. The variant with an HSM.")
    root = pkcs11.create(uri, pin=b"")
    run.claim("the HSM opens what it wrapped", open_custody(uri, passphrase=b"") == root)
    run.say("   The wrapping key has been proven sensitive and not extractable.")


def opens(run: Rehearsal, root: RootKey) -> bool:
    """Tell whether this root opens the keyring of the rehearsal."""
    return Keyring.open(run.keyring, root=root).active(Purpose.INDEX, "rehearsal").version == 1


def rehearse(
    folder: Path,
    *,
    threshold: int = 3,
    count: int = 5,
    say: Callable[[str], None],
    show: Callable[[str], None],
    hsm: str | None = None,
) -> None:
    """Play the ceremony in a folder; `say` gets the transcript, `show` each custodian's sheet.

    Raises:
        RehearsalFailed: a step did not do what the guide says, or no paper may be lost.
        KeysError: threshold and count make no quorum, or the HSM refuses.
    """
    if count <= threshold:
        raise RehearsalFailed(
            "with no more custodians than the threshold, one lost paper is the end"
        )
    run = Rehearsal(folder, threshold, PEOPLE[:count], say)
    say(f"Rehearsal of a key ceremony in {folder}.")
    deal(run, show)
    read_back(run)
    unseal_with_mistakes(run)
    lose_a_custodian(run)
    if hsm is not None:
        unseal_with_hsm(run, hsm)
    say("The rehearsal is complete: every step did what the guide says.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line: 0 if every claim held, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m keys.custody.ceremony", description=__doc__)
    parser.add_argument("--threshold", type=int, default=3, metavar="K")
    parser.add_argument("--custodians", type=int, default=5, metavar="N", help=f"≤ {len(PEOPLE)}")
    parser.add_argument("--sheets", action="store_true", help="print the worthless shares, too")
    parser.add_argument("--hsm", metavar="URI", help="rehearse this pkcs11: URI, with pin-source")
    chosen = parser.parse_args(arguments)
    show = (lambda text: print(f"\n{text}\n")) if chosen.sheets else (lambda _: None)
    count = min(chosen.custodians, len(PEOPLE))
    try:
        with tempfile.TemporaryDirectory(prefix="ttp-ceremony-") as folder:
            rehearse(
                Path(folder),
                threshold=chosen.threshold,
                count=count,
                say=print,
                show=show,
                hsm=chosen.hsm,
            )
    except (KeysError, FileExistsError) as error:
        print(f"The rehearsal failed: {error}", file=sys.stderr)
        return 1
    return 0


def _collect(run: Rehearsal, text: str) -> None:
    with quorum.Collector(quorum.Statement.read(run.custody)) as collector:
        collector.add(text)


def _misread(run: Rehearsal, name: str) -> str:
    paper = run.papers[name]
    return paper[:-1] + ("7" if paper[-1] != "7" else "1")


def _foreign(run: Rehearsal) -> str:
    elsewhere = run.folder / "other.json"
    return quorum.create(elsewhere, threshold=2, custodians=PEOPLE[:2]).shares[0].text()


def _false(run: Rehearsal, name: str) -> str:
    share = quorum.Share.parse(run.papers[name])
    share.value[0] ^= 1
    return share.text()


if __name__ == "__main__":
    sys.exit(main())
