"""Matching models: versions of the weights, learned from the center's own stock; two persons decide which is in use.

Versions are never changed. Links name the version that made them, and a new version touches no link that stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, NotFound
from ttp.core.names import LeafId


class UnknownModel(NotFound):
    """No matching model has this name."""

    code = "unknown-model"


class StockTooSmall(Conflict):
    """The center holds too few records to learn a matching model from; the shipped one serves it."""

    code = "stock-too-small"


class ModelState(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version. ``records`` and ``pairs`` it was learned from; ``parameters`` as `linkage.weighing` reads them."""

    id: UUID
    number: int
    name: str
    state: ModelState
    parameters: Mapping[str, object]
    records: int
    pairs: int
    made_by: str
    made_at: datetime
    activated_at: datetime | None = None


class ModelStore(Protocol):
    """Where versions are kept."""

    def add(self, version: ModelVersion, *, leaf: LeafId) -> None:
        """Store a new version."""
        ...

    def get(self, name: str) -> ModelVersion:
        """The version of this name. Raises UnknownModel."""
        ...

    def all(self) -> list[ModelVersion]:
        """All versions, newest first."""
        ...

    def active(self) -> ModelVersion | None:
        """The version in use; None where the shipped model is."""
        ...

    def activate(self, name: str | None, *, at: datetime) -> None:
        """Use the version of this name, or the shipped model; the one in use before is retired."""
        ...


def own_name(number: int) -> str:
    """The name of the center's version of this number."""
    return f"own-{number}"
