"""Matching models: learned from the stock, compared, activated by two persons, taken back; links that stand stay."""

from pathlib import Path

import pytest

from linkage.synthetic import NONE, generate
from linkage.weighing import load_model, model_from
from tests.builders import make_center
from ttp.connecting import connect
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.approvals import Approval
from ttp.core.center import Center
from ttp.core.errors import Conflict, NotAllowed, SecondPersonNeeded
from ttp.core.identities import Registered
from ttp.core.matching_models import ModelState, StockTooSmall, UnknownModel
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL
from ttp.services.matching import read_models
from ttp.services.matching.activate_model import activate_model, request_activation
from ttp.services.matching.compare_models import compare_models
from ttp.services.matching.learn_model import learn_model, request_learning
from ttp.services.matching.use_model import model_in_use
from ttp.services.persons.register_identities import register_identities
from ttp.services.work.run_task import run_waiting_task

SHIPPED = load_model().name
STEWARD = Actor(ActorKind.STAFF, "weber", Role.STEWARD)
OTHER = Actor(ActorKind.STAFF, "lang", Role.STEWARD)


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    """A center with 1,200 patients, who came to two wards, and a version learned from them."""
    made = make_center(tmp_path_factory.mktemp("center"), role="local", alone=False)
    people = generate(("a", "b"), 600, 0.5, 41, NONE)
    for ward, rows in people.sites.items():
        records = [{k: v for k, v in row.items() if v and k not in _UNSENT} for row in rows]
        for start in range(0, len(records), 500):
            part = records[start : start + 500]
            register(made, part, source=ward)
    learn_model(made, STEWARD, progress=quiet)
    return made


_UNSENT = {"person", "consent"}


def activate(center: Center, name: str) -> None:
    """Both persons agree on the model."""
    asked = center.work.run(lambda tx: request_activation(center, tx, STEWARD, name=name))
    approve(center, asked, OTHER)


def approve(center: Center, asked: Approval, actor: Actor) -> None:
    center.work.run(lambda tx: activate_model(center, tx, actor, asked))


def in_use(center: Center) -> str:
    return center.work.run(lambda tx: model_in_use(tx).parameters.name, write=False)


def test_what_was_learned_is_a_draft_that_nobody_uses(center: Center) -> None:
    view = center.work.run(
        lambda tx: read_models.show_model(tx, STEWARD, name="own-1"), write=False
    )
    assert view.version is not None
    assert view.version.state is ModelState.DRAFT
    assert view.version.made_by == "staff:weber"
    assert view.version.records > 1_000
    assert model_from(view.version.parameters) == view.parameters
    assert in_use(center) == SHIPPED


def test_one_person_alone_activates_nothing(center: Center) -> None:
    asked = center.work.run(lambda tx: request_activation(center, tx, STEWARD, name="own-1"))
    with pytest.raises(SecondPersonNeeded):
        approve(center, asked, STEWARD)
    assert in_use(center) == SHIPPED


def test_registration_uses_what_two_persons_activated_until_they_take_it_back(
    center: Center,
) -> None:
    record = {
        "given_name": "Friedegund", "surname": "Oberhuber", "birth_date": "1961-02-03",
        "sex": "f", "postcode": "04109", "city": "Leipzig",
    }  # fmt: skip
    activate(center, "own-1")
    made = [*register(center, [record | {"record_id": one} for one in ("x1", "x2")])]
    assert made_by(center, made) == {"model:own-1"}
    activate(center, SHIPPED)
    assert in_use(center) == SHIPPED
    made += register(center, [record | {"record_id": "x3"}])
    assert made_by(center, made) == {"model:own-1", f"model:{SHIPPED}"}
    names = [one.name for one in center.work.run(lambda tx: read_models.list_models(tx, STEWARD))]
    assert names == ["own-1", SHIPPED]


def register(
    center: Center, records: list[dict[str, str]], *, source: str = "c"
) -> list[IdentityId]:
    made = center.work.run(
        lambda tx: register_identities(center, tx, OPERATOR, source=source, records=records)
    )
    return [one.identity for one in made if isinstance(one, Registered)]


def made_by(center: Center, identities: list[IdentityId]) -> set[str]:
    edges = center.work.run(lambda tx: tx.edges.standing(identities), write=False)
    return {edge.made_by for edge in edges}


def test_a_comparison_tells_what_would_change_and_changes_nothing(center: Center) -> None:
    before = center.work.run(lambda tx: tx.identities.count(LOCAL), write=False)
    found = center.work.run(lambda tx: compare_models(center, tx, STEWARD, name="own-1"))
    assert found.records > 1_000
    assert sum(found.changes.values()) >= 250
    assert center.work.run(lambda tx: tx.identities.count(LOCAL), write=False) == before


def test_the_model_in_use_and_unknown_ones_cannot_be_asked_for(center: Center) -> None:
    with pytest.raises(Conflict):
        activate(center, SHIPPED)
    with pytest.raises(UnknownModel):
        activate(center, "own-99")


def test_a_pipeline_neither_learns_nor_activates(center: Center) -> None:
    program = Actor(ActorKind.CLIENT, "pipeline", Role.PIPELINE)
    with pytest.raises(NotAllowed):
        learn_model(center, program, progress=quiet)
    with pytest.raises(NotAllowed):
        center.work.run(lambda tx: request_activation(center, tx, program, name="own-1"))


def test_a_worker_learns_what_was_asked_for_and_says_why_not(tmp_path: Path) -> None:
    small = make_center(tmp_path, role="local")
    with pytest.raises(StockTooSmall):
        learn_model(small, STEWARD, progress=quiet)
    task = small.work.run(lambda tx: request_learning(small, tx, STEWARD))
    assert run_waiting_task(small, connect(small)) == 1
    ended = small.work.run(lambda tx: tx.tasks.get(task.id), write=False)
    assert ended.error == "stock-too-small"
