"""A center with a project, a sender and two receivers, all with API keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from linkage import schema
from tests.builders import ManualClock, make_center, make_domain, make_key
from ttp.core.access import OPERATOR, Actor
from ttp.core.center import Center
from ttp.core.names import CenterName, ProjectName
from ttp.core.projects import Terms
from ttp.services.access.admit_client import authenticate_client
from ttp.services.projects.propose_project import approve_project, propose_project
from ttp.services.transport.exchange_transfer import exchange_transfer
from ttp.services.transport.hand_in_transfer import HandedIn, Item, hand_in_transfer

PROJECT = "herz"


@dataclass(frozen=True)
class Station:
    """The center under test, its clock and callers."""

    center: Center
    clock: ManualClock
    keys: dict[str, str]

    def actor(self, name: str) -> Actor:
        """A client as authenticated."""
        return authenticate_client(self.center, api_key=self.keys[name])

    def hand_in(self, *items: Item, receiver: str = "rd", project: str = PROJECT) -> HandedIn:
        """Hand in a transfer as the sender."""
        sender = self.actor("cd")
        return self.center.work.run(
            lambda tx: hand_in_transfer(
                self.center, tx, sender, project_name=project, receiver=receiver, items=items
            )
        )

    def exchange(self, transfer: str, by: str = "rd", project: str = PROJECT) -> dict[str, str]:
        """Exchange a transfer as a receiver."""
        actor = self.actor(by)
        return self.center.work.run(
            lambda tx: exchange_transfer(
                self.center, tx, actor, project_name=project, transfer=transfer
            )
        )

    def exchange_seed(self, original: str) -> str:
        """The pseudonym of an original, as transfers carry it."""
        handed = self.hand_in(Item(original=original, domain="diz"))
        return next(iter(self.exchange(handed.transfer).values()))


def make_station(
    home: Path,
    database_url: str = "",
    clock: ManualClock | None = None,
    *,
    domains: tuple[str, ...] = ("diz",),
) -> Station:
    """A new center with the projects ``herz`` and ``lunge``, the domains and three clients."""
    clock = clock or ManualClock()
    center = replace(make_center(home, database_url), clock=clock)
    for name in domains:
        make_domain(center, name)
    for name in (PROJECT, "lunge"):
        _make_project(center, name)
    keys = {name: make_key(center, *domains, name=name) for name in ("cd", "rd", "other")}
    return Station(center, clock, keys)


def _make_project(center: Center, name: str) -> None:
    terms = Terms(
        name=ProjectName(name),
        purpose="Heart failure",
        sites=(CenterName("sued"), CenterName("west")),
        linking_center=center.name,
        secret_holder=CenterName("sued"),
        schema="default",
        schema_fingerprint=schema.default().fingerprint,
        policies=(),
        expires_at=center.clock.now().replace(year=center.clock.now().year + 1),
    )
    center.work.run(lambda tx: propose_project(center, tx, OPERATOR, terms))
    center.work.run(lambda tx: approve_project(center, tx, OPERATOR, name=name))
