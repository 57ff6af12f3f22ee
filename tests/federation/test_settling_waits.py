"""Settling reads persons of a project under the lock under which they change, so that no record falls between."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.federation.network import Network


def test_pseudonyms_wait_for_whoever_changes_the_population(
    tmp_path: Path, database_url: str
) -> None:
    network = Network(tmp_path, database_url)
    population = network.approve().population
    network.populate(3)
    network.share_secret()
    assert network.submit("nord")["new"] == 3
    counts: list[dict[str, int]] = []
    site = threading.Thread(target=lambda: counts.append(network.fetch("nord")))
    with network.bund.work.begin() as tx:
        tx.identities.lock(population)
        site.start()
        site.join(timeout=0.7)
        assert site.is_alive()
    site.join()
    assert [one["members"] for one in counts] == [3]
