"""Matching models over JSON: listed, weighed, compared; two persons put one to use, and the shipped one back."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from linkage.weighing import load_model
from tests.api.simulated_provider import SimulatedProvider
from tests.builders import make_center
from tests.services.patients import patient, registered
from ttp.app import create_app
from ttp.connecting import connect
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.matching_models import ModelState, ModelVersion, own_name
from ttp.services.approvals.decide_approval import decide_approval
from ttp.services.log.record_leaf import new_leaf_id

URL = "/api/v1/matching-models"
SHIPPED = load_model()
OTHER = Actor(ActorKind.STAFF, "lang", Role.STEWARD)


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    """A center of four eyes with three versions nobody uses, and a few patients."""
    made = make_center(tmp_path_factory.mktemp("center"), role="local", alone=False)
    registered(made, *map(patient, range(4)), patient(1, record_id="again", city="Neustadt"))
    for number in (1, 2, 3):
        with made.work.begin() as tx:
            tx.models.add(_version(made, number), leaf=new_leaf_id(made))
    return made


def _version(center: Center, number: int) -> ModelVersion:
    name = own_name(number)
    return ModelVersion(
        center.new_id(), number, name, ModelState.DRAFT, SHIPPED.renamed(name).document(),
        records=1_000, pairs=10, made_by="staff:weber", made_at=center.clock.now(),
    )  # fmt: skip


class Staff:
    """Persons who ask with tokens of their identity provider."""

    def __init__(self, center: Center) -> None:
        self.center = center
        self.provider = SimulatedProvider()
        app = create_app(center, providers={"haus": self.provider})  # type: ignore[dict-item] # only its keys are asked
        self.http: FlaskClient = app.test_client()

    def new(self, role: Role) -> dict[str, str]:
        """The header of a new person."""
        return {"Authorization": f"Bearer {self.provider.token(self.center, role)}"}


@pytest.fixture(scope="module")
def staff(center: Center) -> Staff:
    return Staff(center)


@pytest.fixture(scope="module")
def steward(staff: Staff) -> dict[str, str]:
    return staff.new(Role.STEWARD)


def names(answer: Any) -> list[str]:
    return [one["name"] for one in answer.get_json()["models"]]


def test_the_newest_comes_first_and_the_shipped_one_last(
    staff: Staff, steward: dict[str, str]
) -> None:
    answer = staff.http.get(URL, headers=steward)
    assert names(answer) == ["own-3", "own-2", "own-1", SHIPPED.name]
    states = [one["state"] for one in answer.get_json()["models"]]
    assert states == ["draft", "draft", "draft", "active"]
    assert answer.get_json()["after"] is None


def test_models_are_filtered_and_paged(staff: Staff, steward: dict[str, str]) -> None:
    first = staff.http.get(f"{URL}?state=draft&limit=2", headers=steward)
    assert names(first) == ["own-3", "own-2"]
    after = first.get_json()["after"]
    rest = staff.http.get(f"{URL}?state=draft&limit=2&after={after}", headers=steward)
    assert (names(rest), rest.get_json()["after"]) == (["own-1"], None)
    assert names(staff.http.get(f"{URL}?state=retired", headers=steward)) == []
    assert staff.http.get(f"{URL}?state=best", headers=steward).status_code == 422
    assert staff.http.get(f"{URL}?after=own-9", headers=steward).status_code == 404


def test_a_model_tells_what_it_weighs(staff: Staff, steward: dict[str, str]) -> None:
    told = staff.http.get(f"{URL}/own-1", headers=steward).get_json()
    assert (told["match_at"], told["records"]) == (SHIPPED.match_at, 1_000)
    assert {"surname", "kvnr", "identifier"} <= {one["field"] for one in told["weights"]}
    unknown = staff.http.get(f"{URL}/own-9", headers=steward)
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "unknown-model")


def test_a_model_that_weighs_the_same_changes_nothing(
    staff: Staff, steward: dict[str, str]
) -> None:
    told = staff.http.post(f"{URL}/own-2/comparison", headers=steward).get_json()
    assert (told["present"], told["other"], told["records"]) == (SHIPPED.name, "own-2", 5)
    assert all(one["before"] == one["after"] for one in told["changes"] if one["pairs"])


def test_learning_is_asked_for_once_at_a_time(staff: Staff, steward: dict[str, str]) -> None:
    told = staff.http.post(URL, headers=steward).get_json()
    assert told["state"] == "waiting"
    assert staff.http.post(URL, headers=steward).get_json()["code"] == "task-running"


def test_one_asks_another_approves_and_the_shipped_one_comes_back(
    staff: Staff, steward: dict[str, str]
) -> None:
    for name in ("own-1", SHIPPED.name):
        named = {**steward, "Idempotency-Key": name}
        asked, again = (staff.http.post(f"{URL}/{name}/activation", headers=named) for _ in "ab")
        assert asked.get_json() == again.get_json()
        assert asked.get_json()["state"] == "open"
        approval = asked.get_json()["id"]
        alone = staff.http.post(f"/api/v1/approvals/{approval}/approve", json={}, headers=steward)
        assert alone.get_json()["code"] == "second-person-needed"
        decide_approval(
            staff.center, connect(staff.center), OTHER, approval_id=UUID(approval), approve=True
        )
        assert names(staff.http.get(f"{URL}?state=active", headers=steward)) == [name]
    used = staff.http.post(f"{URL}/{SHIPPED.name}/activation", headers=steward)
    assert used.get_json()["code"] == "conflict"


def test_who_reviews_reads_and_changes_nothing(staff: Staff) -> None:
    clerk = staff.new(Role.CLERK)
    assert staff.http.get(URL, headers=clerk).status_code == 200
    for path in (URL, f"{URL}/own-1/comparison", f"{URL}/own-1/activation"):
        assert staff.http.post(path, headers=clerk).status_code == 403
