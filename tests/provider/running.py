"""An identity provider of its own process, and a center that knows it, for as long as a test needs them."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from werkzeug.serving import make_server

from tests.browser.server import PASSPHRASE, Quiet
from tests.pages.people import make_person
from ttp.app import create_app
from ttp.config import Settings
from ttp.connecting import connect_providers
from ttp.core.access import OPERATOR, STAFF_ROLES, Role
from ttp.core.center import Center
from ttp.core.providers import Issuer
from ttp.initializing import initialize
from ttp.opening import SystemClock
from ttp.services.access.link_account import link_account

FOLDER = Path(__file__).parent
SECRET = "a secret of forty characters, for tests"
AUDIENCE = "urn:treuhandstelle:nord"
OTHER_AUDIENCE = "urn:treuhandstelle:sued"
ROLES = (("ths-steward", Role.STEWARD), ("ths-clerk", Role.CLERK))


class ShiftedClock(SystemClock):
    """The machine's clock, moved on by what a test skips."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return super().now() + self._ahead

    def monotonic(self) -> float:
        """Seconds that never run back."""
        return super().monotonic() + self._ahead.total_seconds()

    def skip(self, **amount: float) -> None:
        """Move on by a ``timedelta``'s arguments."""
        self._ahead += timedelta(**amount)


@dataclass(slots=True)
class RunningProvider:
    """A provider that answers at ``url``."""

    url: str
    process: subprocess.Popen[str] = field(repr=False)

    def has(self, accounts: Mapping[str, Mapping[str, Any]]) -> None:
        """Exchange its accounts: subjects and their claims."""
        httpx.post(f"{self.url}/test/accounts", json=accounts).raise_for_status()

    def rotate(self) -> None:
        """Exchange its signing key."""
        httpx.post(f"{self.url}/test/rotate").raise_for_status()

    def program_token(self, client: str = "etl", *, audience: str = AUDIENCE) -> str:
        """An access token by client credentials."""
        form = {"grant_type": "client_credentials", "scope": "ttp", "resource": audience}
        answer = httpx.post(f"{self.url}/token", data=form, auth=(client, SECRET))
        return str(answer.raise_for_status().json()["access_token"])

    def stop(self) -> None:
        """End it."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=20)


@contextmanager
def running_provider(center_url: str, name: str = "haus") -> Iterator[RunningProvider]:
    """A provider whose client is the center at this URL, and with it programs and a person's own tool."""
    pages = {
        "client_id": "ttp",
        "client_secret": SECRET,
        "redirect_uris": [f"{center_url}/login/with/{name}/back"],
        "post_logout_redirect_uris": [f"{center_url}/login"],
        "backchannel_logout_uri": f"{center_url}/login/back-channel",
        "backchannel_logout_session_required": True,
    }
    program = {"grant_types": ["client_credentials"], "redirect_uris": [], "response_types": []}
    programs = [{"client_id": one, "client_secret": SECRET, **program} for one in ("etl", "other")]
    tool = {"client_id": "tool", "client_secret": SECRET, "redirect_uris": [TOOL]}
    given = {
        "clients": [pages, *programs, tool],
        "accounts": {},
        "resources": [AUDIENCE, OTHER_AUDIENCE],
    }
    process = subprocess.Popen(
        ["node", str(FOLDER / "provider.mjs"), json.dumps(given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    provider = RunningProvider(_issuer_of(process.stdout), process)
    try:
        yield provider
    finally:
        provider.stop()


TOOL = "http://127.0.0.1:1/tool"
"""Where a person's own tool would listen; nobody does."""


def _issuer_of(lines: Iterator[str]) -> str:
    """The provider's own line among the notices it prints."""
    for line in lines:
        if line.startswith("{"):
            return str(json.loads(line)["issuer"])
    raise AssertionError("the provider did not start: run deploy/setup/provider.sh")


@dataclass(slots=True)
class House:
    """A center that is served, its clock, and the providers it knows, the first of them running."""

    center: Center
    clock: ShiftedClock
    providers: Sequence[RunningProvider]
    issuers: Sequence[Issuer]

    @property
    def url(self) -> str:
        """Where the center answers."""
        return self.center.public_url

    @property
    def provider(self) -> RunningProvider:
        """The first provider."""
        return self.providers[0]

    def link(self, name: str, subject: str, *, issuer: int = 0) -> None:
        """Link the account to the subject."""
        center = self.center
        center.work.run(
            lambda tx: link_account(
                center, tx, OPERATOR, self.issuers[issuer], name=name, subject=subject
            )
        )

    def leaves(self, action: str) -> list[dict[str, str]]:
        """The facts of all leaves of an action, oldest first."""
        with self.center.work.begin(write=False) as tx:
            bodies = [json.loads(leaf.body) for leaf in tx.audit.unsequenced(1000)]
        return [body["facts"] for body in bodies if body["action"] == action]


@contextmanager
def house(
    home: Path, *, names: Sequence[str] = ("haus",), database: str = "", **more: Any
) -> Iterator[House]:
    """A center with accounts of every role, and a provider for every name; ``more`` is said of every issuer."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet)
    url = f"http://127.0.0.1:{server.port}"
    settings = Settings(home, name="nord", four_eyes="demo", public_url=url, database=database)
    clock = ShiftedClock()
    center = _with_clock(initialize(settings, passphrase=PASSPHRASE).center, clock)
    for role in sorted(STAFF_ROLES):
        make_person(center, role)
    with _providers(url, names) as providers:
        issuers = [_issuer(name, one.url, more) for name, one in zip(names, providers, strict=True)]
        server.app = create_app(center, providers=connect_providers(center, issuers))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield House(center, clock, providers, issuers)
        finally:
            server.shutdown()
            thread.join(timeout=30)


@contextmanager
def _providers(url: str, names: Sequence[str]) -> Iterator[list[RunningProvider]]:
    if not names:
        yield []
        return
    with running_provider(url, names[0]) as first, _providers(url, names[1:]) as others:
        yield [first, *others]


def _with_clock(center: Center, clock: ShiftedClock) -> Center:
    object.__setattr__(center, "clock", clock)
    return center


def _issuer(name: str, url: str, more: Mapping[str, Any]) -> Issuer:
    settings: dict[str, Any] = {"audience": AUDIENCE, "roles": ROLES, "clients": (("etl", "pipe"),)}
    return Issuer(name, f"Haus {name}", url, "ttp", SECRET, **(settings | dict(more)))


class Visitor(httpx.Client):
    """A browser without pictures: it follows links and keeps cookies, as a person would."""

    def __init__(self, house: House) -> None:
        super().__init__(follow_redirects=False, timeout=30)
        self.house = house

    def begin(self, name: str = "haus") -> str:
        """Choose a provider on the login page; gives where the browser is sent."""
        return str(self.get(f"{self.house.url}/login/with/{name}").headers["location"])

    def log_in_there(self, url: str, subject: str) -> str:
        """Log in at the provider; gives where the provider sends the browser back."""
        answer = self.get(url)
        while answer.is_redirect:
            url = str(answer.url.join(answer.headers["location"]))
            if url.startswith((self.house.url, TOOL)):
                return url
            answer = self.get(url)
        action = re.findall(r'action="([^"]+)"', answer.text)[0]
        sent = self.post(str(answer.url.join(action)), data={"account": subject})
        return self.log_in_there(str(sent.url.join(sent.headers["location"])), subject)

    def log_in(self, subject: str, name: str = "haus") -> httpx.Response:
        """All of it; gives the center's answer to the way back."""
        return self.get(self.log_in_there(self.begin(name), subject))

    def log_out_there(self) -> None:
        """End the session at the provider."""
        page = self.get(f"{self.house.provider.url}/session/end")
        proof = re.findall(r'name="xsrf" value="([^"]+)"', page.text)[0]
        action = f"{self.house.provider.url}/session/end/confirm"
        self.post(action, data={"xsrf": proof, "logout": "yes"})

    def person_token(self, subject: str, *, audience: str = AUDIENCE) -> str:
        """The access token that a person's own tool gets for them."""
        provider, verifier = self.house.provider.url, "v" * 43
        start = httpx.URL(
            f"{provider}/auth",
            params={
                "client_id": "tool",
                "response_type": "code",
                "scope": "openid ttp",
                "redirect_uri": TOOL,
                "resource": audience,
                "code_challenge": "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM",
                "code_challenge_method": "S256",
            },
        )
        back = self.log_in_there(str(start), subject)
        code = parse_qs(urlsplit(back).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": TOOL,
            "code_verifier": verifier,
            "resource": audience,
        }
        answer = self.post(f"{provider}/token", data=form, auth=("tool", SECRET))
        return str(answer.raise_for_status().json()["access_token"])
