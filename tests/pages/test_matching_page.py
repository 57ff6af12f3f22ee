"""Matching models on their page: which is in use, what it weighs, what another would change, and who says so."""

import pytest

from linkage.weighing.agreement import FIELDS
from tests.builders import make_center
from tests.pages.people import NORTH, SOUTH, Browser, make_cases, make_person
from ttp.core.access import Role
from ttp.core.center import Center
from ttp.core.matching import shipped_model
from ttp.core.matching_models import ModelState, ModelVersion
from ttp.pages.matching import HALF, weights_of
from ttp.services.log.record_leaf import new_leaf_id
from ttp.services.matching.read_models import ModelView
from ttp.services.matching.use_model import model_in_use

SHIPPED = shipped_model().parameters


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    made = make_center(tmp_path_factory.mktemp("models"), role="local", alone=False)
    make_person(made, Role.CLERK)
    make_person(made, Role.STEWARD)
    make_person(made, Role.STEWARD, "second")
    make_cases(made, NORTH, SOUTH)
    made.work.run(
        lambda tx: tx.models.add(
            ModelVersion(
                id=made.new_id(),
                number=1,
                name="own-1",
                state=ModelState.DRAFT,
                parameters=SHIPPED.document() | {"name": "own-1"},
                records=4,
                pairs=2,
                made_by="operator",
                made_at=made.clock.now(),
            ),
            leaf=new_leaf_id(made),
        )
    )
    return made


def test_every_weight_has_a_bar_within_the_scale_on_its_side_of_zero() -> None:
    weights = weights_of(ModelView(SHIPPED.name, in_use=True, parameters=SHIPPED, version=None))
    assert {one.field for one in weights} == {*FIELDS, "kvnr", "identifier"}
    for one in weights:
        assert one.left >= 0
        assert one.left + one.width <= 2 * HALF + 1.5
        assert (one.left >= HALF) is (one.bits >= 0)
    assert max(one.width for one in weights) == HALF


def test_a_reviewer_reads_the_weights_and_may_change_nothing(center: Center) -> None:
    clerk = Browser(center, "clerk")
    shown = clerk.get("/matching").text
    assert SHIPPED.name in shown
    assert "own-1" in shown
    assert "In Gebrauch nehmen" not in shown
    assert clerk.post("/matching/activate", model="own-1").status_code == 403
    assert "own-1" not in clerk.get("/matching", state="active").text
    assert clerk.get("/matching", model="nobody").status_code == 404


def test_another_model_is_compared_and_used_once_a_second_person_agrees(center: Center) -> None:
    steward = Browser(center, "steward")
    assert "In Gebrauch nehmen" in steward.get("/matching", model="own-1").text
    told = steward.post("/matching/compare", model="own-1").text
    assert "4 zufällige Einträge" in told
    address = steward.post("/matching/activate", model="own-1").headers["Location"]
    assert address.startswith("/approvals/")
    assert _in_use(center) == SHIPPED.name
    assert Browser(center, "second").post(address, answer="approve").status_code == 303
    assert _in_use(center) == "own-1"


def test_learning_waits_among_the_jobs(center: Center) -> None:
    steward = Browser(center, "steward")
    assert steward.post("/matching/learn").headers["Location"] == "/jobs"
    assert "Abgleichmodell lernen" in steward.get("/jobs").text


def _in_use(center: Center) -> str:
    return center.work.run(lambda tx: model_in_use(tx).parameters.name, write=False)
