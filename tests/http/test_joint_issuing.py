"""Small calls that arrive at once share a transaction and its leaf, and are answered as if each had come alone."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.builders import bearer, make_center, make_domain, make_key
from ttp.app import create_app
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.ports import Transaction, Work
from ttp.http.acknowledgment import HEADER
from ttp.services.access.admit_client import authenticate_client, revoke_client

T = TypeVar("T")
PATH = "/api/v1/domains/diz/pseudonyms"
GPAS = "/ttp-fhir/fhir/gpas/$pseudonymizeAllowCreate"
FHIR = "/fhir/$pseudonymize"


class SlowWork:
    """Transactions that wait, once they are begun, until they are let go."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.go = threading.Event()
        self.go.set()
        self.held = threading.Event()

    def begin(self, *, write: bool = True) -> Any:
        """As ever."""
        return self._work.begin(write=write)

    def run(self, step: Callable[[Transaction], T], *, write: bool = True) -> T:
        """Run the step, but not before it may go."""
        if not self.go.is_set():
            self.held.set()
            assert self.go.wait(30)
        return self._work.run(step, write=write)

    def ask(self, question: Callable[[Transaction], T]) -> T:
        """As ever."""
        return self._work.ask(question)

    def close(self) -> None:
        """As ever."""
        self._work.close()


class Doors:
    """An application asked by many at once."""

    def __init__(self, center: Center) -> None:
        self.work = SlowWork(center.work)
        self.center = replace(center, work=self.work)
        self.app: Flask = create_app(self.center)
        self.keys = {name: make_key(center, "diz", "salt", name=name) for name in ("one", "two")}
        for key in self.keys.values():
            authenticate_client(center, api_key=key)  # stores the day of its first use

    def post(self, path: str, body: Any, key: str = "one", **headers: str) -> TestResponse:
        """One call."""
        given = {**bearer(self.keys[key]), **headers}
        return self.app.test_client().post(path, json=body, headers=given)

    @contextmanager
    def together(self, calls: int, *, behind: int = 0) -> Iterator[ThreadPoolExecutor]:
        """Calls submitted here run at once; so many wait behind others of their kind before any is answered."""
        self.work.held.clear()
        self.work.go.clear()
        with ThreadPoolExecutor(calls) as threads:
            try:
                yield threads
                assert self.work.held.wait(30)
                deadline = time.monotonic() + 30
                while len(self.app.extensions["ttp.joint-issuing"]) < behind:
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
            finally:
                self.work.go.set()

    def leaves(self) -> list[dict[str, Any]]:
        """The bodies of all leaves about pseudonyms."""
        found = self.center.work.run(lambda tx: tx.audit.unsequenced(10_000), write=False)
        told = [orjson.loads(leaf.body) for leaf in found]
        return [leaf for leaf in told if leaf["action"].startswith("pseudonyms.")]


@pytest.fixture
def doors(tmp_path: Path, database_url: str) -> Iterator[Doors]:
    center = make_center(tmp_path, database_url)
    make_domain(center, "diz")
    make_domain(center, "salt")
    doors = Doors(center)
    yield doors
    center.work.close()


def _gpas(original: str) -> dict[str, Any]:
    parameter = [
        {"name": "target", "valueString": "diz"},
        {"name": "original", "valueString": original},
    ]
    return {"resourceType": "Parameters", "parameter": parameter}


def _fhir(original: str) -> dict[str, Any]:
    parameter = [
        {"name": "context", "valueIdentifier": {"value": "diz"}},
        {"name": "original", "valueIdentifier": {"value": original}},
    ]
    return {"resourceType": "Parameters", "parameter": parameter}


def test_all_doors_share_a_transaction_and_its_leaf_counts_their_calls(doors: Doors) -> None:
    with doors.together(9, behind=8) as threads:
        first = threads.submit(doors.post, PATH, {"originals": ["first"]})
        assert doors.work.held.wait(30)
        asked = [
            *(threads.submit(doors.post, PATH, {"originals": ["same", n]}) for n in "abc"),
            *(threads.submit(doors.post, GPAS, _gpas("same")) for _ in range(2)),
            *(threads.submit(doors.post, FHIR, _fhir("same")) for _ in range(2)),
            threads.submit(doors.post, PATH, {"originals": ["", 5]}),
        ]
    answers = [one.result(30) for one in asked]
    assert {one.status_code for one in (first.result(30), *answers)} == {200}
    assert len({one.headers[HEADER] for one in answers}) == 1
    assert first.result(30).headers[HEADER] != answers[0].headers[HEADER]
    results = [one.get_json()["results"] for one in answers[:3]]
    assert len({one[0]["pseudonym"] for one in results}) == 1
    assert sum(one[0]["created"] for one in results) <= 1
    assert all(one[1]["created"] for one in results)
    assert all(results[0][0]["pseudonym"] in one.text for one in answers[:7])
    wrong = answers[7].get_json()["results"]
    assert [one["error"]["code"] for one in wrong] == ["invalid-original"] * 2
    counts = [leaf["counts"] for leaf in doors.leaves()]
    assert counts == [{"answered": 1, "created": 1}, {"answered": 4, "calls": 8, "created": 4}]


def test_callers_keys_and_atomic_batches_never_share(doors: Doors) -> None:
    body = {"originals": ["x"]}
    with doors.together(7) as threads:
        asked = [
            threads.submit(doors.post, PATH, body),
            threads.submit(doors.post, PATH, body, "two"),
            threads.submit(doors.post, PATH, body, "one", **{"Idempotency-Key": "k"}),
            threads.submit(doors.post, PATH, body | {"atomic": True}),
            threads.submit(doors.post, PATH, body | {"create": False}),
            threads.submit(doors.post, PATH, {"originals": [str(n) for n in range(11)]}),
        ]
    answers = [one.result(30) for one in asked]
    assert len({one.headers[HEADER] for one in answers}) == 6
    assert len({leaf["actor"]["name"] for leaf in doors.leaves()}) == 2
    assert not any("calls" in leaf["counts"] for leaf in doors.leaves())


def test_what_refuses_one_call_as_a_whole_refuses_each_in_its_own_door(doors: Doors) -> None:
    path = PATH.replace("diz", "unknown")
    with doors.together(4) as threads:
        asked = [threads.submit(doors.post, path, {"originals": [str(n)]}) for n in range(3)]
        fhir = threads.submit(
            doors.post, FHIR, orjson.loads(orjson.dumps(_fhir("y")).replace(b"diz", b"unknown"))
        )
    assert {one.result(30).get_json()["code"] for one in asked} == {"unknown-domain"}
    assert fhir.result(30).get_json()["resourceType"] == "OperationOutcome"
    assert doors.leaves() == []


def test_domains_share_a_transaction_and_the_one_that_refuses_concerns_no_other(
    doors: Doors,
) -> None:
    domains = ["diz", "salt", "salt", "unknown", "unknown"]
    with doors.together(7, behind=len(domains)) as threads:
        threads.submit(doors.post, PATH, {"originals": ["first"]})
        assert doors.work.held.wait(30)
        asked = [
            threads.submit(doors.post, PATH.replace("diz", domain), {"originals": ["x"]})
            for domain in domains
        ]
    answers = [one.result(30) for one in asked]
    assert [one.status_code for one in answers] == [200, 200, 200, 404, 404]
    diz, salt, again = (one.headers[HEADER] for one in answers[:3])
    assert len(diz.split(", ")) == 1
    assert salt == again != diz
    tokens = [one.get_json()["results"][0]["pseudonym"] for one in answers[:3]]
    assert tokens[1] == tokens[2] != tokens[0]
    told = [(leaf["domain"], leaf["counts"].get("calls")) for leaf in doors.leaves()]
    assert sorted(told[1:]) == [("diz", None), ("salt", 2)]


@pytest.mark.parametrize("path", [PATH, GPAS, FHIR])
def test_who_is_not_known_is_told_nothing_of_what_is_wrong(doors: Doors, path: str) -> None:
    doors.keys["one"] = "ttp_" + "a" * 52
    assert doors.post(path, {"originals": ["x"]} if path == PATH else {"no": 1}).status_code == 401
    answer = doors.post(path, {"originals": 5} if path == PATH else {"no": 1}, "two")
    assert answer.status_code in {400, 422}


def test_a_client_that_was_revoked_is_refused_amid_calls_of_its_own(doors: Doors) -> None:
    stop, seen = threading.Event(), []

    def call() -> None:
        while not stop.is_set():
            seen.append(doors.post(PATH, {"originals": ["x"]}).status_code)

    with ThreadPoolExecutor(4) as threads:
        calling = [threads.submit(call) for _ in range(3)]
        while len(seen) < 6:
            time.sleep(0.01)
        doors.center.work.run(lambda tx: revoke_client(doors.center, tx, OPERATOR, name="one"))
        refused = [doors.post(PATH, {"originals": ["x"]}).status_code for _ in range(5)]
        stop.set()
        assert [one.result(30) for one in calling] == [None] * 3
    assert refused == [401] * 5
    assert set(seen) <= {200, 401}


def test_racing_threads_make_each_pseudonym_once_and_each_gets_its_own(doors: Doors) -> None:
    def race(thread: int) -> list[tuple[str, str, bool]]:
        told = []
        for call in range(12):
            names = [f"o{(call * 5 + thread * step) % 17}" for step in (1, 3)]
            answer = doors.post(PATH, {"originals": names}, "one" if thread % 4 else "two")
            items = answer.get_json()["results"]
            told += [
                (name, item["pseudonym"], item["created"])
                for name, item in zip(names, items, strict=True)
                if name == names[0] or names[0] != names[1]
            ]
        return told

    with ThreadPoolExecutor(8) as threads:
        told = [one for part in threads.map(race, range(8)) for one in part]
    assert len({(name, token) for name, token, _ in told}) == len({name for name, _, _ in told})
    made = Counter(name for name, _, created in told if created)
    assert set(made) == {name for name, _, _ in told}
    named = {leaf["counts"].get("calls", 1) for leaf in doors.leaves()}
    calls = sum(leaf["counts"].get("calls", 1) for leaf in doors.leaves())
    assert calls == 8 * 12, named
