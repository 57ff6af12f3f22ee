"""Races through running services: one original, one pseudonym for every observer, made once, every call answered."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_center, make_domain, make_key
from tests.fire.serving import Service, another
from tests.scale import TEST_SCALE, scaled

RACERS = 3
CALLS = 100_000 if TEST_SCALE >= 10 else scaled(2_000, least=300)
"""Get-or-creates in all."""


@pytest.mark.timeout(300 if TEST_SCALE < 10 else 1_800)  # 10,000 of the calls are made one by one
def test_everyone_who_races_is_told_the_same(tmp_path: Path, database_url: str) -> None:
    keys = "" if database_url.startswith("sqlite") else f"sqlite:///{tmp_path / 'keys.db'}"
    center = make_center(tmp_path, database_url, keyring=keys)
    make_domain(center, "diz")
    key = make_key(center, "diz")
    center.work.close()
    services = [Service(tmp_path / "nord", database_url)]
    if keys:
        services.append(another(services[0]))  # SQLite has one service
    urls = [service.url for service in services]
    try:
        for service in services:
            service.start()
        told = _raced(key, CALLS // 10, 1, urls) + _raced(key, CALLS - CALLS // 10, 50, urls)
    finally:
        for service in services:
            service.stop()
    _judge(told, at_least=CALLS)


def _raced(key: str, calls: int, batch: int, urls: list[str]) -> list[list[Any]]:
    """Everything that racers were told who make that many calls together, of a quarter as many originals."""
    sizes = [str(max(20, calls // 4)), str(-(-calls // RACERS)), str(batch)]
    command = [sys.executable, "-m", "tests.fire.racer", key, "diz"]
    racers = [
        subprocess.Popen([*command, str(seed), *sizes, *urls], stdout=subprocess.PIPE)
        for seed in range(RACERS)
    ]
    told: list[list[Any]] = []
    for racer in racers:
        output, _ = racer.communicate(timeout=1500)
        assert racer.returncode == 0, "a racer was left without an answer"
        told += json.loads(output)
    return told


def _judge(told: list[list[Any]], *, at_least: int) -> None:
    assert len(told) >= at_least
    assert [item for item in told if item[1] is None] == [], "a call without a pseudonym"
    seen: dict[str, set[str]] = defaultdict(set)
    made: dict[str, set[str]] = defaultdict(set)
    for name, pseudonym, created, request in told:
        seen[name].add(pseudonym)
        if created:
            made[name].add(request)
    assert {len(tokens) for tokens in seen.values()} == {1}
    assert len({token for tokens in seen.values() for token in tokens}) == len(seen)
    assert made.keys() == seen.keys()
    assert {len(requests) for requests in made.values()} == {1}, "one was made twice"
