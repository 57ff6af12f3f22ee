"""JSON text: every byte that is not spliced stays; selectors mean what they say."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.client.errors import SelectorRefused
from ttp.client.files.json_text import Kind, Node, NotJSON, Slot, Splice, parse, spliced
from ttp.client.files.ndjson import Documents, Selecting
from ttp.client.files.selectors import selector
from ttp.client.files.units import START, BadUnit, Unit

texts = st.text(st.characters(codec="utf-8"), max_size=8)
documents = st.recursive(
    texts | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
layouts = st.sampled_from([None, 1, "\t"])


def nodes(node: Node) -> list[Node]:
    below = [*node.items, *node.members.values()]
    return [node, *(one for child in below for one in nodes(child))]


@given(document=documents, indent=layouts, ascii_only=st.booleans())
def test_every_value_is_found_where_it_stands(document: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    root = parse(text)
    assert json.loads(text[root.start : root.end]) == document
    for node in nodes(root):
        value = json.loads(text[node.start : node.end])
        assert node.string == (value if isinstance(value, str) else None)


@given(document=documents, indent=layouts, data=st.data())
def test_only_what_is_spliced_changes(document: Any, indent: Any, data: st.DataObject) -> None:
    text = json.dumps(document, indent=indent)
    strings = [node for node in nodes(parse(text)) if node.kind is Kind.STRING]
    chosen = [node for node in strings if data.draw(st.booleans())]
    new = [data.draw(texts) for _ in chosen]
    splices = [Splice(n.start, n.end, (Slot(i),)) for i, n in enumerate(chosen)]
    done = spliced(text, splices, new)
    json.loads(done)
    old = [str(node.string) for node in chosen]
    again = [node for node in nodes(parse(done)) if node.kind is Kind.STRING]
    places = [again[strings.index(node)] for node in chosen]
    undone = [
        Splice(n.start, n.end, (text[o.start : o.end],), quoted=False)
        for n, o in zip(places, chosen, strict=True)
    ]
    assert [node.string for node in places] == new
    assert spliced(done, undone, []) == text
    assert len(old) == len(new)


@pytest.mark.parametrize("text", ["", "{", '{"a":1,"a":2}', "[1,]", '"\\ud800"', "nul", "NaN"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(NotJSON):
        parse(text)


DOCUMENT = (
    '{"a":{"b":["x","y"]},"id":[{"system":"s","value":"1"},{"system":"t","value":"2"}],"k-1 ä":"z"}'
)
SELECTED = {
    "a.b": ["x", "y"],
    "a.b[1]": ["y"],
    "id.value": ["1", "2"],
    "id[0].value": ["1"],
    "id.where(system='t').value": ["2"],
    "id.where(system = 'none').value": [],
    "`k-1 ä`": ["z"],
    "missing.too": [],
}


@pytest.mark.parametrize("text", SELECTED)
def test_selectors_mean_what_they_say(text: str) -> None:
    assert [node.string for node, _ in selector(text).find(parse(DOCUMENT))] == SELECTED[text]


@pytest.mark.parametrize("text", ["", "a..b", "[0]", "a[x]", "a.where(b)", "a b", "a.where(b='x)"])
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(SelectorRefused):
        selector(text)


def test_lines_are_rewritten_and_the_rest_of_them_stays() -> None:
    data = b'\xef\xbb\xbf{"pid": "007", "x":1.10}\r\n\n{"x":2 ,"pid":"\\u00fc"}\n{"pid":7}\n{"pid":null}\n{bad}'
    units = list(Documents(io.BytesIO(data), Selecting({"pid": "d"})).units(START))
    assert [(u.end.row, u.code) for u in units if isinstance(u, BadUnit)] == [
        (4, "not-a-string"),
        (6, "not-json"),
    ]
    good = [u for u in units if isinstance(u, Unit)]
    assert b"".join(u.written([a.value + "!" for a in u.asked]) for u in good) == (
        b'\xef\xbb\xbf{"pid": "007!", "x":1.10}\r\n\n{"x":2 ,"pid":"\xc3\xbc!"}\n{"pid":null}\n'
    )
