"""A home in the custody of a quorum, the papers of its custodians, and `ttp serve` on it as a process."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from keys.custody import RootKey, quorum
from tests.cli.running import free_port, run
from tests.polling import polled

NAMES = ("Anders", "Brandt", "Celik")
_LINE = re.compile(r"^ ?\d+  ([0-9A-Z ]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class QuorumHome:
    """The folder, and what each custodian has on paper."""

    path: Path
    papers: Mapping[str, str] = field(repr=False)

    def root(self) -> RootKey:
        """The root key, as two custodians open it."""
        return quorum.unseal(self.statement, shares=[self.papers["Anders"], self.papers["Celik"]])

    @property
    def statement(self) -> Path:
        """The custody file."""
        return self.path / "quorum.json"

    def leaves(self) -> list[dict[str, Any]]:
        """The audit entries, oldest first; the home is being served."""
        log = self.path.parent / "center.log"
        assert run(self.path, "audit", "export", log).exit_code == 0
        lines = [orjson.loads(line) for line in log.read_bytes().splitlines()[1:]]
        return [orjson.loads(base64.b64decode(line["body"])) for line in lines]


def papers_in(folder: Path) -> dict[str, str]:
    """What custodians would read from the sheets in a folder."""
    papers = {}
    for sheet in sorted(folder.iterdir()):
        text = sheet.read_text()
        name = next(line.split()[1] for line in text.splitlines() if line.startswith("custodian"))
        papers[name] = " ".join(_LINE.findall(text))
    return papers


def quorum_home(folder: Path) -> QuorumHome:
    """A new home `nord`: any two of Anders, Brandt and Celik open it."""
    custodians = [word for name in NAMES for word in ("--custodian", name)]
    options = ["--custody", "quorum:", "--threshold", "2", *custodians]
    done = run(folder / "h", "init", "--name", "nord", *options, "--shares-dir", folder / "sheets")
    assert done.exit_code == 0, done.output
    return QuorumHome(folder / "h", papers_in(folder / "sheets"))


@dataclass(frozen=True, slots=True)
class Serving:
    """`ttp serve` in a process of its own."""

    url: str
    admin: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self, status: int, *, path: str = "/readyz") -> httpx.Response:
        """Ask until the main port answers with this status."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            answer = polled(f"{self.url}{path}")
            if answer is not None and answer.status_code == status:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"no {status}: {self.log.read_text(errors='replace')[-1500:]}")


@contextlib.contextmanager
def serving(home: Path, **environment: str) -> Iterator[Serving]:
    """Serve the home until the block ends."""
    port, admin = free_port(), free_port()
    command = [sys.executable, "-m", "ttp.cli", "--home", str(home), "serve", "--port", str(port)]
    log = home.with_name("serve.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TTP_ADMIN_PORT": str(admin), **environment},
            start_new_session=True,
        )
    here = "http://127.0.0.1"
    try:
        yield Serving(f"{here}:{port}", f"{here}:{admin}", process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
