"""Resharing: new custodians, the same root, and no moment at which a lost paper loses it."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from keys.custody import quorum
from keys.custody.errors import (
    CustodyFileChanged,
    NoResharing,
    QuorumImpossible,
    ShareFalse,
    ShareOutdated,
    SharesMissing,
)
from keys.custody.quorum import Share, Statement
from keys.custody.root_key import RootKey
from keys.errors import CannotUnseal
from tests.scale import scaled

OLD = ("Anders", "Brandt", "Celik", "Dorn", "Eriksen")
NEW = ("Celik", "Dorn", "Eriksen", "Fuchs")


class Center:
    """A home with a quorum of three in five."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "quorum.json"
        made = quorum.create(self.path, threshold=3, custodians=OLD)
        self.root, self.old = made.root, texts(made.shares)

    def reshare(self) -> list[str]:
        return texts(quorum.reshare(self.path, self.old[1:4], threshold=2, custodians=NEW))

    def opened(self, shares: Sequence[str]) -> RootKey:
        return quorum.unseal(self.path, shares=shares)


def texts(shares: Sequence[Share]) -> list[str]:
    return [share.text() for share in shares]


@pytest.fixture
def center(tmp_path: Path) -> Center:
    return Center(tmp_path)


def test_new_custodians_open_the_same_root(center: Center) -> None:
    new = center.reshare()
    quorum.confirm(center.path, new)
    assert center.opened(new[2:]) == center.root
    statement = Statement.read(center.path)
    assert (statement.epoch, statement.threshold) == (2, 2)
    assert tuple(custodian.name for custodian in statement.custodians) == NEW


def test_old_shares_are_refused_afterwards(center: Center) -> None:
    quorum.confirm(center.path, center.reshare())
    for old in center.old:
        with pytest.raises(ShareOutdated, match="epoch 1; epoch 2"):
            center.opened([old])


def test_old_and_new_shares_do_not_mix(center: Center) -> None:
    new = center.reshare()
    mixed = [*center.old[:2], new[0]]
    with pytest.raises(ShareOutdated):
        center.opened(mixed)
    relabeled = [Share(s.quorum, 2, s.number, value=s.value) for s in map(Share.parse, center.old)]
    quorum.confirm(center.path, new)
    with pytest.raises(ShareFalse):
        center.opened(texts(relabeled))


def test_until_confirmed_the_old_shares_open_and_the_new_do_not(center: Center) -> None:
    new = center.reshare()
    assert center.opened(center.old[:3]) == center.root
    with pytest.raises(ShareOutdated):
        center.opened(new)


def test_confirming_needs_every_new_custodian(center: Center) -> None:
    new = center.reshare()
    with pytest.raises(SharesMissing) as refused:
        quorum.confirm(center.path, new[:3])
    assert refused.value.missing == 1
    assert center.opened(center.old[:3]) == center.root


def test_a_misprinted_share_is_found_while_the_old_still_open(center: Center) -> None:
    new = center.reshare()
    misprinted = Share.parse(new[3])
    misprinted.value[5] ^= 8
    with pytest.raises(ShareFalse, match="Fuchs"):
        quorum.confirm(center.path, [*new[:3], misprinted.text()])
    assert center.opened(center.old[2:]) == center.root


def test_an_attempt_given_up_is_worth_nothing(center: Center) -> None:
    lost = center.reshare()
    new = center.reshare()
    with pytest.raises(ShareOutdated, match="epoch 2; epoch 3"):
        quorum.confirm(center.path, lost)
    quorum.confirm(center.path, new)
    assert center.opened(new[:2]) == center.root


def test_nothing_can_be_confirmed_that_was_not_begun(center: Center) -> None:
    with pytest.raises(NoResharing):
        quorum.confirm(center.path, center.old)
    new = center.reshare()
    quorum.confirm(center.path, new)
    with pytest.raises(NoResharing):
        quorum.confirm(center.path, new)


def test_a_crash_between_taking_over_and_tidying_up_is_harmless(center: Center) -> None:
    new = center.reshare()
    beside = center.path.with_name("quorum.json.next")
    kept = beside.read_bytes()
    quorum.confirm(center.path, new)
    beside.write_bytes(kept)
    assert center.opened(new[:2]) == center.root
    with pytest.raises(NoResharing):
        quorum.confirm(center.path, new)
    again = texts(quorum.reshare(center.path, new[:2], threshold=2, custodians=OLD))
    quorum.confirm(center.path, again)
    assert center.opened(again[:2]) == center.root


def test_a_statement_of_another_root_is_not_taken_over(center: Center) -> None:
    """An intruder who can write the home puts a quorum of his own beside the one in force."""
    current = Statement.read(center.path)
    forged, shares = quorum.dealing._deal(RootKey(bytes(32)), current.quorum, 2, 2, ("M", "N"))
    center.path.with_name("quorum.json.next").write_bytes(forged.to_bytes())
    with pytest.raises(CustodyFileChanged):
        quorum.confirm(center.path, texts(shares))
    assert center.opened(center.old[:3]) == center.root


def test_a_resharing_of_another_quorum_is_not_taken_over(center: Center, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    made = quorum.create(other, threshold=2, custodians=NEW)
    quorum.reshare(other, texts(made.shares), threshold=2, custodians=NEW)
    shutil.move(tmp_path / "other.json.next", tmp_path / "quorum.json.next")
    with pytest.raises(NoResharing):
        quorum.confirm(center.path, texts(made.shares))


def test_a_damaged_attempt_is_dealt_anew(center: Center) -> None:
    center.reshare()
    center.path.with_name("quorum.json.next").write_text("{")
    with pytest.raises(CannotUnseal):
        quorum.confirm(center.path, [])
    new = center.reshare()
    quorum.confirm(center.path, new)
    assert center.opened(new[:2]) == center.root


def test_too_few_shares_cannot_deal_anew(center: Center) -> None:
    with pytest.raises(SharesMissing):
        quorum.reshare(center.path, center.old[:2], threshold=2, custodians=NEW)
    assert not center.path.with_name("quorum.json.next").exists()


def test_an_impossible_quorum_is_refused_before_any_share_is_looked_at(center: Center) -> None:
    with pytest.raises(QuorumImpossible):
        quorum.reshare(center.path, [], threshold=5, custodians=NEW)


def test_the_epochs_end_with_a_clear_word(center: Center) -> None:
    statement, shares = quorum.dealing._deal(center.root, "0123456789", 1023, 2, NEW)
    center.path.write_bytes(statement.to_bytes())
    with pytest.raises(QuorumImpossible, match="used up"):
        quorum.reshare(center.path, texts(shares), threshold=2, custodians=NEW)


class Life(RuleBasedStateMachine):
    """A quorum through years: dealt anew, given up, confirmed; its root is the same at every moment."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "quorum.json"
        made = quorum.create(self.path, threshold=2, custodians=OLD[:3])
        self.root, self.threshold, self.shares = made.root, 2, texts(made.shares)
        self.retired: list[str] = []
        self.pending: tuple[int, list[str]] | None = None

    @rule(shape=st.integers(2, 3).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 5))))
    def deal_anew(self, shape: tuple[int, int]) -> None:
        threshold, count = shape
        if self.pending is not None:
            self.retired += self.pending[1]
        new = quorum.reshare(self.path, self.shares, threshold=threshold, custodians=OLD[:count])
        self.pending = threshold, texts(new)

    @precondition(lambda self: self.pending is not None)
    @rule()
    def confirm(self) -> None:
        assert self.pending is not None
        quorum.confirm(self.path, reversed(self.pending[1]))
        self.retired += self.shares
        self.threshold, self.shares = self.pending
        self.pending = None

    @invariant()
    def those_in_force_open(self) -> None:
        assert quorum.unseal(self.path, shares=self.shares[-self.threshold :]) == self.root

    @invariant()
    def one_too_few_and_all_others_do_not(self) -> None:
        with pytest.raises(SharesMissing):
            quorum.unseal(self.path, shares=self.shares[1 : self.threshold])
        for text in (*self.retired, *(self.pending[1] if self.pending else ())):
            with pytest.raises(ShareOutdated):
                quorum.unseal(self.path, shares=[text])

    def teardown(self) -> None:
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=scaled(10, least=3), stateful_step_count=8)
