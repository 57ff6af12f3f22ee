"""Centers of the demonstration: each a home of its own, served by a ``ttp serve`` process of its own, over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from keys.tokens import ALPHABETS, draw
from ttp.config import Settings
from ttp.connecting import connect
from ttp.core.access import OPERATOR, Actor, Role
from ttp.core.center import Center
from ttp.core.federation import Peers
from ttp.demo.errors import CenterSilent, PortTaken
from ttp.initializing import initialize
from ttp.services.access.admit_client import admit_client
from ttp.services.access.open_account import open_account

HOST = "127.0.0.1"
READY_SECONDS = 60.0
STOP_SECONDS = 20.0
REQUEST_SECONDS = 120.0
LOG_FILE = "serve.log"
COMMAND = str(Path(sys.executable).with_name("ttp"))


def clean_environment() -> dict[str, str]:
    """The environment without settings of another center: the homes of the demonstration say it all."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TTP_")}


@dataclass(slots=True)
class DemoCenter:
    """One center: its home, opened here as the operator does, and its server, spoken to over HTTP alone."""

    center: Center
    home: Path
    port: int
    peers: Peers
    process: subprocess.Popen[bytes] | None = None
    passwords: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The center's name."""
        return self.center.name

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start its server; what it prints goes into ``serve.log`` of the home."""
        with (self.home / LOG_FILE).open("wb") as log:
            self.process = subprocess.Popen(
                [COMMAND, "--home", str(self.home), "serve"],
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def await_ready(self) -> None:
        """Wait until the server answers that it is ready.

        Raises:
            CenterSilent: it ended, or a minute was not enough.
        """
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.process and self.process.poll() is None:
            try:
                if (
                    httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False).status_code
                    == httpx.codes.OK
                ):
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise CenterSilent(f"The center {self.name} is not ready; see {self.home / LOG_FILE}.")

    def stop(self) -> None:
        """Ask the server to end, and wait; what does not end in time is killed with all it started."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def person(self, name: str) -> Actor:
        """A member of staff as an actor, for acts that this process does beside the server."""
        staff = self.center.work.run(lambda tx: tx.staff.by_name(name), write=False)
        if staff is None:
            raise CenterSilent(f"There is no account {name} at {self.name}.")
        return staff.actor()

    def http(self, client: str) -> httpx.Client:
        """An HTTP client that speaks as one of the center's clients."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.keys[client]}"},
            timeout=REQUEST_SECONDS,
            trust_env=False,
        )


def make_center(folder: Path, name: str, role: str, port: int) -> DemoCenter:
    """Make the home of a center with two stewards, a clerk and an auditor."""
    settings = Settings(folder / name, name=name, role=role, host=HOST, port=port)
    center = initialize(settings, passphrase=None).center
    made = DemoCenter(center, settings.home, port, connect(center))
    for account, part in STAFF.items():
        made.passwords[account] = _account(center, account, part)
    return made


STAFF = {
    "clerk": Role.CLERK,
    "auditor": Role.AUDITOR,
    "steward": Role.STEWARD,
    "second-steward": Role.STEWARD,  # the last one the operator opens alone
}


def _account(center: Center, name: str, role: Role) -> str:
    shown = name.replace("-", " ").capitalize()

    password = "-".join(
        draw(ALPHABETS["base32"], 4, 4)
    )  # 80 random bits, and short enough to be typed
    return center.work.run(
        lambda tx: open_account(
            center, tx, OPERATOR, name=name, role=role, display_name=shown, password=password
        )
    )


def make_client(made: DemoCenter, name: str, role: Role, *domains: str) -> None:
    """Admit a client and keep its key."""
    made.keys[name] = made.center.work.run(
        lambda tx: admit_client(made.center, tx, OPERATOR, name=name, role=role, domains=domains)
    )


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def require_free(ports: list[int]) -> None:
    """Pass if all these ports can be used.

    Raises:
        PortTaken: one of them cannot.
    """
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise PortTaken(
                    f"Port {port} is in use; end what uses it or choose others with --port."
                ) from error
