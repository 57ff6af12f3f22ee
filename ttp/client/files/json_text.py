"""JSON text: read with the place of every value, changed by splicing; what is not spliced keeps its bytes.

Writing a parsed document anew would lose ``1.10``, the order of members and white space. So the text is checked
by a parser, tokenized for places, and only the spans that are meant are replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import orjson

NOT_JSON: Final = "not-json"
TWICE: Final = "member-twice"

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]|[^\s{}\[\],:"]+')


class Kind(Enum):
    """What a value is."""

    OBJECT = "object"
    ARRAY = "array"
    STRING = "string"
    OTHER = "other"


class NotJSON(Exception):
    """A text is no JSON (RFC 8259), or an object has a member twice, so that nobody knows which one is meant."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Node:
    """A value and its place in the text: ``text[start:end]``; ``named_at`` is where its member's name begins."""

    kind: Kind
    start: int
    end: int
    raw: str = ""
    named_at: int = -1
    members: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)

    @property
    def string(self) -> str | None:
        """What a string says; None for anything else."""
        return _unescaped(self.raw) if self.kind is Kind.STRING else None

    @property
    def is_null(self) -> bool:
        """Whether it is ``null``."""
        return self.kind is Kind.OTHER and self.raw == "null"

    def at(self, name: str) -> Node | None:
        """The member of this name, if this is an object that has one."""
        return self.members.get(name)

    def says(self, name: str) -> str | None:
        """What the string member of this name says."""
        found = self.members.get(name)
        return found.string if found else None


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for the answer of this number; ``form`` fits it in and may raise ``Unfit``."""

    number: int
    form: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Splice:
    """What stands in the place of ``text[start:end]``; ``quoted``: it is written as a JSON string."""

    start: int
    end: int
    parts: tuple[str | Slot, ...]
    quoted: bool = True


def parse(text: str) -> Node:
    """The value of a text, with places counted in characters.

    Raises:
        NotJSON: it is none, or a member stands in an object twice.
    """
    try:
        orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise NotJSON(NOT_JSON) from None
    return _tree(text)


def spliced(text: str, splices: Iterable[Splice], answers: Sequence[str]) -> str:
    """The text with its splices, which do not overlap, in place."""
    pieces, at = [], 0
    for one in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        pieces += [text[at : one.start], _content(one, answers)]
        at = one.end
    return "".join([*pieces, text[at:]])


def _content(splice: Splice, answers: Sequence[str]) -> str:
    content = "".join(
        part.form(answers[part.number]) if isinstance(part, Slot) else part for part in splice.parts
    )
    return json.dumps(content, ensure_ascii=False) if splice.quoted else content


def _tree(text: str) -> Node:
    """The tree of a text that is known to be JSON, so that brackets pair and names precede values."""
    root = Node(Kind.ARRAY, 0, len(text))
    stack = [root]
    name: str | None = None
    named_at = -1
    for token in _TOKEN.finditer(text):
        raw, start = token.group(), token.start()
        first, top = raw[0], stack[-1]
        if first in "}]":
            stack.pop().end = token.end()
            continue
        if first == '"' and name is None and top.kind is Kind.OBJECT:
            name, named_at = _unescaped(raw), start
            continue
        node = Node(_KINDS.get(first, Kind.OTHER), start, token.end(), raw, named_at)
        _attach(top, name, node)
        name, named_at = None, -1
        if first in "{[":
            stack.append(node)
    return root.items[0]


def _attach(top: Node, name: str | None, node: Node) -> None:
    if name is None:
        top.items.append(node)
    elif name in top.members:
        raise NotJSON(TWICE)
    else:
        top.members[name] = node


_KINDS = {"{": Kind.OBJECT, "[": Kind.ARRAY, '"': Kind.STRING}


def _unescaped(raw: str) -> str:
    return str(json.loads(raw)) if "\\" in raw else raw[1:-1]
