"""Races of processes and threads over the same originals: every observer sees the same pseudonyms."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.builders import PASSPHRASE, make_center, make_domain
from tests.scale import scaled

PROCESSES = 2
THREADS = 4


def race(home: Path, domain: str, originals: int, batch: int, seed: int) -> list[list[Any]]:
    """What every thread of every process was told."""
    secret = home.with_name("unlock")
    secret.write_bytes(PASSPHRASE)
    command = [sys.executable, "-m", "tests.services.pseudonyms.racer", str(home), domain]
    racers = [
        subprocess.Popen(
            [*command, *map(str, (seed + number, THREADS, originals, batch))],
            stdout=subprocess.PIPE,
            env={**os.environ, "TTP_UNLOCK_FILE": str(secret)},
        )
        for number in range(PROCESSES)
    ]
    told: list[list[Any]] = []
    for racer in racers:
        output, _ = racer.communicate(timeout=250)
        assert racer.returncode == 0, "a racer got no answer"
        told += json.loads(output)
    return told


@pytest.mark.parametrize("batch", [1, 100])
def test_racing_askers_all_see_one_pseudonym_for_each_original(
    tmp_path: Path, database_url: str, batch: int
) -> None:
    center = make_center(tmp_path, database_url)
    make_domain(center, "diz")
    originals = scaled({1: 40, 100: 1500}[batch], least=20)
    told = race(tmp_path / "nord", "diz", originals, batch, seed=batch)
    assert len(told) == PROCESSES * THREADS
    seen: dict[str, set[str]] = defaultdict(set)
    created: dict[str, int] = defaultdict(int)
    for name, pseudonym, made in (item for thread in told for item in thread):
        assert pseudonym is not None, made
        seen[name].add(pseudonym)
        created[name] += made
    assert {len(tokens) for tokens in seen.values()} == {1}  # one for every observer
    assert len({token for tokens in seen.values() for token in tokens}) == originals
    assert set(created.values()) == {1}  # made exactly once
    assert len(seen) == len(created) == originals


def test_racing_for_the_last_strings_of_a_small_domain_gives_none_twice(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    make_domain(center, "diz", alphabet="digits", length=1)
    told = race(tmp_path / "nord", "diz", 14, 3, seed=1)
    issued: dict[str, set[str]] = defaultdict(set)
    for name, pseudonym, _ in (item for thread in told for item in thread):
        if pseudonym is not None:
            issued[pseudonym].add(name)
    assert len(issued) == 10
    assert {len(names) for names in issued.values()} == {1}
