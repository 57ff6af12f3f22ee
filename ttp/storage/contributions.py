"""Evidence: how contributions to a score are written in a row. Names of fields and levels only, never values."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from ttp.core.persons import Contribution


def written(contributions: Sequence[Contribution]) -> str:
    """The contributions as JSON text."""
    return orjson.dumps(
        [[one.field, one.level, one.weight, one.similarity] for one in contributions]
    ).decode()


def read(text: str) -> tuple[Contribution, ...]:
    """The contributions of a stored text."""
    return tuple(Contribution(*one) for one in orjson.loads(text))
