"""Parquet: text is exchanged exactly, everything else keeps its type; interrupted work goes on."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ttp.client.answers import Failed
from ttp.client.errors import TableRefused
from ttp.client.files.batches import Exchanged
from ttp.client.files.parquet import ParquetFile
from ttp.client.files.resuming import Done, Rewriting
from ttp.client.files.rewriting import rewrite

COUNT = 50


class Away(Exception):
    """The center went away."""


def table() -> pa.Table:
    return pa.table(
        {
            "pid": pa.array([f"{n:05d}" if n % 7 else None for n in range(COUNT)]),
            "case": pa.array([f"c{n}" for n in range(COUNT)]).dictionary_encode(),
            "value": pa.array([n / 8 for n in range(COUNT)], pa.float32()),
            "number": pa.array(range(COUNT)),
        }
    )


def turned(_domain: str, values: Sequence[str], _key: str) -> list[Exchanged | Failed]:
    return [
        Failed("invalid-original", "") if v == "c3" else Exchanged(v[::-1], created=True)
        for v in values
    ]


def ignore(_done: Done, _size: int) -> None:
    """Nobody watches."""


@pytest.fixture
def work(tmp_path: Path) -> Rewriting:
    pq.write_table(table(), tmp_path / "in.parquet", row_group_size=20)
    return Rewriting(
        tmp_path / "in.parquet", tmp_path / "out.parquet", "test", tmp_path / "bad.csv"
    )


def go(work: Rewriting, *, fails_at: int = 0) -> Done:
    calls = 0

    def exchange(domain: str, values: Sequence[str], key: str) -> list[Exchanged | Failed]:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise Away
        return turned(domain, values, key)

    source = ParquetFile(work.source, {"pid": "d", "case": "e"})
    return rewrite(work, source, exchange, progress=ignore, rows=8)


def test_text_columns_are_exchanged_and_the_rest_keeps_its_type(work: Rewriting) -> None:
    go(work)
    done, old = pq.read_table(work.target), table()
    kept = [n for n in range(COUNT) if n != 3]
    assert done["pid"].to_pylist() == [f"{n:05d}"[::-1] if n % 7 else None for n in kept]
    assert done["case"].to_pylist() == [f"c{n}"[::-1] for n in kept]
    assert done.select(["value", "number"]).equals(old.select(["value", "number"]).take(kept))
    assert work.rejects is not None
    assert work.rejects.read_text() == 'row,column,code\n4,"case",invalid-original\n'
    assert len(list(work.target.parent.iterdir())) == 3


def test_interrupted_work_goes_on_and_gives_the_same_file(work: Rewriting) -> None:
    go(work)
    whole = work.target.read_bytes()
    work.target.unlink()
    with pytest.raises(Away):
        go(work, fails_at=7)
    assert not work.target.exists()
    go(work)
    assert work.target.read_bytes() == whole


def test_numbers_and_missing_columns_are_refused(work: Rewriting) -> None:
    for column, said in (("number", "leading zeros"), ("none", "no column")):
        with pytest.raises(TableRefused, match=said):
            ParquetFile(work.source, {column: "d"})
    work.source.write_bytes(b"PAR1")
    with pytest.raises(TableRefused, match="not Parquet"):
        ParquetFile(work.source, {"pid": "d"})
