"""A quorum opens together; every wrong share is told from a right one, and whose it is."""

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.custody import open_custody, quorum
from keys.custody.errors import (
    QuorumImpossible,
    ShareFalse,
    ShareForeign,
    ShareMalformed,
    ShareOutdated,
    ShareRepeated,
    SharesMissing,
)
from keys.custody.quorum import Accepted, Collector, Share, Statement
from keys.custody.root_key import RootKey
from keys.errors import CannotUnseal, SecretTooShort

NAMES = ("Anders", "Brandt", "Celik", "Dorn", "Eriksen")


@dataclass(frozen=True, slots=True)
class Dealt:
    """A quorum of three in five, as it lies on disk and in the envelopes."""

    path: Path
    root: RootKey
    texts: tuple[str, ...]

    def collector(self) -> Collector:
        return Collector(Statement.read(self.path))


@pytest.fixture(scope="module")
def dealt(tmp_path_factory: pytest.TempPathFactory) -> Dealt:
    path = tmp_path_factory.mktemp("quorum") / "quorum.json"
    made = quorum.create(path, threshold=3, custodians=NAMES)
    return Dealt(path, made.root, tuple(share.text() for share in made.shares))


def changed(text: str, *, bit: int) -> str:
    """A well-formed share whose value differs by one bit."""
    share = Share.parse(text)
    share.value[bit // 8] ^= 1 << bit % 8
    return share.text()


def test_every_three_of_five_open_in_every_order(dealt: Dealt) -> None:
    for chosen in permutations(dealt.texts, 3):
        assert quorum.unseal(dealt.path, shares=chosen) == dealt.root


def test_no_two_and_no_one_open(dealt: Dealt) -> None:
    for size in (0, 1, 2):
        for chosen in combinations(dealt.texts, size):
            with pytest.raises(SharesMissing) as refused:
                quorum.unseal(dealt.path, shares=chosen)
            assert refused.value.missing == 3 - size


def test_more_than_needed_open_too(dealt: Dealt) -> None:
    assert quorum.unseal(dealt.path, shares=dealt.texts) == dealt.root


def test_the_uri_opens_with_one_share_a_line(dealt: Dealt) -> None:
    lines = "\n\n".join(dealt.texts[:3]).encode() + b"\n"
    assert open_custody(f"quorum:{dealt.path}", passphrase=lines) == dealt.root


@pytest.mark.parametrize("nothing", [b"", b"\n \n"])
def test_the_uri_without_shares_says_how_many_are_missing(dealt: Dealt, nothing: bytes) -> None:
    with pytest.raises(SharesMissing, match="3 more"):
        open_custody(f"quorum:{dealt.path}", passphrase=nothing)


def test_the_uri_with_bytes_that_are_no_text_is_refused(dealt: Dealt) -> None:
    with pytest.raises(CannotUnseal):
        open_custody(f"quorum:{dealt.path}", passphrase=b"\xff\xfe")


def test_the_collector_says_who_came_and_how_many_are_missing(dealt: Dealt) -> None:
    with dealt.collector() as collector:
        assert collector.missing == 3
        assert collector.add(dealt.texts[4]) == Accepted("Eriksen", 2)
        assert collector.add(dealt.texts[0]) == Accepted("Anders", 1)
        with pytest.raises(SharesMissing):
            collector.root()
        assert collector.add(dealt.texts[2]) == Accepted("Celik", 0)
        assert collector.add(dealt.texts[1]) == Accepted("Brandt", 0)
        assert collector.entered == ("Eriksen", "Anders", "Celik", "Brandt")
        assert collector.root() == dealt.root


def test_every_flipped_bit_of_every_share_is_found_and_its_custodian_named(dealt: Dealt) -> None:
    found = 0
    collector = dealt.collector()
    for name, text in zip(NAMES, dealt.texts, strict=True):
        for bit in range(256):
            with pytest.raises(ShareFalse, match=name) as refused:
                collector.add(changed(text, bit=bit))
            found += refused.value.custodian == name
    assert found == 5 * 256
    assert collector.missing == 3


@given(value=st.binary(min_size=32, max_size=32), number=st.integers(1, 5))
def test_an_invented_value_is_named(dealt: Dealt, value: bytes, number: int) -> None:
    statement = Statement.read(dealt.path)
    forged = Share(statement.quorum, statement.epoch, number, value=bytearray(value))
    with pytest.raises(ShareFalse) as refused:
        Collector(statement).add(forged.text())
    assert refused.value.custodian == NAMES[number - 1]


def _renumbered(text: str) -> str:
    share = Share.parse(text)
    return Share(share.quorum, share.epoch, 5, value=share.value).text()


def _beyond(text: str) -> str:
    share = Share.parse(text)
    return Share(share.quorum, share.epoch, 6, value=share.value).text()


def _elsewhere(text: str) -> str:
    share = Share.parse(text)
    return Share("0" * 10, share.epoch, share.number, value=share.value).text()


def _later(text: str) -> str:
    share = Share.parse(text)
    return Share(share.quorum, share.epoch + 1, share.number, value=share.value).text()


WRONG: dict[str, tuple[Callable[[str], str], type[CannotUnseal], str]] = {
    "misread: not well-formed": (lambda text: text[:-1], ShareMalformed, "characters"),
    "of another quorum": (_elsewhere, ShareForeign, "quorum 0000000000"),
    "of a number never dealt": (_beyond, ShareForeign, "number 6"),
    "of another epoch": (_later, ShareOutdated, "epoch 2; epoch 1"),
    "one's own value under another's number": (_renumbered, ShareFalse, "Eriksen"),
    "a changed value": (lambda text: changed(text, bit=7), ShareFalse, "Brandt"),
}


@pytest.mark.parametrize(("make", "error", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_share_is_refused_and_spoils_nothing(
    dealt: Dealt, make: Callable[[str], str], error: type[CannotUnseal], words: str
) -> None:
    with dealt.collector() as collector:
        collector.add(dealt.texts[0])
        with pytest.raises(error, match=words):
            collector.add(make(dealt.texts[1]))
        assert collector.entered == ("Anders",)
        collector.add(dealt.texts[1])
        collector.add(dealt.texts[2])
        assert collector.root() == dealt.root


def test_the_same_share_counts_once(dealt: Dealt) -> None:
    with dealt.collector() as collector:
        collector.add(dealt.texts[0])
        with pytest.raises(ShareRepeated, match="Anders") as refused:
            collector.add(dealt.texts[0].lower())
        assert refused.value.custodian == "Anders"
        assert collector.missing == 2


def test_no_refusal_shows_a_share(dealt: Dealt) -> None:
    collector = dealt.collector()
    collector.add(dealt.texts[1])
    entered = [make(dealt.texts[1]) for make, _, _ in WRONG.values()]
    for text in (*entered, dealt.texts[1]):
        secret = text.split("-")[4:]
        with pytest.raises(CannotUnseal) as refused:
            collector.add(text)
        shown = f"{refused.value!r} {refused.value} {collector!r}"
        assert not any(group in shown for group in secret if len(group) == 4)
        assert refused.value.__cause__ is None


def test_what_was_dealt_shows_no_secret_when_printed(dealt: Dealt, tmp_path: Path) -> None:
    made = quorum.create(tmp_path / "q.json", threshold=2, custodians=NAMES[:2])
    assert made.root.hex() not in repr(made)
    assert repr(bytes(made.root)) not in repr(made)
    assert not any(
        group in repr(made) for share in made.shares for group in share.text().split("-")[4:]
    )


def test_forgetting_wipes_what_was_entered(dealt: Dealt) -> None:
    with dealt.collector() as collector:
        collector.add(dealt.texts[0])
        held = [share.value for share in collector._shares.values()]
        collector.forget()
        assert collector.missing == 3
    assert held == [bytes(32)]


def test_opening_and_leaving_wipe_what_was_entered(dealt: Dealt) -> None:
    held = []
    for opening in (True, False):
        with dealt.collector() as collector:
            for text in dealt.texts[:3]:
                collector.add(text)
            held += [share.value for share in collector._shares.values()]
            if opening:
                collector.root()
                assert collector.missing == 3
    assert held == [bytes(32)] * 6


def test_the_custody_file_is_private_and_holds_nothing_secret(dealt: Dealt) -> None:
    assert stat.S_IMODE(dealt.path.stat().st_mode) == 0o600
    text = dealt.path.read_text()
    document = json.loads(text)
    assert set(document) == {"format", "quorum", "epoch", "threshold", "custodians", "check"}
    assert [entry["name"] for entry in document["custodians"]] == list(NAMES)
    assert dealt.root.hex() not in text
    for share in map(Share.parse, dealt.texts):
        assert share.value.hex() not in text


SHAPES: dict[str, tuple[int, tuple[str, ...]]] = {
    "a threshold of one": (1, NAMES),
    "fewer custodians than the threshold": (3, NAMES[:2]),
    "32 custodians": (3, tuple(f"custodian {n}" for n in range(32))),
    "a name twice": (2, ("Anders", "Anders")),
    "a name twice but for case and spaces": (2, ("Anders", " anders ")),
    "an empty name": (2, ("Anders", "")),
    "a blank name": (2, ("Anders", " ")),
    "a name with a line break": (2, ("Anders", "Bra\nndt")),
    "a name of 101 characters": (2, ("Anders", "x" * 101)),
}


@pytest.mark.parametrize(("threshold", "names"), SHAPES.values(), ids=SHAPES)
def test_impossible_quorums_are_refused_before_anything_is_written(
    tmp_path: Path, threshold: int, names: tuple[str, ...]
) -> None:
    with pytest.raises(QuorumImpossible):
        quorum.create(tmp_path / "quorum.json", threshold=threshold, custodians=names)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_quorum_is_never_overwritten(dealt: Dealt) -> None:
    before = dealt.path.read_bytes()
    with pytest.raises(FileExistsError):
        quorum.create(dealt.path, threshold=2, custodians=NAMES)
    assert dealt.path.read_bytes() == before


def test_a_root_of_another_custody_can_be_taken_over(tmp_path: Path) -> None:
    root = RootKey(bytes(range(32)))
    made = quorum.create(tmp_path / "q.json", threshold=2, custodians=NAMES[:3], root=root)
    texts = [share.text() for share in made.shares]
    assert made.root == root == quorum.unseal(tmp_path / "q.json", shares=texts[1:])
    with pytest.raises(SecretTooShort):
        quorum.create(tmp_path / "r.json", threshold=2, custodians=NAMES, root=RootKey(b"short"))


@given(
    shape=st.integers(2, 6).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 9))),
    choice=st.randoms(use_true_random=False),
)
def test_any_quorum_opens_by_its_threshold_and_not_below(
    tmp_path_factory: pytest.TempPathFactory, shape: tuple[int, int], choice: Any
) -> None:
    threshold, count = shape
    path = tmp_path_factory.mktemp("any") / "quorum.json"
    names = [f"custodian {number}" for number in range(count)]
    made = quorum.create(path, threshold=threshold, custodians=names)
    texts = choice.sample([share.text() for share in made.shares], threshold)
    assert quorum.unseal(path, shares=texts) == made.root
    with pytest.raises(SharesMissing):
        quorum.unseal(path, shares=texts[1:])
