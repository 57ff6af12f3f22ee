"""Versions of releases: each request gets one of its own, however many come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pyrage

from tests.builders import make_center
from tests.services.test_releases import ANNA, approved
from ttp.core.ports import Transaction
from ttp.core.releases import Release
from ttp.services.releases.request_release import request_release


def test_requests_at_once_get_versions_of_their_own(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url, name="foederiert", role="federated", alone=False)
    approved(center)
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    together = Barrier(4)

    def asked(tx: Transaction) -> Release:
        return request_release(center, tx, ANNA, project_name="heart", recipient=recipient)

    def ask(_: int) -> int:
        together.wait(10)
        return center.work.run(asked).version

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [1, 2, 3, 4]
