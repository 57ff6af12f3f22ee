"""Linkage schema, writing: the full JSON document of a schema, every default spelled out."""

from linkage.schema.layouts import AnyOrder, Block, ExactPart, Part, SaltedView, View
from linkage.schema.model import (
    DateParts,
    Field,
    Layout,
    LinkageSchema,
    Ngrams,
    Numeric,
    Tokens,
    Whole,
)
from linkage.schema.write_families import family_document, step_document


def document(schema: LinkageSchema) -> dict[str, object]:
    """The JSON document that `parse` turns back into the same schema."""
    return {
        "schema": 1,
        "name": schema.name,
        "normalization": schema.normalization,
        "layout": str(schema.layout),
        "bits": schema.bits,
        "hash": family_document(schema.hash),
        "exact": [
            {"name": token.name, "parts": [_part(part) for part in token.parts]}
            for token in schema.exact
        ],
        **_content(schema),
    }


def _content(schema: LinkageSchema) -> dict[str, object]:
    """What each layout says in its own keys; those of the others are absent."""
    if schema.layout is Layout.SALTED:
        return {
            "blocks": [_block(block, schema) for block in schema.blocks],
            "salted": [_salted(view) for view in schema.salted],
        }
    if schema.layout is Layout.VIEWS:
        return {
            "views": [_view(view, schema) for view in schema.views],
            "hardening": [step_document(step) for step in schema.hardening],
        }
    return {
        "filter_bits": dict(schema.filter_bits),
        "fields": [{**_field(item), "filter": item.filter} for item in schema.fields],
        "hardening": [step_document(step) for step in schema.hardening],
    }


def _view(view: View, schema: LinkageSchema) -> dict[str, object]:
    return {
        "name": view.name,
        "bits": view.bits,
        "required": [list(columns) for columns in view.required],
        "hardening": [step_document(step) for step in view.hardening],
        "fields": [_field(item) for item in schema.fields if item.filter == view.name],
    }


def _block(block: Block, schema: LinkageSchema) -> dict[str, object]:
    fields = [_field(item) for item in schema.fields if item.filter == block.name]
    return {"name": block.name, "bits": block.bits, "fields": fields}


def _salted(view: SaltedView) -> dict[str, object]:
    return {
        "name": view.name,
        "salt": [_part(part) for part in view.salt],
        "blocks": list(view.blocks),
        "thinned": view.thinned,
    }


def _field(item: Field) -> dict[str, object]:
    written: dict[str, object] = {
        "name": item.name,
        "column": item.column,
        "kind": str(item.kind),
        "tokens": _tokens(item.tokens),
        "key_space": item.key_space,
        "weight": item.weight,
    }
    if item.bits_per_token is not None:
        written["bits_per_token"] = item.bits_per_token
    if item.bits_per_field is not None:
        written["bits_per_field"] = item.bits_per_field
    if item.missing_as is not None:
        written["missing_as"] = item.missing_as
    if item.missing_if:
        written["missing_if"] = item.missing_if
    return written


def _tokens(tokens: Tokens) -> dict[str, object]:
    if isinstance(tokens, Ngrams):
        return {
            "type": "ngrams",
            "q": tokens.q,
            "padded": tokens.padded,
            "positional": tokens.positional,
        }
    if isinstance(tokens, DateParts):
        return {"type": "date-parts", "components": [str(part) for part in tokens.components]}
    if isinstance(tokens, Numeric):
        return {
            "type": "numeric",
            "distance": tokens.distance,
            "resolution": tokens.resolution,
            "digits": tokens.digits,
        }
    return {"type": "whole" if isinstance(tokens, Whole) else "phonetic"}


def _part(part: Part) -> dict[str, object]:
    if isinstance(part, AnyOrder):
        return {"any_order": [_column(one) for one in part.parts]}
    return _column(part)


def _column(part: ExactPart) -> dict[str, object]:
    return {"column": part.column, "kind": str(part.kind), "as": str(part.take)}
