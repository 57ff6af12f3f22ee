"""Single registrations that arrive at once share a transaction and its leaf, each answered as if it came alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from tests.builders import bearer, make_center, make_key
from tests.http.test_joint_issuing import SlowWork
from tests.scale import scaled
from tests.services.patients import open_cases_of, patient, recomputed
from ttp.app import create_app
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.identities import Registered
from ttp.http.acknowledgment import HEADER
from ttp.services.persons.register_together import Call, register_together

URL = "/api/v1/identities"
ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", city="Leipzig")
MARRIED = ANNA | {"surname": "Lehmann-Krüger"}


class Desk:
    """An application at which many register at once."""

    def __init__(self, center: Center) -> None:
        self.center = center
        self.work = SlowWork(center.work)
        object.__setattr__(center, "work", self.work)
        self.app = create_app(center)
        self.keys = {name: make_key(center, name=name) for name in ("one", "two")}

    def post(self, *records: Any, key: str = "one", source: str = "kis", **more: Any) -> Any:
        """One call; ``idempotency`` names its Idempotency-Key."""
        given = bearer(self.keys[key])
        if name := more.pop("idempotency", None):
            given["Idempotency-Key"] = name
        body = {"source": source, "records": records, **more}
        return self.app.test_client().post(URL, json=body, headers=given)

    def behind(self, calls: Sequence[Callable[[], TestResponse]]) -> list[TestResponse]:
        """The answers to calls that all wait behind another one, in the order in which they came."""
        lines = self.app.extensions["ttp.joint-registering"]
        self.work.held.clear()
        self.work.go.clear()
        with ThreadPoolExecutor(len(calls) + 1) as threads:
            try:
                first = threads.submit(self.post, patient(99))
                assert self.work.held.wait(30)
                asked = []
                for waiting, call in enumerate(calls, start=1):
                    asked.append(threads.submit(call))
                    _until(lines, waiting)
            finally:
                self.work.go.set()
            assert first.result(30).status_code == 200
            return [one.result(30) for one in asked]

    def leaves(self) -> list[dict[str, Any]]:
        """What the leaves of registrations count."""
        found = self.center.work.run(lambda tx: tx.audit.unsequenced(10_000), write=False)
        told = [orjson.loads(leaf.body) for leaf in found]
        return [leaf["counts"] for leaf in told if leaf["action"] == "identities.registered"]


def _until(lines: Sized, waiting: int) -> None:
    deadline = time.monotonic() + 30
    while len(lines) < waiting:
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    center = make_center(tmp_path, database_url)
    yield Desk(center)
    center.work.close()


def outcomes(answers: Sequence[TestResponse]) -> list[str]:
    found = [one.get_json()["results"][0] for one in answers]
    return [one.get("outcome") or one["error"]["code"] for one in found]


def test_calls_that_wait_are_one_batch_and_a_bad_record_spoils_no_other(desk: Desk) -> None:
    bad = patient(3, birth_date="1984-13-01")
    records = [ANNA, bad, MARRIED | {"record_id": "2"}, {"nonsense": 1}]
    answers = desk.behind([partial(desk.post, one) for one in records])
    assert {one.status_code for one in answers} == {200}
    assert len({one.headers.get(HEADER) for one in answers}) == 1
    new, invalid, joined, unknown = outcomes(answers)
    assert (new, joined) in {("new", "linked"), ("new", "case")}
    assert (invalid, unknown) == ("impossible-date", "invalid-record")
    assert desk.leaves() == [{"new": 1}, {"calls": 4, "new": 1, joined: 1}]


def test_versions_of_a_record_that_wait_together_are_registered_in_their_order(desk: Desk) -> None:
    answers = desk.behind([partial(desk.post, one) for one in (ANNA, MARRIED, MARRIED, ANNA)])
    assert outcomes(answers) == ["new", "changed", "known", "changed"]


def test_nameless_records_that_wait_together_are_one(desk: Desk) -> None:
    nameless = {name: value for name, value in ANNA.items() if name != "record_id"}
    assert outcomes(desk.behind([partial(desk.post, nameless)] * 3)) == ["new", "known", "known"]


def test_the_source_that_is_refused_concerns_no_other(desk: Desk) -> None:
    sources = ["kis", "lab\n", "lab", "kis"]
    calls = [
        partial(desk.post, patient(number), source=source) for number, source in enumerate(sources)
    ]
    answers = desk.behind(calls)
    assert [one.status_code for one in answers] == [200, 422, 200, 200]
    assert answers[0].headers[HEADER] == answers[3].headers[HEADER] != answers[2].headers[HEADER]


def test_keys_atomic_batches_and_other_callers_go_alone_and_keys_hold(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(desk.post, ANNA, idempotency="k") for _ in range(3)]
        asked += [threads.submit(desk.post, patient(5), atomic=True)]
        asked += [threads.submit(desk.post, patient(6), key="two")]
    answers = [one.result(30) for one in asked]
    done = [one for one in answers[:3] if one.status_code == 200]
    assert {one.data for one in done} == {done[0].data}
    assert {one.status_code for one in answers} <= {200, 409}
    assert desk.post(ANNA, idempotency="k").headers["Idempotent-Replay"] == "true"
    assert desk.post(MARRIED, idempotency="k").status_code == 422
    assert not any("calls" in one for one in desk.leaves())
    refused = desk.post(patient(7, birth_date="no"), atomic=True)
    assert refused.get_json()["code"] == "atomic-batch-refused"


def test_who_is_not_known_is_told_nothing_and_registers_nothing(desk: Desk) -> None:
    desk.keys["one"] = "ttp_" + "a" * 52
    assert [one.status_code for one in (desk.post(ANNA), desk.post({"nonsense": 1}))] == [401, 401]
    assert desk.leaves() == []


def test_racing_clients_make_each_person_once_and_each_gets_its_own_answer(desk: Desk) -> None:
    """What they come to together is what one caller would have made of the same records one after the other."""
    people = [patient(number) for number in range(scaled(12, least=6))]

    def race(seed: int) -> list[tuple[str, str]]:
        mine = [*people, {"record_id": "bad", "birth_date": "never"}]
        Random(seed).shuffle(mine)
        return [
            (one["record_id"], *outcomes([desk.post(one, key="one" if seed % 4 else "two")]))
            for one in mine
        ]

    with ThreadPoolExecutor(8) as threads:
        told = [one for part in threads.map(race, range(8)) for one in part]
    by_record = {name: sorted(how for of, how in told if of == name) for name, _ in told}
    assert by_record.pop("bad") == ["malformed-date"] * 8
    assert set(map(tuple, by_record.values())) == {("known",) * 7 + ("new",)}
    view, anew = recomputed(desk.center)
    assert view == anew
    assert len(set(view.values())) == len(people)
    assert open_cases_of(desk.center) == []
    counted = [one.get("new", 0) + one.get("known", 0) for one in desk.leaves()]
    assert sum(counted) <= 8 * len(people)
    assert sum(one.get("new", 0) for one in desk.leaves()) == len(people)


@pytest.mark.parametrize("seed", range(scaled(2, least=1)))
def test_together_is_what_one_after_the_other_is(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    """Outcomes and persons of random calls, whatever they repeat, are those of the same calls alone."""
    draw = Random(seed)
    pool = [ANNA, MARRIED, ANNA | {"record_id": "2"}, MARRIED | {"record_id": "3"}, patient(4)]
    pool += [{"record_id": "bad"}, {k: v for k, v in ANNA.items() if k != "record_id"}]
    drawn = [draw.sample(pool, draw.randint(1, 2)) for _ in range(7)]
    calls = [Call(draw.choice(["kis", "lab"]), one) for one in drawn]
    calls.sort(key=lambda call: call.source)  # sources one after the other: so they are worked on
    ends = []
    for name, parts in (("one", [calls]), ("alone", [[call] for call in calls])):
        url = database_url if name == "one" else ""
        center = make_center(tmp_path / name, url)
        told: list[list[str]] = []
        for part in parts:
            with center.work.begin() as tx:
                shares = register_together(center, tx, OPERATOR, calls=part)
            told += [[_how(one) for one in share.answers] for share in shares]
        view, anew = recomputed(center)
        assert view == anew
        ends.append((told, len(set(view.values())), len(open_cases_of(center))))
    assert ends[0] == ends[1]


def _how(answer: Registered | TTPError) -> str:
    return answer.code if isinstance(answer, TTPError) else answer.outcome.value
