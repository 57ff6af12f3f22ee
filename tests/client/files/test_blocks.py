"""Blocks: what is read and written many at once is, byte by byte, what is read and written one by one."""

import io
import json
from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from ttp.client.answers import Failed
from ttp.client.files.batches import Exchanged, answers_to, rejects_text, written
from ttp.client.files.cutting import cut
from ttp.client.files.ndjson import Documents, Selecting
from ttp.client.files.resuming import Done
from ttp.client.files.table import Table
from ttp.client.files.units import START, Batch, Place

CELLS = 'a"b|"|"x"y|"7"|7||""|"a,b"|"a;b"|"say ""x"""|"zwei@Zeilen"|ä|?|a?|"a?"|漢| |,|;'
cells = st.sampled_from([*CELLS.replace("@", "\n").split("|"), "\x00", "\r"])
plain = st.sampled_from(["7", "8", "", "a?", "ä", '"9"', '"a,b"', '"a;""b"'])
ends = st.sampled_from(["\n", "\r\n", "\n\n", ""])


def lines(cell: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    row = st.lists(cell, min_size=2, max_size=4).map(";".join)
    return st.lists(
        row | st.lists(cell, min_size=3, max_size=3).map(";".join), max_size=40
    ).flatmap(lambda rows: ends.map(lambda end: end.join([*rows, ""])))


parts = st.lists(lines(plain) | lines(cells), max_size=4).map("".join)


def exchange(domain: str, values: Sequence[str], _key: str) -> list[Exchanged | Failed]:
    return [
        Failed("refused", "")
        if "?" in one
        else Exchanged(f'{domain}"{one}漢'[: 3 + len(one)], True)
        for one in values
    ]


def outcome(batches: Iterator[Batch]) -> tuple[bytes, bytes, Done]:
    text, rejects, done = b"", b"", Done()
    for batch in batches:
        now = written(batch, answers_to(batch, exchange, "run"), done)
        text, done = text + now.text, now.done
        rejects += rejects_text(now.rejects, values=True)
    return text, rejects, done


def table(data: bytes, columns: dict[str, str], encoding: str) -> Table:
    return Table(io.BytesIO(data), columns, encoding=encoding)


@given(
    text=parts,
    rows=st.integers(1, 50),
    columns=st.sampled_from([{"b": "d"}, {"c": "d", "a": "e"}, {"a": "d", "b": "d"}]),
    encoding=st.sampled_from(["utf-8", "latin-1"]),
)
def test_rows_in_blocks_are_the_rows_one_by_one(
    text: str, rows: int, columns: dict[str, str], encoding: str
) -> None:
    data = f"a;b;c\n{text}".encode(encoding, "ignore")
    many = outcome(table(data, columns, encoding).batches(START, rows))
    single = outcome(cut(table(data, columns, encoding).units(START), 0, rows))
    assert many == single


@given(text=parts, rows=st.integers(1, 50), data=st.data())
def test_a_batch_ends_where_its_beginning_says(text: str, rows: int, data: st.DataObject) -> None:
    whole = f"a;b;c\n{text}".encode()
    found = [batch[-1].end for batch in table(whole, {"b": "d"}, "utf-8").batches(START, rows)]
    at = data.draw(st.integers(0, len(found) - 1))
    again = table(whole, {"b": "d"}, "utf-8").batches(found[at], rows)
    assert [batch[-1].end for batch in again] == found[at + 1 :]


strings = st.sampled_from(["7", "", "a?", "p", ":", ",", "a:b", "ä", '"', "\\", "q"])
values = st.recursive(
    strings | st.none() | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)
members = st.lists(st.tuples(st.sampled_from(["p", "q", "7", "ä"]), values), max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> bytes:

    of = ",".join(
        f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=draw(st.booleans()))}"
        for name, value in draw(members)
    )
    return draw(st.sampled_from([f"{{{of}}}\n", f'{{"p":{{{of}}}}}\n', "\n", "{bad\n"])).encode()


@given(
    texts=st.lists(documents(), max_size=12),
    rows=st.integers(1, 20),
    columns=st.sampled_from(
        [{"p": "d"}, {"p.p": "d", "q": "e"}, {"p": "d", "p[0]": "e"}, {"where(q='7').p": "d"}]
    ),
)
def test_documents_in_blocks_are_the_documents_one_by_one(
    texts: list[bytes], rows: int, columns: dict[str, str]
) -> None:
    data = b"".join(texts)
    many = outcome(Documents(io.BytesIO(data), Selecting(columns)).batches(START, rows))
    units = Documents(io.BytesIO(data), Selecting(columns)).units(Place(0, 0))
    assert many == outcome(cut(units, 0, 10**6))
