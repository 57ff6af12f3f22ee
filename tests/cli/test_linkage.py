"""Peers, secret, submission, run and fetch from the command line, beside centers that are being served over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from linkage.synthetic import generate
from tests.cli.running import PASSPHRASE, run
from ttp.app import create_app
from ttp.config import Settings
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.initializing import initialize
from ttp.services.persons.register_identities import register_identities

ROLES = {"nord": "local", "sued": "local", "bund": "federated"}


@dataclass
class Served:
    """A center, its home, and the server that answers for it."""

    home: Path
    center: Center
    server: BaseWSGIServer

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.center.public_url

    def ttp(self, *arguments: str) -> str:
        """Run a command on the home; what it prints."""
        done = run(self.home, *arguments)
        assert done.exit_code == 0, done.output
        return str(done.output)


@pytest.fixture
def centers(tmp_path: Path) -> Iterator[dict[str, Served]]:
    served = {name: _serve(tmp_path, name, role) for name, role in ROLES.items()}
    yield served
    for one in served.values():
        one.server.shutdown()


def _serve(folder: Path, name: str, role: str) -> Served:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    settings = Settings(folder / name, name=name, role=role, public_url=url, four_eyes="demo")
    center = initialize(settings, passphrase=PASSPHRASE).center
    (folder / f"{name}.unlock").write_bytes(PASSPHRASE)
    server.app = create_app(center)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Served(settings.home, center, server)


def test_a_project_is_linked_from_the_command_line(centers: dict[str, Served]) -> None:
    nord, sued, bund = (centers[name] for name in ROLES)
    for one in centers.values():
        for other in centers.values():
            if one is not other:
                told = one.ttp("peer", "propose", other.url)
                assert other.ttp("peer", "card").split('"key_id": "')[1][:43] in told
                assert "is trusted" in one.ttp("peer", "trust", other.center.name)
    assert nord.ttp("peer", "list").count("trusted") == 2
    assert '"witnesses": [\n    {' in (nord.home / "trust.json").read_text("utf-8")

    terms = ("--purpose", "Heart failure", "--site", "nord", "--site", "sued")
    bund.ttp("project", "propose", "herz", *terms, "--expires", "2090-12-31")
    bund.ttp("project", "approve", "herz")
    bund.ttp("project", "announce", "herz")
    for site in (nord, sued):
        site.ttp("project", "approve", "herz")

    patients = generate(["nord", "sued"], 40, 0.5, 1)
    for site in (nord, sued):
        rows = patients.sites[site.center.name]
        records = [{k: v for k, v in row.items() if k not in {"person", "consent"}} for row in rows]
        site.center.work.run(
            lambda tx, site=site, records=records: register_identities(  # type: ignore[misc] # defaults bind the values
                site.center, tx, OPERATOR, source="kis", records=records
            )
        )

    sent = nord.ttp("linkage", "secret", "send", "herz")
    assert "taken in" in sent
    assert sent.split()[-2:] == ["bund", "announced"]
    for site in (nord, sued):
        assert "new" in site.ttp("linkage", "submit", "herz")
    assert "matches" in bund.ttp("linkage", "run", "herz")
    for site in (nord, sued):
        assert "members" in site.ttp("linkage", "fetch", "herz", "--secondaries", "1")
    assert "linkage-run" in bund.ttp("linkage", "tasks", "herz")

    assert "revoked" in bund.ttp("peer", "revoke", "sued")
    unwanted = run(sued.home, "linkage", "submit", "herz")
    assert unwanted.exit_code == 2
    assert "key-revoked" in unwanted.output

    nord.ttp("peer", "revoke", "sued")
    assert "revoked" in nord.ttp("peer", "list")
    refused = run(sued.home, "linkage", "secret", "send", "herz")
    assert refused.exit_code == 2
    assert "secret holder" in refused.output


def test_a_card_that_cannot_be_read_is_refused_in_one_sentence(
    centers: dict[str, Served], tmp_path: Path
) -> None:
    nord = centers["nord"]
    (tmp_path / "card.json").write_text("no card")
    for source in (str(tmp_path / "card.json"), "http://127.0.0.1:9", str(tmp_path / "none.json")):
        done = run(nord.home, "peer", "propose", source)
        assert done.exit_code == 2, source
        assert "Traceback" not in done.output


def test_a_proposed_center_may_be_turned_down(centers: dict[str, Served]) -> None:
    nord = centers["nord"]
    nord.ttp("peer", "propose", centers["sued"].url, "--no-witness")
    assert "not trusted" in nord.ttp("peer", "refuse", "sued")
    assert "refused" in nord.ttp("peer", "list")
