"""Killed at any moment, service or database: nothing acknowledged is lost, nothing is half there, a retry agrees."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import psycopg
import pytest

from tests.builders import make_center, make_domain, make_key
from tests.fire.serving import Service
from tests.scale import scaled

ROUNDS = scaled(1)
BATCH = 100


class Asker(threading.Thread):
    """Asks for batch after batch until it is told to stop, and keeps what was acknowledged and what was not."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(daemon=True)
        self.url, self.key = f"{url}/api/v1/domains/diz/pseudonyms", key
        self.acknowledged: dict[str, str | None] = {}
        self.unanswered: list[list[str]] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        """Ask; a request that is refused or cut off is not repeated."""
        while not self.stopping.is_set():
            names = [uuid.uuid4().hex for _ in range(BATCH)]
            tokens = ask(self.url, self.key, names)
            if tokens is None:
                self.unanswered.append(names)
                time.sleep(0.05)
            else:
                self.acknowledged |= dict(zip(names, tokens, strict=True))


def ask(url: str, key: str, names: list[str], **more: Any) -> list[str | None] | None:
    """The pseudonyms, None for one that is not known; None for all where nothing was acknowledged."""
    head = {"Authorization": f"Bearer {key}"}
    try:
        response = httpx.post(url, json={"originals": names, **more}, headers=head, timeout=30)
    except httpx.HTTPError:
        return None
    if response.status_code != 200:
        assert response.status_code >= 500, response.text
        return None
    return [item.get("pseudonym") for item in response.json()["results"]]


@pytest.fixture
def service(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Service, str]]:
    """A service on the database named by the parameter, with a domain, and a key for it."""
    database = request.getfixturevalue(request.param)
    center = make_center(tmp_path, database)
    make_domain(center, "diz")
    key = make_key(center, "diz")
    center.work.close()
    served = Service(tmp_path / "nord", database)
    served.start()
    try:
        yield served, key
    finally:
        served.stop()


@pytest.fixture
def durable_database(durable_postgres_url: str) -> str:
    """A database on a server that keeps every commit."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(durable_postgres_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    url = durable_postgres_url.rpartition("/")[0] + "/" + name
    return url.replace("postgresql://", "postgresql+psycopg://")


def under_fire(service: Service, key: str, strike: Callable[[], None]) -> Asker:
    """What an asker was told before, while and after the strike."""
    asker = Asker(service.url, key)
    asker.start()
    deadline = time.monotonic() + 60
    while not asker.acknowledged and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(random.random() / 2)
    strike()
    time.sleep(0.5)
    asker.stopping.set()
    asker.join(60)
    return asker


def judge(service: Service, key: str, asker: Asker) -> None:
    """Everything acknowledged stands; an unanswered batch is there as a whole or not at all, and a retry agrees."""
    url = asker.url
    assert asker.acknowledged, "nothing was asked before the strike"
    assert asker.unanswered, "the strike hit nothing"
    names = list(asker.acknowledged)
    assert ask(url, key, names, create=False) == list(asker.acknowledged.values())
    for batch in asker.unanswered:
        there = ask(url, key, batch, create=False)
        assert there is not None
        assert len({token is None for token in there}) == 1, "a batch is half there"
        again = ask(url, key, batch)
        assert again is not None
        assert None not in again
        assert there[0] is None or again == there
        assert ask(url, key, batch) == again


@pytest.mark.parametrize(
    "service",
    ["sqlite_database", pytest.param("durable_database", marks=pytest.mark.postgres)],
    indirect=True,
)
def test_kill_9_of_the_service_loses_nothing_acknowledged(service: tuple[Service, str]) -> None:
    served, key = service
    for _ in range(ROUNDS):
        asker = under_fire(served, key, served.kill)
        served.start()
        judge(served, key, asker)
    assert _says_the_log(served) == _stored(served)


@pytest.mark.postgres
@pytest.mark.parametrize("service", ["crashing_database"], indirect=True)
def test_kill_9_of_postgresql_loses_nothing_acknowledged(service: tuple[Service, str]) -> None:
    served, key = service
    for _ in range(ROUNDS):
        asker = under_fire(served, key, lambda: _kill_backends(served.database))
        _wait_until_it_answers(asker)
        judge(served, key, asker)
    assert _says_the_log(served) == _stored(served)


def _kill_backends(database: str) -> None:
    """Kill one backend with signal 9: PostgreSQL takes this for a crash, ends all others and recovers from its log."""
    url = database.replace("postgresql+psycopg://", "postgresql://")
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
        found = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert found is not None  # the connection is its own victim
        backend = psutil.Process(int(found[0]))
        assert backend.name() == "postgres"
        os.kill(backend.pid, signal.SIGKILL)


def _wait_until_it_answers(asker: Asker) -> None:
    deadline = time.monotonic() + 60
    while ask(asker.url, asker.key, ["awake"]) is None:
        assert time.monotonic() < deadline, "the service did not recover"
        time.sleep(0.1)


def _says_the_log(service: Service) -> int:
    """How many pseudonyms were made, by the leaves."""
    leaves = _fetched(service, "SELECT body FROM audit_leaf")
    return sum(orjson.loads(bytes(body))["counts"].get("created", 0) for (body,) in leaves)


def _stored(service: Service) -> int:
    """How many pseudonyms there are."""
    return int(_fetched(service, "SELECT count(*) FROM pseudonym")[0][0])


def _fetched(service: Service, query: str) -> list[Any]:
    if service.database.startswith("sqlite"):
        with sqlite3.connect(service.database.removeprefix("sqlite:///")) as embedded:
            return embedded.execute(query).fetchall()
    url = service.database.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()
