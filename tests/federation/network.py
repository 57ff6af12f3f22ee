"""A network of three real centers for one project: two hospitals and the center that links them, on one clock."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from keys.custody import RootKey, open_custody
from linkage import schema as linkage_schema
from linkage.synthetic import Population, generate
from tests.builders import PASSPHRASE, ManualClock, make_center
from tests.simulator import Wires, introduce
from ttp.config import ROOT_FILE, load_settings
from ttp.connecting import connect
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.identities import MAXIMAL_RECORDS
from ttp.core.names import CenterName, ProjectName
from ttp.core.ports import Transaction
from ttp.core.projects import Project, Terms
from ttp.core.tasks import TaskKind
from ttp.opening import open_center
from ttp.peering.client import PeerClient
from ttp.services.persons.register_identities import register_identities
from ttp.services.projects.fetch_project_pseudonyms import fetch_project_pseudonyms
from ttp.services.projects.propose_project import approve_project, propose_project
from ttp.services.projects.send_linkage_secret import Sent, send_linkage_secret
from ttp.services.projects.submit_encodings import submit_encodings
from ttp.services.work.run_task import do_task

PROJECT = "cardio"
Row = Mapping[str, str | None]


class Network:
    """Nord and sued encode, bund links; nord holds the secret."""

    def __init__(
        self, home: Path, database_url: str = "", *, sites: tuple[str, ...] = ("nord", "sued")
    ) -> None:
        self.clock = ManualClock()
        self.bund = self._center(home, "bund", "federated", database_url)
        self.sites = {name: self._center(home, name, "local") for name in sites}
        self.centers = (*self.sites.values(), self.bund)
        introduce(*self.centers)
        self.wires = Wires(*self.centers)

    def _center(self, home: Path, name: str, role: str, database_url: str = "") -> Center:
        if not database_url:
            return quick_center(home, name, role, clock=self.clock)
        return replace(make_center(home, database_url, name=name, role=role), clock=self.clock)

    @classmethod
    def ready(cls, home: Path, *, secret: bool = True) -> Network:
        """A network whose sites approved the project and share its secret: a copy of one made before."""
        template = _template(secret=secret)
        network = cls.__new__(cls)
        network.clock = ManualClock()
        opened = {
            name: _copied(template, home, name, root, network.clock)
            for name, root in template.roots.items()
        }
        network.bund = opened.pop("bund")
        network.sites = opened
        network.centers = (*network.sites.values(), network.bund)
        network.wires = Wires(*network.centers)
        return network

    def client(self, center: Center) -> PeerClient:
        """The client with which a center asks the others."""
        return connect(center, transport=self.wires)

    def terms(self, **otherwise: object) -> Terms:
        """The terms of the project."""
        terms = Terms(
            name=ProjectName(PROJECT),
            purpose="Heart failure after infection",
            sites=tuple(CenterName(name) for name in self.sites),
            linking_center=self.bund.name,
            secret_holder=CenterName("nord"),
            schema="default",
            schema_fingerprint=linkage_schema.default().fingerprint,
            policies=(),
            expires_at=self.clock.now() + timedelta(days=365),
        )
        return replace(terms, **otherwise)  # type: ignore[arg-type] # checked by the class

    def approve(self, terms: Terms | None = None) -> Project:
        """Propose and approve the project everywhere."""
        chosen = terms or self.terms()
        for center in self.centers:
            center.work.run(lambda tx, at=center: propose_project(at, tx, OPERATOR, chosen))  # type: ignore[misc] # a default binds the value
            center.work.run(lambda tx, at=center: _approve(at, tx, chosen))  # type: ignore[misc] # a default binds the value
        return self.bund.work.run(lambda tx: tx.projects.get(chosen.name), write=False)

    def register(self, site: str, rows: Iterable[Row]) -> None:
        """Register patients at a site."""
        center = self.sites[site]
        fields = (
            "record_id",
            "given_name",
            "surname",
            "birth_name",
            "birth_date",
            "sex",
            "postcode",
            "city",
            "kvnr",
        )
        records = [{name: row[name] for name in fields if row.get(name)} for row in rows]
        for start in range(0, len(records), MAXIMAL_RECORDS):
            part = records[start : start + MAXIMAL_RECORDS]
            center.work.run(
                lambda tx, part=part: register_identities(  # type: ignore[misc] # a default binds the value
                    center, tx, OPERATOR, source=site, records=part
                )
            )

    def populate(self, patients: int = 60, *, overlap: float = 0.5, seed: int = 1) -> Population:
        """Register made-up patients at every site."""
        made = generate(
            sites=list(self.sites), patients_per_site=patients, overlap=overlap, seed=seed
        )
        for site in self.sites:
            self.register(site, made.sites[site])
        return made

    def share_secret(self, *, anew: bool = False) -> Sent:
        """Let the secret holder send the secret."""
        nord = self.sites["nord"]
        client = self.client(nord)
        return send_linkage_secret(nord, client, OPERATOR, project_name=PROJECT, anew=anew)

    def submit(self, site: str) -> dict[str, int]:
        """Let a site submit."""
        center = self.sites[site]
        return submit_encodings(center, self.client(center), OPERATOR, project_name=PROJECT)

    def run(self) -> dict[str, int]:
        """Link at the linking center."""
        client = self.client(self.bund)
        kind = TaskKind.LINKAGE_RUN
        return do_task(self.bund, client, OPERATOR, kind=kind, project_name=PROJECT)

    def fetch(self, site: str, *, secondaries: int = 0) -> dict[str, int]:
        """Let a site fetch its project pseudonyms."""
        center = self.sites[site]
        client = self.client(center)
        return fetch_project_pseudonyms(
            center, client, OPERATOR, project_name=PROJECT, secondaries=secondaries
        )


def _approve(center: Center, tx: Transaction, terms: Terms) -> Project:
    return approve_project(center, tx, OPERATOR, name=terms.name)


@dataclass(frozen=True)
class Template:
    """Homes to be copied, and their root keys: making a home costs more than most tests."""

    home: Path
    roots: Mapping[str, RootKey]


def quick_center(
    home: Path, name: str = "nord", role: str = "embedded", *, clock: ManualClock
) -> Center:
    """A new trust center on an embedded database and a manual clock: a copy of one made before."""
    template = _made(name, role)
    return _copied(template, home, name, template.roots[name], clock)


def _copied(template: Template, home: Path, name: str, root: RootKey, clock: ManualClock) -> Center:
    shutil.copytree(template.home / name, home / name)
    return replace(open_center(load_settings(home / name, {}), root=root), clock=clock)


def _kept(home: Path, *centers: Center) -> Template:
    for center in centers:
        center.work.close()
    roots = {
        str(center.name): open_custody(
            f"file:{home / center.name / ROOT_FILE}", passphrase=PASSPHRASE
        )
        for center in centers
    }
    return Template(home, roots)


def _folder() -> Path:
    home = Path(tempfile.mkdtemp(prefix="ttp-network-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


@cache
def _made(name: str, role: str) -> Template:
    home = _folder()
    return _kept(home, make_center(home, name=name, role=role))


@cache
def _template(*, secret: bool) -> Template:
    home = _folder()
    network = Network(home)
    network.approve()
    if secret:
        network.share_secret()
    return _kept(home, *network.centers)
