"""Linkage schema, writing: the full JSON document of a schema, every default spelled out."""

import base64

from linkage.schema.model import (
    ClkhashDouble,
    DateParts,
    ExactToken,
    Field,
    HashFamily,
    LinkageSchema,
    Ngrams,
    Tokens,
    Whole,
)


def document(schema: LinkageSchema) -> dict[str, object]:
    """The JSON document that `parse` turns back into the same schema."""
    return {
        "schema": 1,
        "name": schema.name,
        "normalization": schema.normalization,
        "layout": str(schema.layout),
        "bits": schema.bits,
        "filter_bits": dict(schema.filter_bits),
        "hash": _hash(schema.hash),
        "fields": [_field(item) for item in schema.fields],
        "exact": [_exact(token) for token in schema.exact],
        "hardening": [{"name": step.name, "t": step.t} for step in schema.hardening],
    }


def _hash(family: HashFamily) -> dict[str, object]:
    if not isinstance(family, ClkhashDouble):
        return {"family": family.family}
    return {
        "family": family.family,
        "key_spaces": list(family.key_spaces),
        "kdf_hash": family.kdf_hash,
        "salt": base64.b64encode(family.salt).decode(),
        "info": base64.b64encode(family.info).decode(),
        "key_size": family.key_size,
        "prevent_singularity": family.prevent_singularity,
    }


def _field(item: Field) -> dict[str, object]:
    written: dict[str, object] = {
        "name": item.name,
        "column": item.column,
        "kind": str(item.kind),
        "tokens": _tokens(item.tokens),
        "key_space": item.key_space,
        "filter": item.filter,
        "weight": item.weight,
    }
    if item.bits_per_token is not None:
        written["bits_per_token"] = item.bits_per_token
    if item.bits_per_field is not None:
        written["bits_per_field"] = item.bits_per_field
    if item.missing_as is not None:
        written["missing_as"] = item.missing_as
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
    return {"type": "whole" if isinstance(tokens, Whole) else "phonetic"}


def _exact(token: ExactToken) -> dict[str, object]:
    parts = [
        {"column": part.column, "kind": str(part.kind), "as": str(part.take)}
        for part in token.parts
    ]
    return {"name": token.name, "parts": parts}
