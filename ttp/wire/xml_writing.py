"""Writing FHIR XML: a resource as JSON has it, its elements in the order of their type (FHIR R4, section 2.6.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ttp.wire.structure import (
    DROPPED,
    PRIMITIVES,
    RESOURCE,
    RESOURCES,
    STRUCTURE,
    Element,
)
from ttp.wire.xml_reading import MAXIMAL_DEPTH, NAMESPACE

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile('[&<>"\t\n\r]')
_PLAIN = re.compile("[A-Za-z0-9 ./:$_-]*")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_PLACES = {
    kind: {name: place for place, name in enumerate(held)} for kind, held in STRUCTURE.items()
}
_EXTENSION_ATTRIBUTES = ("id", "url")
_ATTRIBUTES = ("id",)


class NotInXml(ValueError):
    """A resource has no XML form: a character that XML forbids, an element without a place, or too deep."""


def write_xml(resource: Mapping[str, Any]) -> bytes:
    """The resource as XML in UTF-8. Narratives are dropped, as they are in reading.

    Raises:
        NotInXml: it cannot be written without loss; JSON can.
    """
    out = [_DECLARATION]
    _resource(out, resource, f' xmlns="{NAMESPACE}"', 1)
    return "".join(out).encode()


def _resource(out: list[str], resource: object, marks: str, depth: int) -> None:
    kind = resource.get("resourceType") if isinstance(resource, Mapping) else None
    if kind not in RESOURCES or not isinstance(resource, Mapping):
        raise NotInXml("a resource without a known structure")
    out.append(f"<{kind}{marks}>")
    held = {name: value for name, value in resource.items() if name != "resourceType"}
    _elements(out, kind, held, depth)
    out.append(f"</{kind}>")


def _elements(out: list[str], kind: str, held: Mapping[str, Any], depth: int) -> None:
    if depth > MAXIMAL_DEPTH:
        raise NotInXml("nested too deep")
    for element, name, besides in _in_order(kind, tuple(held)):
        aside = held.get(besides) if besides else None
        if element.type in PRIMITIVES:
            _primitives(out, element, held.get(name), aside, depth)
        elif aside is not None:
            raise NotInXml("extensions beside a value that is no primitive")
        elif element.type not in DROPPED:
            _complex(out, element, held.get(name), depth)


@lru_cache(maxsize=1024)
def _in_order(kind: str, held: tuple[str, ...]) -> Sequence[tuple[Element, str, str]]:
    """The elements of an object with these members, their names, and the member beside each that has one.

    The entries of a large Bundle have the same members; what is refused is not kept.
    """
    structure, names = STRUCTURE[kind], {name.removeprefix("_") for name in held}
    if not names <= structure.keys():
        raise NotInXml("an element without a place")
    return [
        (structure[name], name, f"_{name}" if f"_{name}" in held else "")
        for name in sorted(names, key=_PLACES[kind].__getitem__)
    ]


def _complex(out: list[str], element: Element, value: object, depth: int) -> None:
    for one in _many(element, value):
        if not isinstance(one, Mapping):
            raise NotInXml("an object is missing")
        if element.type == RESOURCE:
            out.append(f"<{element.name}>")
            _resource(out, one, "", depth + 2)
            out.append(f"</{element.name}>")
        else:
            _element(out, element, one, "", depth)


def _primitives(out: list[str], element: Element, value: object, aside: object, depth: int) -> None:
    if aside is None and not element.many:
        if value is not None:
            out.append(f'<{element.name} value="{_text(value)}"/>')
        return
    values, asides = _many(element, value), _many(element, aside)
    for place in range(max(len(values), len(asides))):
        one = values[place] if place < len(values) else None
        more = asides[place] if place < len(asides) else None
        if not isinstance(more, Mapping | None):
            raise NotInXml("an object is missing")
        _element(out, element, more or {}, "" if one is None else f' value="{_text(one)}"', depth)


def _element(
    out: list[str], element: Element, held: Mapping[str, Any], marks: str, depth: int
) -> None:
    attributes = _EXTENSION_ATTRIBUTES if element.type == "Extension" else _ATTRIBUTES
    rest = held
    for name in attributes:
        if name in held:
            marks += f' {name}="{_text(held[name])}"'
            rest = {other: value for other, value in rest.items() if other != name}
    if not rest:
        out.append(f"<{element.name}{marks}/>")
        return
    out.append(f"<{element.name}{marks}>")
    _elements(out, element.type, rest, depth + 1)
    out.append(f"</{element.name}>")


def _many(element: Element, value: object) -> list[Any]:
    if value is None:
        return []
    if element.many is not isinstance(value, list):
        raise NotInXml("a list where there is none, or none where there is one")
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    """The value of an attribute; line ends and tabs are kept by references (XML 1.0, section 3.3.3)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if not isinstance(value, str):
        raise NotInXml("a value that XML cannot carry")
    if _PLAIN.fullmatch(value):
        return value
    if _ILLEGAL.search(value):
        raise NotInXml("a value that XML cannot carry")
    return _SPECIAL.sub(_escaped, value) if _SPECIAL.search(value) else value


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"&#{ord(found[0])};"
