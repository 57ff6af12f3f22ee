"""A service as it runs in production: `ttp serve` in processes of its own, which can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.builders import PASSPHRASE
from tests.polling import polled

START_SECONDS = 120


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """One instance of a center on this machine."""

    home: Path
    database: str = ""
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        secret = self.home.with_name(f"{self.home.name}.unlock")
        secret.write_bytes(PASSPHRASE)
        environment = {**os.environ, "TTP_UNLOCK_FILE": str(secret), "TTP_DATABASE": self.database}
        command = [sys.executable, "-m", "ttp.cli", "--home", str(self.home), "serve"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert time.monotonic() < deadline, "the service did not start"
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether it is ready."""
        answer = polled(f"{self.url}/readyz")
        return answer is not None and answer.status_code == 200

    def kill(self) -> None:
        """End all its processes as a power failure does."""
        assert self.process is not None
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        psutil.wait_procs(family[1:], timeout=10)
        self.process.wait(10)

    def stop(self) -> None:
        """End it in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


def another(service: Service) -> Service:
    """A second instance of the same center: its own copy of the home, the same database."""
    home = service.home.with_name(f"{service.home.name}-2")
    shutil.copytree(service.home, home)
    return Service(home, service.database)
