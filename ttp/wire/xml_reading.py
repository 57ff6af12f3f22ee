"""Reading FHIR XML: a resource becomes the same objects that its JSON would be (FHIR R4, sections 2.6.1 and 2.6.2).

Expat reads; a document type is refused before anything in it is, so there are no entities and nothing is fetched.
Depth, elements and bytes are bounded. Of a resource whose structure is unknown nothing but its type is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from ttp.core.errors import MalformedBody, TooManyItems
from ttp.wire.structure import (
    DROPPED,
    INTEGERS,
    PRIMITIVES,
    RESOURCE,
    RESOURCES,
    STRUCTURE,
    XHTML,
    Element,
)

Json = dict[str, Any]

NAMESPACE = "http://hl7.org/fhir"
MAXIMAL_BYTES = 16 * 1024 * 1024
MAXIMAL_DEPTH = 64
MAXIMAL_ELEMENTS = 1_000_000

_FHIR = f"{NAMESPACE} "
_ROOT = Element("", RESOURCE, many=False)
_SKIPPED = Element("", XHTML, many=False)
_INTEGER = re.compile(r"(0|-?[1-9][0-9]{0,9})\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?\Z")
_JUDGED = INTEGERS | {"boolean", "decimal"}
"""The types whose values are more than their text."""
_NOTHING: Mapping[str, Element] = {}
_BOOLEANS = {"true": True, "false": False}


def read_xml(body: bytes) -> Json:
    """The resource in a body, as JSON has it. Narratives are dropped.

    Raises:
        MalformedBody: not well-formed XML in UTF-8, a document type, an element or a value that FHIR does not know
            at its place, or nested deeper than 64 elements.
        TooManyItems: over 16 MiB or a million elements.
    """
    if len(body) > MAXIMAL_BYTES:
        raise TooManyItems("A body in XML has at most 16 MiB.")
    reader = _Reader()
    try:
        reader.parse(body.decode())  # text, for expat would follow the marks of other encodings
    except _RootIsEnough as known:
        return {"resourceType": known.name}
    except (expat.ExpatError, UnicodeDecodeError):
        raise MalformedBody("The body is not well-formed XML in UTF-8.") from None
    return reader.root


class _RootIsEnough(Exception):
    """The whole document is a resource of another kind: the rest is not parsed."""

    def __init__(self, name: str) -> None:
        super().__init__("another resource")
        self.name = name


class _Frame:
    """An element being read: what it is, its own objects, and whether they hang in its parent already."""

    __slots__ = ("element", "held", "known", "value")

    def __init__(self, element: Element, known: str, value: object = None) -> None:
        self.element = element
        self.known = known  # the type whose elements may stand in it
        self.value = value
        self.held: Json = {}


class _Reader:
    """The handlers of expat over a stack of frames; the lowest frame holds the root."""

    def __init__(self) -> None:
        self.root: Json = {}
        self._stack: list[_Frame] = []
        self._elements = 0

    def parse(self, body: str) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(body, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._stack) >= MAXIMAL_DEPTH:
            raise MalformedBody(f"The XML is nested deeper than {MAXIMAL_DEPTH} elements.")
        if self._elements > MAXIMAL_ELEMENTS:
            raise TooManyItems("A body in XML has at most a million elements.")
        parent = self._stack[-1] if self._stack else None
        if parent is not None and parent.element is _SKIPPED:
            self._stack.append(parent)
            return
        name = tag.removeprefix(_FHIR)
        if name == tag:
            self._start_foreign(parent, tag)
        elif parent is None or (parent.element.type == RESOURCE and not parent.known):
            self._start_resource(parent, name)
        else:
            self._stack.append(_opened(parent, name, attributes))

    def _start_foreign(self, parent: _Frame | None, tag: str) -> None:
        if parent is None or parent.known != "Narrative" or not tag.endswith(" div"):
            raise MalformedBody("An element is not in the namespace of FHIR.")
        self._stack.append(_Frame(_SKIPPED, ""))

    def _start_resource(self, parent: _Frame | None, name: str) -> None:
        if parent is not None and parent.held:
            raise MalformedBody("There is more than one resource in one place.")
        if name not in RESOURCES and parent is None:
            raise _RootIsEnough(name)
        if parent is None:
            frame = _Frame(_ROOT, name)
            self.root = frame.held
        else:
            frame = _Frame(_SKIPPED if name not in RESOURCES else _ROOT, name)
            parent.held = frame.held
        frame.held["resourceType"] = name
        self._stack.append(frame)

    def _end(self, _tag: str) -> None:
        frame = self._stack.pop()
        if self._stack and frame.element.name:
            _attach(self._stack[-1].held, frame)

    def _text(self, text: str) -> None:
        if text.strip(" \t\r\n") and self._stack and self._stack[-1].element is not _SKIPPED:
            raise MalformedBody(
                "Values are attributes in FHIR XML; there is text between elements."
            )


def _refuse(*_declaration: object) -> int:
    raise MalformedBody("A document type or an entity is declared; neither is read.")


def _opened(parent: _Frame, name: str, attributes: dict[str, str]) -> _Frame:
    element = STRUCTURE.get(parent.known, _NOTHING).get(name)
    if element is None:
        raise MalformedBody("An element is unknown in its place.")
    if element.type in PRIMITIVES:
        given = attributes.get("value")
        frame = _Frame(element, element.type, None if given is None else _value(element, given))
    else:
        frame = _Frame(element, "" if element.type == RESOURCE else element.type)
    if "id" in attributes:
        frame.held["id"] = attributes["id"]
    if "url" in attributes and element.type == "Extension":
        frame.held["url"] = attributes["url"]
    return frame


def _value(element: Element, text: str) -> object:
    kind = element.type
    if kind not in _JUDGED:
        return text
    if kind == "boolean" and text in _BOOLEANS:
        return _BOOLEANS[text]
    if kind in INTEGERS and _INTEGER.match(text):
        return int(text)
    if kind == "decimal" and _DECIMAL.match(text):
        return float(text) if set(text) & set(".eE") else int(text)
    raise MalformedBody(f"A value is not of the type {kind}.")


def _attach(parent: Json, frame: _Frame) -> None:
    element = frame.element
    if element.type in PRIMITIVES:
        _attach_primitive(parent, frame)
    elif element.type in DROPPED:
        return
    elif element.many:
        parent.setdefault(element.name, []).append(frame.held)
    elif element.name in parent:
        raise MalformedBody("An element is repeated that may not be.")
    else:
        parent[element.name] = frame.held


def _attach_primitive(parent: Json, frame: _Frame) -> None:
    """A value under its name; its extensions under the name with an underscore, as JSON has them."""
    name, aside = frame.element.name, f"_{frame.element.name}"
    if not frame.element.many:
        if name in parent or aside in parent:
            raise MalformedBody("An element is repeated that may not be.")
        if frame.value is not None:
            parent[name] = frame.value
        if frame.held:
            parent[aside] = frame.held
        return
    values = parent.setdefault(name, [])
    values.append(frame.value)
    if frame.held or aside in parent:
        asides = parent.setdefault(aside, [])
        asides.extend([None] * (len(values) - 1 - len(asides)))
        asides.append(frame.held or None)
