"""Linkage schema: a versioned document with a fingerprint.

Encodings compare only under one fingerprint.
"""

import json
from importlib import resources
from pathlib import Path

from linkage.errors import SchemaInvalid, UnknownSchema
from linkage.schema.columns import Kind
from linkage.schema.families import (
    EPIX_ALPHABET,
    Clkhash,
    ClkhashBlake,
    ClkhashDouble,
    EpixDouble,
    HashFamily,
    HighmedRecord,
    JavaRandom,
    KeyedRandom,
    RecordKeyed,
    SampledField,
)
from linkage.schema.hardening import (
    Balance,
    Diffusion,
    Fold,
    Hardening,
    JavaBalance,
    Permutation,
    RandomizedResponse,
    Rule90,
)
from linkage.schema.layouts import (
    AnyOrder,
    As,
    Block,
    ExactPart,
    ExactToken,
    Part,
    SaltedView,
    View,
)
from linkage.schema.model import (
    RECORD_FILTER,
    DatePart,
    DateParts,
    Field,
    Layout,
    LinkageSchema,
    Ngrams,
    Numeric,
    Phonetic,
    SchemaFingerprint,
    Tokens,
    Whole,
)
from linkage.schema.parse import parse

DEFAULT = "default-2026-11"
"""What the alias `default` stands for; stored data name the fingerprint, never the alias."""

ALIASES = {
    "default": DEFAULT,
    "record": "record-2026-11",
    "diffused": "diffused-2026-11",
    "field": "field-2026-11",
    "views": "views-2026-11",
    "accurate": "accurate-2026-11",
    "salted": "salted-2026-11",
    "clkhash-compat": "clkhash-compat-2026-11",
}

__all__ = [
    "ALIASES",
    "DEFAULT",
    "EPIX_ALPHABET",
    "RECORD_FILTER",
    "AnyOrder",
    "As",
    "Balance",
    "Block",
    "Clkhash",
    "ClkhashBlake",
    "ClkhashDouble",
    "DatePart",
    "DateParts",
    "Diffusion",
    "EpixDouble",
    "ExactPart",
    "ExactToken",
    "Field",
    "Fold",
    "Hardening",
    "HashFamily",
    "HighmedRecord",
    "JavaBalance",
    "JavaRandom",
    "KeyedRandom",
    "Kind",
    "Layout",
    "LinkageSchema",
    "Ngrams",
    "Numeric",
    "Part",
    "Permutation",
    "Phonetic",
    "RandomizedResponse",
    "RecordKeyed",
    "Rule90",
    "SaltedView",
    "SampledField",
    "SchemaFingerprint",
    "Tokens",
    "View",
    "Whole",
    "default",
    "load",
    "parse",
    "shipped",
]


_FORM = ".schema.json"
"""The JSON Schema of linkage schemas lies beside them."""


def default() -> LinkageSchema:
    """The schema the alias `default` stands for today."""
    return load(DEFAULT)


def load(source: str | Path | dict[str, object]) -> LinkageSchema:
    """The schema of a shipped name or alias, of a JSON file, or of a parsed document.

    Raises:
        UnknownSchema: neither a shipped name nor a file.
        SchemaInvalid: the document is not a linkage schema.
    """
    if isinstance(source, dict):
        return parse(source)
    if isinstance(source, str) and (name := ALIASES.get(source, source)) in shipped():
        return parse(_document(_shipped_text(name)))
    try:
        text = Path(source).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SchemaInvalid(Path(source).name, "is not JSON") from None
    except (OSError, ValueError):
        raise UnknownSchema(str(source)) from None
    return parse(_document(text, named=Path(source).name))


def shipped() -> list[str]:
    """Names of the schemas in this package."""
    files = resources.files("linkage").joinpath("schemas").iterdir()
    names = [file.name for file in files if file.name.endswith(".json")]
    return sorted(name.removesuffix(".json") for name in names if not name.endswith(_FORM))


def _shipped_text(name: str) -> str:
    return resources.files("linkage").joinpath("schemas", f"{name}.json").read_text("utf-8")


def _document(text: str, *, named: str = "") -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise SchemaInvalid(named, "is not JSON") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object with a key twice: readers disagree about which one counts."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise SchemaInvalid("", "has an object with one key twice")
    return dict(pairs)
