"""Killed at any moment, the service has lost nothing it acknowledged and acknowledged nothing unaudited."""

from __future__ import annotations

import base64
import contextlib
import os
import random
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from tests.cli.running import made, run, served
from tests.conftest import SQLALCHEMY_SCHEME
from tests.migrated import TEMPLATE
from tests.postgres_server import new_database
from tests.scale import scaled

BATCH = 25
ASKERS = 3


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of a home: its own, or one on a server that keeps every commit."""
    if request.param == "sqlite":
        yield ""
        return
    server: str = request.getfixturevalue("durable_postgres_url")
    with new_database(server, f"t{uuid.uuid4().hex}", template=TEMPLATE) as url:
        yield url.replace("postgresql://", SQLALCHEMY_SCHEME, 1)


class Asker(threading.Thread):
    """Asks for ever new originals and remembers every answer, until nobody answers."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"})
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        with self._http, contextlib.suppress(httpx.TransportError):
            while True:
                names = [uuid.uuid4().hex for _ in range(BATCH)]
                told = self._http.post("/api/v1/domains/diz/pseudonyms", json={"originals": names})
                if told.status_code != 200:
                    return
                results = told.json()["results"]
                self.acknowledged.update(
                    (name, item["pseudonym"]) for name, item in zip(names, results, strict=True)
                )


def killed_at_work(home: Path, key: str, seconds: float) -> dict[str, str]:
    """What was acknowledged before every process of the service was killed."""
    with served(home) as (url, server):
        askers = [Asker(url, key) for _ in range(ASKERS)]
        for asker in askers:
            asker.start()
        time.sleep(seconds)
        os.killpg(server.pid, signal.SIGKILL)
        for asker in askers:
            asker.join()
    return {name: token for asker in askers for name, token in asker.acknowledged.items()}


def audited(home: Path) -> int:
    """How many pseudonyms the verified audit log says were made."""
    log = home.with_name("log.ndjson")
    assert run(home, "audit", "export", log).exit_code == 0
    verified = run(None, "audit", "verify", log, "--trust", home / "trust.json")
    assert verified.exit_code == 0, verified.output
    leaves = [orjson.loads(line) for line in log.read_bytes().splitlines()[1:]]
    bodies = [orjson.loads(base64.b64decode(leaf["body"])) for leaf in leaves]
    return sum(body["counts"].get("created", 0) for body in bodies)


def issued(home: Path) -> int:
    """How many pseudonyms the domain has issued."""
    (line,) = [row for row in run(home, "domain", "list").stdout.splitlines() if "diz" in row]
    return int(line.split()[4])


def test_nothing_acknowledged_is_lost_and_nothing_unaudited_is_acknowledged(
    tmp_path: Path, database: str
) -> None:
    home = made(tmp_path / "home", "diz", **({"TTP_DATABASE": database} if database else {}))
    key = run(home, "client", "create", "p", "--role", "pipeline", "--domain", "diz").stdout.strip()
    acknowledged: dict[str, str] = {}
    for number in range(scaled(1)):
        seconds = random.Random(number).uniform(0.5, 1.5)
        acknowledged |= killed_at_work(home, key, seconds)
    assert acknowledged
    with served(home) as (url, _), httpx.Client(headers={"Authorization": f"Bearer {key}"}) as http:
        body = {"originals": list(acknowledged), "create": False}
        told = http.post(f"{url}/api/v1/domains/diz/pseudonyms", json=body, timeout=60).json()
        assert [item.get("pseudonym") for item in told["results"]] == list(acknowledged.values())
    assert audited(home) == issued(home) >= len(acknowledged)
