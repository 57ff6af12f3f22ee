"""Explain: every score is a sum, and every summand can be shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one field adds to a score: its comparison level and the weight in bits.

    ``level`` is None where a side is missing: then the weight is 0, missing tells nothing.
    """

    field: str
    level: int | None
    weight: float


def strongest(contributions: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
    """Contributions by falling absolute weight: what decided comes first."""
    return tuple(sorted(contributions, key=lambda part: (-abs(part.weight), part.field)))
