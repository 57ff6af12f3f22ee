"""Projects submitted to before secrets were announced go on, and heal; and no site ever speaks for another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from tests.builders import make_center
from tests.federation.network import PROJECT, Network
from tests.federation.test_announced_secrets import DeafWires, announce, refused
from tests.federation.test_submissions import batch_of, receive
from ttp.config import load_settings
from ttp.core.access import peer_actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.linkage_secrets import Canaries, LinkageSecret
from ttp.core.names import CenterName, LeafId, ProjectName
from ttp.core.ports import Transaction
from ttp.services.projects.hear_linkage_secret import Announcement, hear_linkage_secret
from ttp.services.projects.receive_submissions import Batch, receive_submissions
from ttp.storage.engine import open_engine
from ttp.storage.migrate import downgrade, upgrade
from ttp.storage.tables import submission_canary

COLUMNS = ("project", "version", "site", "commitment", "digests", "at")


@dataclass
class Before:
    """A network whose linking center's database comes from a program that believed whoever came first."""

    network: Network
    url: str

    def pin(self, *versions: tuple[int, str, bytes], site: str = "sued") -> None:
        """What a site showed first, stored by that program."""
        at = self.network.clock.now()
        downgrade(self.url, "0026")
        rows = [(PROJECT, version, site, *shown, at) for version, *shown in versions]
        engine = open_engine(self.url)
        with engine.begin() as connection:
            for row in rows:
                values = dict(zip(COLUMNS, row, strict=True))
                connection.execute(insert(submission_canary).values(values))
        engine.dispose()
        upgrade(self.url)

    def honest(self, version: int = 1) -> tuple[int, str, bytes]:
        """What a site that holds the secret shows."""
        batch = batch_of(self.network, "sued")
        return version, batch.commitment, batch.canaries


@pytest.fixture
def before(tmp_path: Path, database_url: str) -> Before:
    network = Network(tmp_path, database_url)
    network.approve()
    hearing, network.wires = network.wires, DeafWires(*network.centers)
    network.share_secret()
    network.wires = hearing
    return Before(network, database_url)


def test_what_was_submitted_under_goes_on_whether_its_holder_announces_or_not(
    before: Before,
) -> None:
    network = before.network
    before.pin(before.honest())
    network.populate(20)
    for site in network.sites:
        assert network.submit(site)["new"] > 0
    first = network.run()
    assert first["records"] > 0
    assert announce(network) == 1
    for site in network.sites:
        assert network.submit(site)["new"] == 0
    again = network.run()
    assert (again["records"], again["compared"]) == (first["records"], first["compared"])


def test_a_version_that_had_locked_all_sites_out_does_so_until_the_holder_announces(
    before: Before,
) -> None:
    network = before.network
    before.pin(before.honest(), (9, "9" * 64, bytes(256)))
    alien = batch_of(network, "sued", "Anna", "Berta", secret_version=9)
    receive(network, replace(alien, commitment="9" * 64, canaries=bytes(256)), "sued")
    assert refused(network, "sued") == "secret-outdated"
    assert announce(network) == 1
    network.populate(20)
    for site in network.sites:
        assert network.submit(site)["new"] > 0
    assert network.run()["matches"] > 0


def test_the_holders_own_submission_ends_the_lock_too(before: Before) -> None:
    before.pin((9, "9" * 64, bytes(256)))
    assert refused(before.network, "sued") == "secret-outdated"
    before.network.submit("nord")
    before.network.submit("sued")


def test_a_version_under_which_another_secret_stands_is_left_out_by_the_holder(
    before: Before,
) -> None:
    network = before.network
    before.pin((1, "0" * 64, bytes(256)))
    assert network.share_secret().announced == "secret-differs"
    assert refused(network, "sued") == "canary-mismatch"
    assert network.share_secret(anew=True).announced is None
    for site in network.sites:
        network.submit(site)


def test_secrets_survive_the_way_down_and_up_again(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url, role="local")
    at, name = center.clock.now(), ProjectName(PROJECT)
    shown = Canaries(name, 1, CenterName("nord"), "1" * 64, bytes(256))
    leaf = LeafId(center.new_id())
    drawn = LinkageSecret(name, 1, 1, "1" * 64, "sha256:0", center.name, at, leaf)

    def keep(tx: Transaction) -> None:
        tx.secrets.add(drawn)
        assert tx.secrets.told(drawn, at=at)
        assert not tx.secrets.told(drawn, at=at)
        tx.secrets.pin_canaries(shown, at=at)
        assert tx.secrets.announce(shown, at=at)
        assert not tx.secrets.announce(shown, at=at)

    def known(tx: Transaction) -> tuple[bool, int, LinkageSecret | None]:
        waiting, (one,) = tx.secrets.unannounced(center.name), tx.secrets.shown(name).values()
        return one.announced, len(waiting), tx.secrets.newest(name)

    center.work.run(keep)
    assert center.work.run(known, write=False) == (True, 0, drawn)
    downgrade(database_url, "0026")
    upgrade(database_url)
    assert center.work.run(known, write=False) == (False, 1, drawn)


# no site speaks for another


@dataclass(frozen=True)
class Said:
    """A center of the project shows a version and one of several secrets for it, with or without a submission."""

    who: str
    version: int
    secret: int
    submits: bool = True

    @property
    def commitment(self) -> str:
        return f"{self.version}{self.secret}" * 32

    @property
    def canaries(self) -> bytes:
        return bytes([self.version, self.secret]) * 128


SAID = st.builds(
    Said,
    st.sampled_from(["nord", "west", "sued", "sued"]),
    st.integers(1, 3),
    st.integers(1, 2),
    st.booleans(),
)


@dataclass
class Listening:
    """A linking center of three sites; its database can be emptied of what it was told."""

    center: Center
    engine: Engine

    def answers(self, said: Sequence[Said], *, pinned: Sequence[Said] = ()) -> list[str]:
        """What it answers, one after another, if before there were announcements ``pinned`` came first."""
        with self.engine.begin() as connection:
            connection.execute(delete(submission_canary))
        self.center.work.run(lambda tx: self._pin(tx, pinned))
        return [self._answer(one) for one in said]

    def _pin(self, tx: Transaction, pinned: Sequence[Said]) -> None:
        for one in pinned:
            tx.secrets.pin_canaries(_canaries(one), at=self.center.clock.now())

    def _answer(self, one: Said) -> str:
        try:
            self.center.work.run(lambda tx: _say(self.center, tx, one))
        except TTPError as error:
            return error.code
        return "taken"


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    home = tmp_path_factory.mktemp("three")
    network = Network(home, sites=("nord", "sued", "west"))
    network.approve()
    engine = open_engine(load_settings(home / "bund", {}).database_url)
    yield Listening(network.bund, engine)
    engine.dispose()


def _canaries(one: Said) -> Canaries:
    name = ProjectName(PROJECT)
    return Canaries(name, one.version, CenterName(one.who), one.commitment, one.canaries)


def _say(bund: Center, tx: Transaction, one: Said) -> None:
    fingerprint = tx.projects.get(PROJECT).terms.schema_fingerprint
    actor = peer_actor(CenterName(one.who))
    said = (PROJECT, fingerprint, one.version, one.commitment, one.canaries)
    if one.submits:
        receive_submissions(bund, tx, actor, batch=Batch(*said, []))
    else:
        hear_linkage_secret(bund, tx, actor, Announcement(*said))


@given(said=st.lists(SAID, max_size=8), pinned=st.lists(SAID, max_size=2))
def test_nothing_a_site_says_changes_what_the_others_are_answered(
    listening: Listening, said: list[Said], pinned: list[Said]
) -> None:
    others = [one for one in said if one.who != "sued"]
    answers = listening.answers(said, pinned=pinned)
    heard = [answer for one, answer in zip(said, answers, strict=True) if one.who != "sued"]
    assert heard == listening.answers(others, pinned=pinned)


@given(said=st.lists(SAID, max_size=8), pinned=st.lists(SAID, max_size=2))
def test_a_site_that_shows_what_was_announced_last_is_always_taken(
    listening: Listening, said: list[Said], pinned: list[Said]
) -> None:
    announced, shown = Said("nord", 4, 1, submits=False), Said("west", 4, 1)
    answers = listening.answers([*said, announced, *said, shown], pinned=pinned)
    assert answers[-1] == answers[len(said)] == "taken"


@given(said=st.lists(SAID, max_size=8))
def test_sites_are_taken_with_nothing_but_the_newest_that_was_announced(
    listening: Listening, said: list[Said]
) -> None:
    known: dict[int, int] = {}
    for one, answer in zip(said, listening.answers(said), strict=True):
        if one.who == "nord" and answer == "taken":
            known[one.version] = one.secret
        elif one.who != "nord":
            newest = max(known, default=0)
            alike = (one.version, one.secret) == (newest, known.get(newest))
            assert (answer == "taken") is (one.submits and alike)
