"""Linkage schema v1 as JSON Schema (draft 2020-12): the form, for editors and other programs.

Made from the same enumerations as the strict reader; what one part of a document asks of another (names
that must be known, lengths that must fit) only `parse` checks. `python -m linkage.schema.json_schema`
prints it; the published file is `linkage/schemas/linkage-schema-v1.schema.json`.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum

from linkage.normalize import PROFILES
from linkage.schema.columns import Kind
from linkage.schema.layouts import OF_DATES, As
from linkage.schema.model import DatePart, Layout
from linkage.schema.parse_fields import WORDS
from linkage.schema.reader import MOST_BITS, NAME, PLAIN_NAME

ID = "urn:treuhandstelle:linkage-schema:v1"
Json = Mapping[str, object]

_LENGTH: Json = {"type": "integer", "minimum": 64, "maximum": MOST_BITS, "multipleOf": 64}
_FLAG: Json = {"type": "boolean"}
_TEXT: Json = {"type": "string"}


def json_schema() -> dict[str, object]:
    """The whole JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Linkage schema, version 1",
        "oneOf": [_record(Layout.RECORD), _record(Layout.FIELD), _views(), _salted()],
        "$defs": {
            "name": {"type": "string", "pattern": f"^{NAME}$"},
            "plain_name": {"type": "string", "pattern": f"^{PLAIN_NAME}$"},
            "length": _LENGTH,
            "tokens": {"oneOf": _tokens()},
            "field": _field(filter=_ref("name")),
            "record_field": _field(filter={"const": "record"}),
            "content_field": _field(),
            "column": {"allOf": [_COLUMN, *_FITTING]},
            "part": {"oneOf": [_ref("column"), _object({"any_order": _list(_ref("column"), 2)})]},
            "step": {"oneOf": _steps()},
            "family": {"oneOf": _families()},
        },
    }


def _object(required: Json, optional: Json | None = None) -> dict[str, object]:
    """An object of exactly these keys."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Json, least: int = 1, **more: object) -> dict[str, object]:
    return {"type": "array", "items": items, "minItems": least, **more}


def _ref(name: str) -> dict[str, object]:
    return {"$ref": f"#/$defs/{name}"}


def _number(low: int, high: int) -> dict[str, object]:
    return {"type": "integer", "minimum": low, "maximum": high}


def _one_of(values: Iterable[str] | type[StrEnum]) -> dict[str, object]:
    return {"enum": [str(value) for value in values]}


def _whole(layout: Layout, family: Json, content: Json, optional: Json) -> dict[str, object]:
    head = {
        "schema": {"type": "integer", "const": 1},
        "name": _ref("name"),
        "normalization": _one_of(PROFILES),
        "layout": {"const": str(layout)},
        "bits": _ref("length"),
        "hash": family,
    }
    token = _object({"name": _ref("name"), "parts": _list(_ref("part"))})
    return _object({**head, **content}, {"exact": _list(token, 0), **optional})


_STEPS: Json = {"hardening": _list(_ref("step"), 0)}
_SALTED_FAMILY: Json = _object({"family": {"const": "record-keyed"}})
_OTHER_FAMILY: Json = {"allOf": [_ref("family"), {"not": _SALTED_FAMILY}]}


def _record(layout: Layout) -> dict[str, object]:
    field = _ref("record_field" if layout is Layout.RECORD else "field")
    lengths = {"type": "object", "additionalProperties": _ref("length")}
    return _whole(
        layout, _OTHER_FAMILY, {"fields": _list(field)}, {"filter_bits": lengths, **_STEPS}
    )


def _views() -> dict[str, object]:
    required = _list(_list(_ref("name")), 0)
    view = _object(
        {"name": _ref("plain_name"), "fields": _list(_ref("content_field"))},
        {"bits": _ref("length"), "required": required, **_STEPS},
    )
    return _whole(Layout.VIEWS, _OTHER_FAMILY, {"views": _list(view)}, _STEPS)


def _salted() -> dict[str, object]:
    powers = {"enum": [1 << power for power in range(6, 13)]}
    block = _object(
        {"name": _ref("plain_name"), "fields": _list(_ref("content_field"))}, {"bits": powers}
    )
    view = _object(
        {
            "name": _ref("plain_name"),
            "salt": _list(_ref("part")),
            "blocks": _list(_ref("plain_name"), uniqueItems=True),
        },
        {"thinned": _FLAG},
    )
    content = {"blocks": _list(block), "salted": _list(view)}
    return _whole(Layout.SALTED, _SALTED_FAMILY, content, {})


def _field(**own: Json) -> dict[str, object]:
    fields = _object(
        {"name": _ref("name"), "kind": _one_of(Kind), "tokens": _ref("tokens")},
        {
            "column": _ref("name"),
            "key_space": _ref("name"),
            "bits_per_token": _number(1, 1024),
            "bits_per_field": _number(1, MOST_BITS),
            "weight": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000},
            "missing_as": _TEXT,
            "missing_if": _TEXT,
            **own,
        },
    )
    bits = {"oneOf": [{"required": ["bits_per_token"]}, {"required": ["bits_per_field"]}]}
    fits = [
        _when({"tokens": {"properties": {"type": {"const": kind}}}}, {"kind": _one_of(kinds)})
        for kind, kinds in (
            ("date-parts", [Kind.DATE]),
            ("phonetic", WORDS),
            ("numeric", [Kind.NUMBER]),
        )
    ]
    return {"allOf": [fields, bits, *fits]}


def _when(given: Json, then: Json) -> dict[str, object]:
    condition = {"properties": given, "required": list(given)}
    return {"if": condition, "then": {"properties": then}}


_COLUMN: Json = _object({"column": _ref("name"), "kind": _one_of(Kind)}, {"as": _one_of(As)})
_FITTING = [
    _when({"as": _one_of(sorted(OF_DATES))}, {"kind": {"const": str(Kind.DATE)}}),
    _when({"as": {"const": str(As.PHONETIC)}}, {"kind": _one_of(WORDS)}),
]


def _tokens() -> list[dict[str, object]]:
    positive = {"type": "number", "exclusiveMinimum": 0, "maximum": 1e20}
    return [
        _object(
            {"type": {"const": "ngrams"}, "q": _number(1, 8)},
            {"padded": _FLAG, "positional": _FLAG},
        ),
        _object(
            {
                "type": {"const": "date-parts"},
                "components": _list(_one_of(DatePart), uniqueItems=True),
            }
        ),
        _object({"type": {"const": "whole"}}),
        _object({"type": {"const": "phonetic"}}),
        _object(
            {"type": {"const": "numeric"}, "distance": positive, "resolution": _number(1, 512)},
            {"digits": _number(0, 20)},
        ),
    ]


def _steps() -> list[dict[str, object]]:
    flip = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}
    bits = _number(1, MOST_BITS)
    return [
        _object({"name": {"const": "diffusion"}, "t": _number(2, 64)}),
        _object({"name": {"const": "permutation"}}),
        _object({"name": {"const": "balance"}}),
        _object({"name": {"const": "fold"}}, {"parts": _number(2, 64), "length": bits}),
        _object({"name": {"const": "rule-90"}}),
        _object({"name": {"const": "randomized-response"}, "flip": flip}),
        _object({"name": {"const": "java-balance"}, "length": bits}),
    ]


def _families() -> list[dict[str, object]]:
    bits = _number(1, MOST_BITS)
    base64 = {"type": "string", "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2,3}={1,2})?$"}
    clkhash = {
        "kdf_hash": _one_of(["SHA256", "SHA512"]),
        "salt": base64,
        "info": base64,
        "key_size": _number(16, 64),
    }
    spaces = {"key_spaces": _list(_TEXT)}
    alphabet = {"type": "string", "minLength": 1, "maxLength": 256}
    sampled = _object({"key_space": _ref("name"), "bits": bits, "sampled": _number(0, MOST_BITS)})
    return [
        _object({"family": {"const": "keyed-random"}}),
        _object(
            {"family": {"const": "clkhash-double"}, **spaces},
            {**clkhash, "prevent_singularity": _FLAG},
        ),
        _object({"family": {"const": "clkhash-blake"}, **spaces}, clkhash),
        _object({"family": {"const": "java-random"}, "length": bits}, {"alphabet": alphabet}),
        _object({"family": {"const": "epix-double"}, "length": bits}),
        _object({"family": {"const": "highmed-record"}, "fields": _list(sampled)}),
        _object({"family": {"const": "record-keyed"}}),
    ]


if __name__ == "__main__":
    json.dump(json_schema(), sys.stdout, indent=1)
    sys.stdout.write("\n")
