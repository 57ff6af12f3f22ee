"""Schemas: what a linkage schema is called on the command line: a shipped name, an import profile, a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from linkage import schema
from linkage.encode import import_profiles
from linkage.encode.clkhash_schema import from_clkhash
from linkage.schema import LinkageSchema

PROFILES: Final[Mapping[str, Callable[[], LinkageSchema]]] = {
    "epix-random": lambda: import_profiles.epix_random(import_profiles.PERSON),
    "epix-double": lambda: import_profiles.epix_double(import_profiles.PERSON),
    "fttp-balanced": import_profiles.fttp_balanced,
    "highmed-record": import_profiles.highmed_record,
}
"""Encodings of other programs, as these make them by default; print one and change it for others."""


def schema_named(name: str) -> LinkageSchema:
    """The schema of a shipped name, an import profile, or a JSON file of ours or of clkhash.

    Raises:
        UnknownSchema: neither a name nor a file.
        SchemaInvalid: the file is no linkage schema.
    """
    if name in PROFILES:
        return PROFILES[name]()
    foreign = _clkhash(Path(name))
    if foreign is None:
        return schema.load(name)
    return from_clkhash(foreign, name=Path(name).stem).schema


def _clkhash(path: Path) -> dict[str, object] | None:
    """The document of a clkhash schema; None for anything else, which others judge."""
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    ours = not isinstance(document, dict) or "clkConfig" not in document
    return None if ours else document
