"""Rewriting: all or nothing, resumable, bad rows refused or listed."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.client.answers import Failed
from ttp.client.errors import RowsRefused, TableRefused
from ttp.client.files.batches import Exchanged, answers_to, written
from ttp.client.files.resuming import Done, Rewriting
from ttp.client.files.rewriting import rewrite
from ttp.client.files.table import Table
from ttp.client.files.units import Asked, Place, Unit


class Interrupted(Exception):
    """The power went out."""


class Exchanger:
    """Turns values around; may fail at a call, or refuse values with a question mark."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        self.calls = 0
        self.keys: list[str] = []
        self._fails_at = fails_at

    def __call__(self, _domain: str, values: Sequence[str], key: str) -> list[Exchanged | Failed]:
        self.calls += 1
        self.keys.append(key)
        if self.calls == self._fails_at:
            raise Interrupted
        return [
            Failed("invalid-original", "") if "?" in value else Exchanged(value[::-1], created=True)
            for value in values
        ]


def ignore(_done: Done, _size: int) -> None:
    """Nobody watches."""


def work_in(folder: Path, content: bytes, *, rejects: bool = False) -> Rewriting:
    folder.mkdir(exist_ok=True)
    source = folder / "in.csv"
    source.write_bytes(content)
    return Rewriting(source, folder / "out.csv", "test", folder / "bad.csv" if rejects else None)


def run(work: Rewriting, exchanger: Exchanger, *, batch: int = 5_000, at_once: int = 1) -> Done:
    with work.source.open("rb") as file:
        source = Table(file, {"pid": "d"})
        return rewrite(work, source, exchanger, progress=ignore, rows=batch, at_once=at_once)


ROWS = b"".join(b"%03d,x\n" % number for number in range(20))


@given(fails_at=st.integers(1, 8), batch=st.integers(1, 7))
def test_after_an_interruption_the_same_call_goes_on(
    tmp_path_factory: pytest.TempPathFactory, fails_at: int, batch: int
) -> None:
    work = work_in(tmp_path_factory.mktemp("work"), b"pid,y\n" + ROWS)
    first = Exchanger(fails_at=fails_at)
    try:
        done = run(work, first, batch=batch)
    except Interrupted:
        assert not work.target.exists()
        second = Exchanger()
        done = run(work, second, batch=batch)
        assert second.calls == -(-20 // batch) - (fails_at - 1)  # nothing is asked twice
    expected = b"".join(b"%s,x\n" % (b"%03d" % number)[::-1] for number in range(20))
    assert work.target.read_bytes() == b"pid,y\n" + expected
    assert (done.exchanged, done.created, done.row) == (20, 20, 21)
    assert sorted(path.name for path in work.target.parent.iterdir()) == ["in.csv", "out.csv"]


def test_a_changed_source_is_begun_anew(tmp_path: Path) -> None:
    work = work_in(tmp_path, b"pid,y\n" + ROWS)
    with pytest.raises(Interrupted):
        run(work, Exchanger(fails_at=3), batch=4)
    work.source.write_bytes(b"pid,y\nabc,1\n")
    run(work, Exchanger(), batch=4)
    assert work.target.read_bytes() == b"pid,y\ncba,1\n"


def test_bad_rows_refuse_the_file_before_anything_is_asked(tmp_path: Path) -> None:
    work = work_in(tmp_path, b"pid,y\nab,1\nonly\ncd,2\n\xff,3\n")
    exchanger = Exchanger()
    with pytest.raises(RowsRefused) as refused:
        run(work, exchanger)
    assert refused.value.rows == ((3, "wrong-number-of-columns"), (5, "not-utf8"))
    assert exchanger.calls == 0
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_values_that_the_center_refuses_refuse_the_file_too(tmp_path: Path) -> None:
    work = work_in(tmp_path, b"pid,y\nab,1\nc?d,2\n")
    with pytest.raises(RowsRefused, match="row 3: invalid-original"):
        run(work, Exchanger())
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("fails_at", [None, 1, 2, 3])
def test_with_rejects_the_good_rows_are_written_and_the_bad_listed(
    tmp_path: Path, fails_at: int | None
) -> None:
    work = work_in(tmp_path, b"pid,y\nab,1\nonly\nc?d,2\n,3\nef,4\n", rejects=True)
    if fails_at:
        with pytest.raises(Interrupted):
            run(work, Exchanger(fails_at=fails_at), batch=1)
    done = run(work, Exchanger(), batch=1)
    assert work.target.read_bytes() == b"pid,y\nba,1\n,3\nfe,4\n"
    assert (tmp_path / "bad.csv").read_bytes() == (
        b'row,column,code\n3,"",wrong-number-of-columns\n4,"pid",invalid-original\n'
    )
    assert (done.exchanged, done.empty, done.rejected) == (2, 1, 2)


def test_an_earlier_result_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    work = work_in(tmp_path, b"pid\nab\n")
    work.target.write_bytes(b"earlier")
    with pytest.raises(Interrupted):
        run(work, Exchanger(fails_at=1))
    assert work.target.read_bytes() == b"earlier"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match="empty"):
        run(work_in(tmp_path, b""), Exchanger())


def test_what_parts_units_is_written_only_between_those_that_are_kept() -> None:
    units = [
        Unit(Place(n, n), (Asked("c", "d", text),), lambda new: new[0].encode(), lead=b",")
        for n, text in enumerate(["a?", "b", "c?", "d"], 1)
    ]
    answers = answers_to(units, Exchanger(), "run")
    whole = written(units, answers, Done())
    assert (whole.text, whole.done.kept, whole.done.rejected) == (b"b,d", 2, 2)
    again = written(units, answers, whole.done)
    assert (again.text, again.done.kept) == (b",b,d", 4)
