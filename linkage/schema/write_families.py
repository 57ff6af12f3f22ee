"""Linkage schema, writing of hash families and hardening: every parameter spelled out."""

import base64
from dataclasses import fields

from linkage.schema.families import HashFamily, SampledField
from linkage.schema.hardening import Hardening


def family_document(family: HashFamily) -> dict[str, object]:
    """The JSON object `parse_families.family_of` reads."""
    return {item.name: _json(getattr(family, item.name)) for item in fields(family)}


def step_document(step: Hardening) -> dict[str, object]:
    """The JSON object `parse_hardening` reads; parameters left open are absent."""
    written = {item.name: getattr(step, item.name) for item in fields(step)}
    return {name: value for name, value in written.items() if value is not None}


def _json(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, SampledField):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    return value
