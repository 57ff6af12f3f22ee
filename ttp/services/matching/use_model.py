"""Use a model: registration weighs with the version in use, and with the shipped model until there is one."""

from __future__ import annotations

from uuid import UUID

from linkage.weighing import model_from
from ttp.core.matching import Model, shipped_model
from ttp.core.matching_models import ModelVersion
from ttp.core.ports import Transaction


def model_in_use(tx: Transaction) -> Model:
    """The model that registration weighs with in this transaction."""
    version = tx.models.active()
    return shipped_model() if version is None else model_of(version)


def model_of(version: ModelVersion) -> Model:
    """The model that a version holds; versions never change, so each is read once."""
    if (known := _read.get(version.id)) is None:
        known = _read[version.id] = Model(model_from(version.parameters))
    return known


def model_named(tx: Transaction, name: str) -> Model:
    """The center's version of this name, or the shipped model.

    Raises:
        UnknownModel: there is none.
    """
    shipped = shipped_model()
    return shipped if name == shipped.parameters.name else model_of(tx.models.get(name))


_read: dict[UUID, Model] = {}
