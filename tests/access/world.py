"""A center with two domains and two projects, and one caller of every kind: who is bound to the first of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from linkage import schema
from tests.access.requests import Request
from tests.builders import ManualClock, bearer, make_center, make_domain, make_http, make_key
from tests.pages.people import Browser, make_person
from tests.simulator import SimulatedTrustCenter, pin, send
from ttp.core.access import CLIENT_ROLES, OPERATOR, ROLE_RIGHTS, STAFF_ROLES, Right, Role
from ttp.core.center import Center
from ttp.core.federation import FederationPath
from ttp.core.names import CenterName, ProjectName
from ttp.core.ports import Transaction
from ttp.core.projects import Terms
from ttp.http.rights import Door, Needs
from ttp.services.access.admit_client import admit_client, revoke_client
from ttp.services.access.issue_api_key import issue_api_key
from ttp.services.projects.propose_project import approve_project, propose_project
from ttp.storage.tables import metadata

OWN, FOREIGN = "own", "foreign"
"""Names of domains and of projects alike."""

Ask = Callable[[FlaskClient, Request], TestResponse]

_MOVING = {"refusal", "staff_session", "login_failure", "audit_node", "audit_checkpoint"}
"""Tables that a refused request may touch: its refusal, and when a session was last used."""


@dataclass(frozen=True)
class Caller:
    """Somebody who sends requests. ``rights`` None: nobody known; ``bound``: to the own domain and project."""

    name: str
    ask: Ask
    rights: frozenset[Right] | None = None
    bound: bool = True
    peer: bool = False

    def expected(self, needs: Needs, place: str) -> str:
        """What the tables say: ``allowed``, ``401`` or ``403``."""
        if needs.door is Door.OPEN:
            return "allowed"
        if needs.door is Door.SIGNED:
            return "allowed" if self.peer else "401"
        if self.rights is None:
            return "401"
        if needs.right is not None and needs.right not in self.rights:
            return "403"
        if needs.place is not None and self.bound and place == FOREIGN:
            return "403"
        return "allowed"


class World:
    """The center under test and its callers."""

    def __init__(self, home: Path, database_url: str = "") -> None:
        clock = ManualClock(datetime.now(UTC).replace(microsecond=0))
        made = make_center(home, database_url)
        self.center = replace(made, clock=clock)
        for name in (OWN, FOREIGN):
            make_domain(self.center, name, deletable=True)
            make_project(self.center, name)
        self.http = make_http(self.center)
        self.callers = [*self._clients(), *self._strangers(clock), self._peer(clock)]
        for caller in self.callers:  # the first use of a key in a day is written down
            caller.ask(self.http, Request("GET", "/api/v1/domains"))
        self.browsers = {
            role: Browser(self.center, make_person(self.center, role)) for role in STAFF_ROLES
        }

    def snapshot(self) -> dict[str, list[str]]:
        """Every row of every table that a refused request must leave alone."""
        return self.center.work.run(_rows, write=False)

    def refusals(self) -> int:
        """How many refusals were counted."""
        refusal = metadata.tables["refusal"]
        counted = select(func.coalesce(func.sum(refusal.c.count), 0))
        return self.center.work.run(
            lambda tx: int(tx.connection.execute(counted).scalar_one()),  # type: ignore[attr-defined] # looks below the port
            write=False,
        )

    def _clients(self) -> list[Caller]:
        anywhere = {Role.REGISTRAR}  # the center's own patients are those of no project
        callers = [
            self._client(role.value, role, projects=None if role in anywhere else (OWN,))
            for role in sorted(CLIENT_ROLES)
        ]
        wide = self._client("wide", Role.PIPELINE, domains=(OWN, FOREIGN))
        callers.append(replace(wide, bound=False))
        self._client("narrow", Role.PIPELINE, domains=(OWN, FOREIGN), projects=(OWN,))
        narrow, _ = self._issue("narrow", rights=(Right.LOOKUP, Right.LINK), domains=(OWN,))
        scoped = frozenset({Right.LOOKUP, Right.LINK})
        return [
            *callers,
            Caller("basic", _basic("pipeline", self._issue("pipeline")[0]), callers[1].rights),
            Caller("scoped", _with(narrow), scoped),
        ]

    def _client(
        self,
        name: str,
        role: Role,
        *,
        domains: tuple[str, ...] = (OWN,),
        projects: tuple[str, ...] | None = None,
    ) -> Caller:
        key = self.center.work.run(
            lambda tx: admit_client(
                self.center, tx, OPERATOR, name=name, role=role, domains=domains, projects=projects
            )
        )
        return Caller(name, _with(key), ROLE_RIGHTS[role])

    def _issue(self, client: str, **more: object) -> tuple[str, object]:
        return self.center.work.run(
            lambda tx: issue_api_key(
                self.center,
                tx,
                OPERATOR,
                client=client,
                label=f"more-{len(tx.api_keys.all())}",
                **more,  # type: ignore[arg-type] # passed on
            )
        )

    def _strangers(self, clock: ManualClock) -> list[Caller]:
        revoked = make_key(self.center, OWN, name="revoked")
        self.center.work.run(lambda tx: revoke_client(self.center, tx, OPERATOR, name="revoked"))
        expired, _ = self._issue("pipeline", expires_at=clock.now() + timedelta(hours=1))
        clock.skip(hours=1)
        person = Browser(self.center, make_person(self.center, Role.STEWARD, "cookie"))
        return [
            Caller("anonymous", lambda http, request: request.send(http)),
            Caller("revoked", _with(revoked)),
            Caller("expired", _with(expired)),
            Caller("made up", _with("ttp_" + "a" * 39)),
            Caller("other's name", _basic("site", expired)),
            Caller("cookie", lambda _, request: _in_browser(person, request)),
        ]

    def _peer(self, clock: ManualClock) -> Caller:
        peer = SimulatedTrustCenter("sued", clock=clock)
        pin(self.center, peer.card())

        def ask(http: FlaskClient, request: Request) -> TestResponse:
            if request.method == "POST" and request.path in set(FederationPath):
                signed = peer.request(self.center, FederationPath(request.path), request.body or {})
                return send(http, signed)
            return request.send(http)

        return Caller("peer", ask, peer=True)


def make_project(center: Center, name: str) -> None:
    """An approved project of this center and two sites."""
    terms = Terms(
        name=ProjectName(name),
        purpose="Heart failure",
        sites=(CenterName("sued"), CenterName("west")),
        linking_center=center.name,
        secret_holder=CenterName("sued"),
        schema="default",
        schema_fingerprint=schema.default().fingerprint,
        policies=(),
        expires_at=center.clock.now() + timedelta(days=30),
    )
    center.work.run(lambda tx: propose_project(center, tx, OPERATOR, terms))
    center.work.run(lambda tx: approve_project(center, tx, OPERATOR, name=name))


def _rows(tx: Transaction) -> dict[str, list[str]]:
    connection = tx.connection  # type: ignore[attr-defined] # looks below the port
    return {
        table.name: sorted(map(repr, connection.execute(select(table)).all()))
        for table in metadata.sorted_tables
        if table.name not in _MOVING
    }


def _with(key: str) -> Ask:
    return lambda http, request: request.send(http, headers=bearer(key))


def _basic(name: str, key: str) -> Ask:
    return lambda http, request: request.send(http, auth=(name, key))


def _in_browser(browser: Browser, request: Request) -> TestResponse:
    return request.send(browser._http, base_url=browser._url)
