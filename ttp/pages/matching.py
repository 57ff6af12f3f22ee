"""Matching models: which versions there are, what each weighs, what another would change; two persons put it to use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from flask import Response, render_template, request, url_for

from linkage.classify import Outcome
from ttp.core.access import Right
from ttp.core.matching_models import ModelState
from ttp.core.ports import Transaction
from ttp.http.center import read, the_center, write
from ttp.pages.listed import Filters, listed
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.approvals.settle_approval import at_once_if_alone
from ttp.services.matching.activate_model import activate_model, request_activation
from ttp.services.matching.compare_models import Comparison, compare_models
from ttp.services.matching.learn_model import request_learning
from ttp.services.matching.read_models import ModelView, list_models, show_model

STATES = ("shipped", *(one.value for one in ModelState))
FILTERS = Filters(STATES)
OUTCOMES = tuple(Outcome)
HALF = 150.0
"""Pixels from the middle of a bar to either end."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one agreement of one field weighs, and its bar on the scale of the page in pixels from the left."""

    field: str
    level: str
    bits: float
    by_value: bool
    left: float
    width: float

    @property
    def sign(self) -> str:
        """The kind of the bar: ``plus``, ``minus`` or ``none``."""
        return "plus" if self.bits > 0 else "minus" if self.bits < 0 else "none"


@page("/matching", right=Right.REVIEW)
def matching() -> str:
    """All versions, and the weights of the one asked for; of the one in use without a name."""
    return _shown(None)


@page("/matching/compare", right=Right.ADMINISTER, method="POST")
def compare_model() -> str:
    """What another model would change, told on a sample."""
    actor, name = person().actor, request.form.get("model", "")
    found = write(lambda tx: compare_models(the_center(), tx, actor, name=name))
    return _shown(found)


@page("/matching/activate", right=Right.ADMINISTER, method="POST")
def use_model() -> Response:
    """Ask for another model to be used; where one person suffices it is used at once."""
    center, actor, name = the_center(), person().actor, request.form.get("model", "")

    def ask(tx: Transaction) -> UUID | None:
        asked = request_activation(center, tx, actor, name=name)
        if not at_once_if_alone(center, actor):
            return asked.id
        activate_model(center, tx, actor, asked)
        return None

    waits = write(ask)
    if waits is not None:
        return go(url_for(".approval", approval_id=waits))
    return go(url_for(".matching", used=1))


@page("/matching/learn", right=Right.ADMINISTER, method="POST")
def learn() -> Response:
    """Let a worker learn a version from the center's own stock; it is a draft until activated."""
    actor = person().actor
    write(lambda tx: request_learning(the_center(), tx, actor))
    return go(url_for(".jobs"))


def _shown(compared: Comparison | None) -> str:
    actor, asked = person().actor, request.args
    name = compared.other if compared else asked.get("model", "").strip() or None
    views, chosen = read(lambda tx: (list_models(tx, actor), show_model(tx, actor, name=name)))
    return render_template(
        "matching.html",
        versions=listed("models", [one for one in views if FILTERS.fits(one.state, one.name)]),
        filters=FILTERS.asked(),
        chosen=chosen,
        weights=weights_of(chosen),
        compared=compared,
        changes=_changes(compared.changes) if compared else [],
        outcomes=OUTCOMES,
        states=STATES,
    )


def weights_of(view: ModelView) -> list[Weight]:
    """Bits by field and agreement, with bars on one scale around zero."""
    bits = view.weights()
    scale = HALF / (max(abs(value) for _, _, value, _ in bits) or 1.0)
    return [_weight(*one, scale=scale) for one in bits]


def _weight(field: str, level: str, bits: float, by_value: bool, *, scale: float) -> Weight:
    width = max(round(abs(bits) * scale, 1), 1.5)
    left = HALF if bits >= 0 else round(HALF - width, 1)
    return Weight(field, level, bits, by_value, left, width)


def _changes(changes: Counter[tuple[Outcome, Outcome]]) -> list[tuple[Outcome, Outcome, int]]:
    """Pairs that would go from one outcome to another, in the order of the outcomes."""
    return [
        (before, after, changes[before, after])
        for before, after in product(OUTCOMES, repeat=2)
        if before is not after
    ]
