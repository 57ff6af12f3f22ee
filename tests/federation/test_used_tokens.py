"""Over all submissions of a site a token of a thinned view stays with the patient who had it first, until the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from keys.errors import EnvelopeRejected
from keys.keyring import Purpose
from linkage import schema as linkage_schema
from tests.builders import ManualClock, make_center
from tests.federation.network import PROJECT, Network
from tests.rotation.station import Station
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import Conflict
from ttp.core.names import CenterName, PopulationName, ProjectName
from ttp.core.projects import Project, ProjectNotActive, Terms
from ttp.core.submissions import EncodedRecord, StoredEncoding
from ttp.core.tasks import Progress
from ttp.services.custody.destroy_keys import references
from ttp.services.persons.seal_identities import open_contents
from ttp.services.projects.encode_patients import ProjectEncoder, Record
from ttp.services.projects.end_linkage_secrets import destroy_ended_secrets
from ttp.services.projects.hold_linkage_secret import draw_linkage_secret, newest_secret
from ttp.services.projects.propose_project import approve_project, end_project, propose_project
from ttp.services.projects.remember_tokens import encode_once_used
from ttp.storage.engine import open_engine
from ttp.storage.migrate import downgrade, upgrade
from ttp.storage.tables import used_tokens

SALTED = linkage_schema.load("salted")
DOMAIN = f"{PROJECT}.submission"
ANNA: Record = {
    "given_name": "Anna",
    "surname": "Müller",
    "birth_date": "1980-03-04",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
}


@dataclass(frozen=True)
class Site:
    """A site that encodes for a project of salted views, on one of the databases."""

    center: Center
    clock: ManualClock
    url: str
    home: Path

    @property
    def project(self) -> Project:
        return self.center.work.run(lambda tx: tx.projects.get(PROJECT), write=False)

    def deliver(self, *names: str, progress: Progress | None = None) -> list[EncodedRecord]:
        """Encode namesakes as a submission does; they share all salts."""
        project = self.project
        secret = self.center.work.run(lambda tx: newest_secret(tx, project), write=False)
        encoder = ProjectEncoder(self.center, project, secret)
        named = {name: dict(ANNA) for name in names}
        return encode_once_used(
            self.center, project, secret, named, encoder=encoder, progress=progress
        )

    def draw(self, *, anew: bool = False) -> None:
        """Draw the linkage secret."""
        self.center.work.run(
            lambda tx: draw_linkage_secret(
                self.center, tx, OPERATOR, project_name=PROJECT, anew=anew
            )
        )

    def blocks(self) -> list[int]:
        """The versions of the secret under which blocks are remembered."""
        engine = open_engine(self.url)
        with engine.connect() as connection:
            found = connection.execute(select(used_tokens.c.version)).scalars().all()
        engine.dispose()
        return list(found)


def terms(at: ManualClock, schema: str = "salted") -> Terms:
    return Terms(
        name=ProjectName(PROJECT),
        purpose="Heart failure after infection",
        sites=(CenterName("nord"), CenterName("sued")),
        linking_center=CenterName("bund"),
        secret_holder=CenterName("nord"),
        schema=schema,
        schema_fingerprint=linkage_schema.load(schema).fingerprint,
        policies=(),
        expires_at=at.now() + timedelta(days=365),
    )


def site_of(home: Path, url: str, schema: str = "salted") -> Site:
    clock = ManualClock()
    center = replace(make_center(home, url, name="nord", role="local"), clock=clock)
    wanted = terms(clock, schema)
    center.work.run(lambda tx: propose_project(center, tx, OPERATOR, wanted))
    center.work.run(lambda tx: approve_project(center, tx, OPERATOR, name=PROJECT))
    made = Site(center, clock, url, home)
    made.draw()
    return made


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Site:
    return site_of(tmp_path, database_url)


def holders(*deliveries: Sequence[EncodedRecord]) -> Mapping[tuple[str, int], set[str]]:
    """Who held each token of each view."""
    found: dict[tuple[str, int], set[str]] = {}
    for record in (record for records in deliveries for record in records):
        for view, token in record.exact.items():
            if token:
                found.setdefault((view, token), set()).add(record.pseudonym)
    return found


def test_no_token_is_used_again_for_another_patient(site: Site) -> None:
    first = site.deliver("a", "b", "c")
    later = site.deliver("b", "c", "d")  # a has left
    last = site.deliver("a", "b", "c", "d", "e")
    held = holders(first, later, last)
    assert len(held) == len(SALTED.salted) == 12
    assert all(len(names) == 1 for names in held.values())
    assert set.union(*held.values()) <= {"a", "b", "c"}
    assert {record.pseudonym: record for record in last}["d"].is_empty


def test_the_same_again_is_encoded_alike_and_needs_no_more_memory(site: Site) -> None:
    first = site.deliver("a", "b", "c")
    assert len(site.blocks()) == 1
    assert site.deliver("a", "b", "c") == first
    assert len(site.blocks()) == 1


def test_a_schema_that_thins_nothing_remembers_nothing(tmp_path: Path, database_url: str) -> None:
    site = site_of(tmp_path, database_url, "default")
    assert len(site.deliver("a", "b")) == 2
    assert site.blocks() == []


def test_of_two_submissions_at_once_the_later_one_is_refused(site: Site) -> None:
    inner: list[list[EncodedRecord]] = []

    def meanwhile(_stage: str, _done: int, _total: int) -> None:
        inner.append(site.deliver("x"))

    with pytest.raises(Conflict):
        site.deliver("a", "b", progress=meanwhile)
    again = site.deliver("a", "b")
    assert all(names == {"x"} for names in holders(inner[0], again).values())


def test_a_newer_secret_has_a_memory_of_its_own_and_ends_the_older_one(site: Site) -> None:
    first = site.deliver("a", "b")
    site.draw(anew=True)
    second = site.deliver("b", "c")
    assert site.blocks() == [2]
    assert not set(holders(first)) & set(holders(second))
    assert all(len(names) == 1 for names in holders(second, site.deliver("a", "b", "c")).values())


@pytest.mark.parametrize("how", ["ended", "expired"])
def test_the_memory_goes_with_the_secrets_of_a_project_that_is_over(site: Site, how: str) -> None:
    site.deliver("a", "b")
    center = site.center
    assert destroy_ended_secrets(center) == 0
    assert site.blocks() == [1]
    if how == "expired":
        site.clock.skip(days=366)
    else:
        center.work.run(lambda tx: end_project(center, tx, OPERATOR, name=PROJECT))
    assert destroy_ended_secrets(center) == 1
    assert site.blocks() == []


def test_a_project_that_ends_meanwhile_remembers_nothing(site: Site) -> None:
    def meanwhile(_stage: str, _done: int, _total: int) -> None:
        site.clock.skip(days=366)

    with pytest.raises(ProjectNotActive):
        site.deliver("a", progress=meanwhile)
    assert site.blocks() == []


def test_the_memory_outlives_the_rotation_of_the_key_that_seals_it(site: Site) -> None:
    first = site.deliver("a", "b", "c")
    station = Station(site.center, site.home / "nord", site.url)
    for _ in station.steps(station.request(Purpose.SEAL, DOMAIN)):
        assert all(len(names) == 1 for names in holders(first, site.deliver("c", "d")).values())
    left = site.center.work.run(
        lambda tx: references(tx, purpose=Purpose.SEAL, scope=DOMAIN, version=1), write=False
    )
    assert left == 0
    assert all(len(names) == 1 for names in holders(first, site.deliver("b", "e")).values())


def test_a_block_that_was_exchanged_refuses_the_submission(site: Site) -> None:
    site.deliver("a")
    engine = open_engine(site.url)
    with engine.begin() as connection:
        spoiled = bytearray(connection.execute(select(used_tokens.c.envelope)).scalar_one())
        spoiled[-1] ^= 1
        connection.execute(update(used_tokens).values(envelope=bytes(spoiled)))
    engine.dispose()
    with pytest.raises(EnvelopeRejected):
        site.deliver("a", "b")


def test_going_down_forgets_and_coming_up_begins_anew(site: Site) -> None:
    first = site.deliver("a", "b")
    site.center.work.close()
    downgrade(site.url, "0024")
    upgrade(site.url)
    assert site.blocks() == []
    assert set(holders(site.deliver("a", "b"))) == set(holders(first))


def test_the_linking_center_never_sees_a_token_pass_to_another_patient(tmp_path: Path) -> None:
    network = Network(tmp_path)
    network.approve(network.terms(schema="salted", schema_fingerprint=SALTED.fingerprint))
    network.share_secret()
    seen: list[list[EncodedRecord]] = []
    for number, (given, surname, postcode) in enumerate(FAMILY):
        network.register("nord", [person(number, given, "Müller", postcode)])
        network.register("nord", [person(0, "Anna", surname, "04109")])
        assert network.submit("nord")["patients"] == number + 1
        seen.append(received(network.bund))
    assert all(len(names) == 1 for names in holders(*seen).values())


FAMILY = [
    ("Anna", "Müller", "04109"),
    ("Berta", "Wagner", "17489"),
    ("Clara", "Müller", "80331"),
    ("Dorothea", "Wagner", "50667"),
]


def person(number: int, given: str, surname: str, postcode: str) -> Record:
    """Born on one day into one family; the first one changes her name and goes back to it."""
    row = {**ANNA, "record_id": str(number), "given_name": given, "surname": surname}
    return {**row, "postcode": postcode, "city": None}


def received(bund: Center) -> list[EncodedRecord]:
    """What the linking center holds."""
    population = PopulationName(f"project:{PROJECT}")
    with bund.work.begin(write=False) as tx:
        contents = open_contents(bund, population, list(tx.identities.all_versions(population)))
    return [StoredEncoding.read(content).record for content in contents]
