"""Selectors: which values of a JSON document are meant, in a small part of FHIRPath.

``name.name``, ``[n]``, ``.where(name.name='text')``; a name with other characters stands in backticks. Lists are
walked through as in FHIRPath: ``identifier.value`` means the value of every identifier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ttp.client.errors import SelectorRefused
from ttp.client.files.json_text import Kind, Node

_NAME = r"(?:[A-Za-z_][\w-]*|`[^`]+`)"
_STEP = re.compile(
    rf"(?:(?:^|\.)where\((?P<path>{_NAME}(?:\.{_NAME})*)\s*=\s*'(?P<text>(?:[^'\\]|\\.)*)'\)"
    rf"|(?:^|\.)(?P<name>{_NAME})|\[(?P<index>\d+)\])"
)

Found = tuple[Node, str]
"""A value and the path that leads to it; the path holds names and numbers only."""


@dataclass(frozen=True, slots=True)
class Name:
    """The member of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """The one of this number, from 0."""

    number: int


@dataclass(frozen=True, slots=True)
class Where:
    """Those of which the path says this text."""

    path: tuple[Name, ...]
    text: str


Step = Name | Index | Where


@dataclass(frozen=True, slots=True)
class Selector:
    """A path through a document."""

    text: str
    steps: tuple[Step, ...]

    def find(self, root: Node) -> Iterator[Found]:
        """The values it means, in the order of the document; missing ones are no error."""
        return iter(_walked([(root, "")], self.steps))


def selector(text: str) -> Selector:
    """Read a selector.

    Raises:
        SelectorRefused: it is not of the form above.
    """
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (found["index"] is not None and not steps):
            raise SelectorRefused(
                f"The selector '{text}' cannot be read from character {at + 1} on."
            )
        steps.append(_step(found))
        at = found.end()
    if not steps:
        raise SelectorRefused("The selector is empty.")
    return Selector(text, tuple(steps))


def _step(found: re.Match[str]) -> Step:
    if found["name"] is not None:
        return Name(found["name"].strip("`"))
    if found["index"] is not None:
        return Index(int(found["index"]))
    names = re.findall(_NAME, found["path"])
    text = re.sub(r"\\(.)", r"\1", found["text"])
    return Where(tuple(Name(name.strip("`")) for name in names), text)


def _walked(found: list[Found], steps: Iterable[Step]) -> list[Found]:
    for step in steps:
        found = _stepped(found, step)
    return [item for one in found for item in _items(one)]


def _stepped(found: list[Found], step: Step) -> list[Found]:
    items = [item for one in found for item in _items(one)]
    if isinstance(step, Index):
        return items[step.number : step.number + 1]
    if isinstance(step, Where):
        return [(node, path) for node, path in items if _holds(node, step)]
    members = ((node.at(step.name), path) for node, path in items)
    return [(node, f"{path}.{step.name}".lstrip(".")) for node, path in members if node]


def _items(found: Found) -> list[Found]:
    node, path = found
    if node.kind is not Kind.ARRAY:
        return [found]
    return [
        item for number, one in enumerate(node.items) for item in _items((one, f"{path}[{number}]"))
    ]


def _holds(node: Node, where: Where) -> bool:
    return any(found.string == where.text for found, _ in _walked([(node, "")], where.path))
