"""Writing: a resource leaves as JSON, large Bundles piece by piece, or as XML; what XML cannot hold leaves as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ttp.wire.negotiation import Format
from ttp.wire.xml_writing import NotInXml, write_xml

Json = dict[str, Any]

ENTRIES_A_PIECE = 500


def written(resource: Json, form: Format) -> tuple[Iterable[bytes], Format]:
    """The pieces of the resource in this format, and the format they really have.

    A value may hold characters that XML has no place for; it is better told in JSON than changed or not at all.
    """
    if form is Format.XML:
        try:
            return [write_xml(resource)], form
        except NotInXml:
            form = Format.JSON
    if len(resource.get("entry", ())) <= ENTRIES_A_PIECE:
        return [orjson.dumps(resource)], form
    return _pieces(resource), form


def _pieces(bundle: Json) -> Iterator[bytes]:
    entries = bundle["entry"]
    yield orjson.dumps({name: value for name, value in bundle.items() if name != "entry"})[:-1]
    opening = b',"entry":['
    for start in range(0, len(entries), ENTRIES_A_PIECE):
        yield opening + orjson.dumps(entries[start : start + ENTRIES_A_PIECE])[1:-1]
        opening = b","
    yield b"]}"
