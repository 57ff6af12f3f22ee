"""Plain documents: lines of JSON in which the places of values are found without a tree of the text.

In a line without backslashes every quotation mark begins or ends a string. A string that holds neither colon nor
comma can stand in quotation marks nowhere but as itself, since one of both parts any two strings. So where a
parser gives a value, and its text stands in the line once, that is its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from ttp.client.files.selectors import Index, Name, Selector, Step
from ttp.client.files.units import Place, Unit

_quoted = json.JSONEncoder(ensure_ascii=False).encode

Span = tuple[int, int, str, str]
"""Begin and end of a string with its quotation marks, its domain, and what it says."""

PlainDocument = tuple[bytes, Sequence[Span]]
"""A line, and what is asked in it, in the order of the line."""


class PlainDocuments:
    """Finds what selectors mean in plain documents."""

    def __init__(self, selectors: Sequence[tuple[Selector, str]]) -> None:
        """Selectors with their domains."""
        self._selectors = [(one, _names(one.steps), domain) for one, domain in selectors]

    def spans(self, line: bytes) -> list[Span] | None:
        """What is asked; None where only the text's tree can tell, or tells what is wrong."""
        if b"\\" in line:
            return None
        try:
            document = orjson.loads(line)
            if orjson.dumps(document).count(b'"') != line.count(b'"'):
                return None  # a member is there twice
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            return None
        return self._asked(line, document)

    def _asked(self, line: bytes, document: Any) -> list[Span] | None:
        spans: list[Span] = []
        for selector, names, domain in self._selectors:
            for value in _named(document, names) if names else _found(document, selector.steps):
                if value is None or value == "":
                    continue
                span = _span(line, value, domain)
                if span is None:
                    return None
                spans.append(span)
        spans.sort()
        return None if _overlap(spans) else spans


class DocumentBlock:
    """Plain documents that follow one another; ``single`` reads one of them by its tree."""

    def __init__(
        self, documents: Sequence[PlainDocument], end: Place, single: Callable[[bytes, Place], Unit]
    ) -> None:
        """Sort what is asked by domain."""
        self._documents, self._single, self.end = documents, single, end
        self.rows = len(documents)
        self.empty = sum(not spans for _, spans in documents)
        asked: dict[str, list[str]] = {}
        for _, spans in documents:
            for _, _, domain, value in spans:
                asked.setdefault(domain, []).append(value)
        self.asked = list(asked.items())

    def asking(self, values: Mapping[str, Collection[str]]) -> list[int]:
        """Numbers of the documents that ask one of these values."""
        return [
            number
            for number, (_, spans) in enumerate(self._documents)
            if any(value in values.get(domain, ()) for _, _, domain, value in spans)
        ]

    def unit(self, number: int) -> Unit:
        """One of the documents."""
        row = self.end.row - self.rows + number + 1
        return self._single(self._documents[number][0], Place(self.end.offset, row))

    def written(self, new: Mapping[str, Mapping[str, str]], left_out: Collection[int]) -> bytes:
        """The documents with other strings in their places."""
        told = {
            domain: {old: _quoted(text).encode() for old, text in of.items()}
            for domain, of in new.items()
        }
        pieces: list[bytes] = []
        for number, (line, spans) in enumerate(self._documents):
            if number in left_out:
                continue
            at = 0
            for begin, end, domain, value in spans:
                pieces += (line[at:begin], told[domain][value])
                at = end
            pieces.append(line[at:])
        return b"".join(pieces)


def _names(steps: Sequence[Step]) -> list[str]:
    """The names of a path that consists of names alone; none of any other."""
    names = [step.name for step in steps if isinstance(step, Name)]
    return names if len(names) == len(steps) else []


def _named(document: Any, names: Sequence[str]) -> Sequence[Any]:
    """What ``_found`` finds, for paths of names."""
    one = document
    for name in names:
        if type(one) is not dict:
            return _found(document, [Name(name) for name in names])
        one = one.get(name)
        if one is None:
            return ()
    return _items([one])


def _overlap(spans: Sequence[Span]) -> bool:
    """Whether one place is meant twice."""
    return len(spans) > 1 and len({span[0] for span in spans}) < len(spans)


def _span(line: bytes, value: Any, domain: str) -> Span | None:
    if not isinstance(value, str) or ":" in value or "," in value:
        return None
    text = b'"%b"' % value.encode()
    begin = line.find(text)
    end = begin + len(text)
    # the next may begin with the quotation mark that ends this one
    if begin < 0 or line.find(text, begin + 1) >= 0:
        return None
    return begin, end, domain, value


def _found(document: Any, steps: Sequence[Step]) -> list[Any]:
    """What a selector means in a parsed document; lists are walked through."""
    found = [document]
    for step in steps:
        items = _items(found)
        if isinstance(step, Name):
            name = step.name
            found = [one[name] for one in items if isinstance(one, dict) and name in one]
        elif isinstance(step, Index):
            found = items[step.number : step.number + 1]
        else:
            path, text = step.path, step.text
            found = [one for one in items if text in _strings(_found(one, path))]
    return _items(found)


def _strings(values: Iterable[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _items(found: list[Any]) -> list[Any]:
    if list not in map(type, found):
        return found
    return [item for one in found for item in (_items(one) if isinstance(one, list) else (one,))]
