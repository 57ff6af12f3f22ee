"""Shares come in any order and with every mistake: each is named, none spoils what was entered before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from keys.custody import quorum
from keys.custody.errors import (
    CustodyFileChanged,
    ShareFalse,
    ShareForeign,
    ShareMalformed,
    ShareOutdated,
    ShareRepeated,
)
from keys.errors import CannotUnseal
from tests.builders import ManualClock
from ttp.core.unsealing import AlreadyUnsealed, TooManyShares
from ttp.sealed.unsealing import MOST_A_MINUTE, Unsealing


class Table:
    """Three custodians around a sealed center that two of them open."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "quorum.json"
        dealt = quorum.create(self.path, threshold=2, custodians=["Anders", "Brandt", "Celik"])
        self.root = dealt.root
        self.anders, self.brandt, self.celik = (share.text() for share in dealt.shares)
        self.clock = ManualClock()
        self.unsealing = Unsealing(self.path, clock=self.clock)

    def misread(self) -> str:
        return self.brandt[:-1] + ("7" if self.brandt[-1] != "7" else "1")

    def foreign(self) -> str:
        other = self.path.with_name("other.json")
        return quorum.create(other, threshold=2, custodians=["X", "Y"]).shares[0].text()

    def forged(self) -> str:
        share = quorum.Share.parse(self.brandt)
        share.value[0] ^= 1
        return share.text()

    def dealt_anew_but_not_confirmed(self) -> str:
        names = ["Anders", "Brandt"]
        present = [self.anders, self.brandt]
        return quorum.reshare(self.path, present, threshold=2, custodians=names)[0].text()

    def again(self) -> str:
        return self.anders


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


MISTAKES: dict[str, tuple[Callable[[Table], str], type[CannotUnseal], str | None]] = {
    "a character is misread": (Table.misread, ShareMalformed, None),
    "nothing is entered": (lambda _: "", ShareMalformed, None),
    "another quorum's envelope": (Table.foreign, ShareForeign, None),
    "another epoch's paper": (Table.dealt_anew_but_not_confirmed, ShareOutdated, None),
    "a forged paper": (Table.forged, ShareFalse, "Brandt"),
    "the same paper again": (Table.again, ShareRepeated, "Anders"),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_wrong_share_is_named_and_the_others_stay_counted(table: Table, sentence: str) -> None:
    mistake, error, custodian = MISTAKES[sentence]
    table.unsealing.enter(table.anders)
    with pytest.raises(error):
        table.unsealing.enter(mistake(table))
    assert (table.unsealing.entered, table.unsealing.missing) == (("Anders",), 1)
    assert table.unsealing.enter(table.celik).missing == 0
    root, told = table.unsealing.await_root()
    assert root == table.root
    assert [(one.outcome, one.custodian) for one in told.attempts] == [
        ("accepted", "Anders"),
        (error.code, custodian),
        ("accepted", "Celik"),
    ]


def test_ten_shares_a_minute_are_looked_at_and_no_more(table: Table) -> None:
    for _ in range(MOST_A_MINUTE):
        with pytest.raises(ShareMalformed):
            table.unsealing.enter("guess")
    with pytest.raises(TooManyShares):
        table.unsealing.enter(table.anders)
    assert table.unsealing.entered == ()
    table.clock.skip(seconds=61)
    assert table.unsealing.enter(table.anders).missing == 1


def test_an_open_center_takes_no_more_shares(table: Table) -> None:
    table.unsealing.enter(table.anders)
    table.unsealing.enter(table.brandt)
    with pytest.raises(AlreadyUnsealed):
        table.unsealing.enter(table.celik)


def test_shares_put_in_force_meanwhile_open_and_the_old_ones_do_not(table: Table) -> None:
    table.unsealing.enter(table.anders)
    present = [table.anders, table.brandt]
    new = quorum.reshare(table.path, present, threshold=2, custodians=["Dorn", "Eriksen"])
    texts = [share.text() for share in new]
    quorum.confirm(table.path, texts)
    with pytest.raises(ShareOutdated):
        table.unsealing.enter(table.brandt)
    assert table.unsealing.entered == ()
    for text in texts:
        table.unsealing.enter(text)
    assert table.unsealing.await_root()[0] == table.root


def test_a_changed_custody_file_keeps_the_center_sealed(table: Table) -> None:
    table.path.write_text(table.path.read_text().replace("Celik", "Mallory"))
    unsealing = Unsealing(table.path, clock=table.clock)
    unsealing.enter(table.anders)
    with pytest.raises(CustodyFileChanged):
        unsealing.enter(table.brandt)
    assert not unsealing.is_open
    assert unsealing.missing == 2
