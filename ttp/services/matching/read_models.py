"""Read models: which versions of the matching model there are, and what one says."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.weighing import WeighingModel
from linkage.weighing.agreement import FIELDS, NUMBER
from linkage.weighing.model import BY_VALUE
from ttp.core.access import Actor, Right
from ttp.core.matching import shipped_model
from ttp.core.matching_models import ModelState, ModelVersion
from ttp.core.ports import Transaction
from ttp.services.matching.use_model import model_in_use, model_named


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model by name. ``version`` is None for the shipped one, which was not learned here."""

    name: str
    in_use: bool
    parameters: WeighingModel
    version: ModelVersion | None

    @property
    def state(self) -> str:
        """``draft``, ``active`` or ``retired``; ``shipped`` for what came with the program and is not in use."""
        if self.in_use:
            return ModelState.ACTIVE.value
        return self.version.state.value if self.version else "shipped"

    def weights(self) -> list[tuple[str, str, float, bool]]:
        """Of every agreement of every field the bits, and whether those of the value are added."""
        model = self.parameters
        bits = [
            (
                field,
                one.name.lower(),
                model.tables["same"][field][one],
                one in BY_VALUE.get(field, ()),
            )
            for field, levels in FIELDS.items()
            for one in levels
        ]
        bits += [(NUMBER, one.name.lower(), value, False) for one, value in model.number.items()]
        return [*bits, ("identifier", "equal", model.identifier, False)]


def list_models(tx: Transaction, actor: Actor) -> list[ModelView]:
    """The center's versions, newest first, and the shipped model.

    Raises:
        NotAllowed: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    names = [version.name for version in tx.models.all()]
    return [_view(tx, name) for name in (*names, shipped_model().parameters.name)]


def show_model(tx: Transaction, actor: Actor, *, name: str | None = None) -> ModelView:
    """One model, by its name; the one in use without a name.

    Raises:
        NotAllowed, UnknownModel: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    return _view(tx, name or model_in_use(tx).parameters.name)


def _view(tx: Transaction, name: str) -> ModelView:
    parameters = model_named(tx, name).parameters
    shipped = name == shipped_model().parameters.name
    in_use = model_in_use(tx).parameters.name == name
    return ModelView(name, in_use, parameters, None if shipped else tx.models.get(name))
