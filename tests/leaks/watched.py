"""A served center whose every trace can be read: its home, temporary files, open files, logs at debug level, addresses.

The processes of `ttp serve` start with a ``sitecustomize`` that turns every logger up and notes each connection.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.cli.running import served

_TURNED_UP = """
import logging, os, sys
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("sqlalchemy").setLevel(logging.INFO)  # at DEBUG it would show rows, as it says
for noisy in ("numba", "asyncio"):
    logging.getLogger(noisy).setLevel(logging.INFO)
def _note(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        where = arguments[1] if event != "socket.getaddrinfo" else arguments[0]
        with open(os.environ["TTP_TEST_CONNECTIONS"], "a") as file:
            print(event, repr(where), file=file)
sys.addaudithook(_note)
"""


@dataclass
class Watched:
    """One center while it is served, and what it has answered so far."""

    home: Path
    http: httpx.Client
    supervisor: psutil.Process
    folder: Path
    answers: list[httpx.Response] = field(default_factory=list)

    @property
    def log(self) -> bytes:
        """What all processes wrote to standard output and error."""
        return self.home.with_name(f"{self.home.name}.log").read_bytes()

    @property
    def connections(self) -> list[str]:
        """Every address that was looked up or connected to: event and address."""
        file = self.folder / "connections"
        return file.read_text().splitlines() if file.exists() else []

    def processes(self) -> list[psutil.Process]:
        """Supervisor, web and worker."""
        return [self.supervisor, *self.supervisor.children(recursive=True)]

    def home_files(self) -> bytes:
        """All files of the home, with the embedded database, its write-ahead log and its shared memory."""
        return _content(self.home)

    def temporary(self) -> bytes:
        """Temporary files, and what processes hold open without a name or anywhere else than in the home."""
        opened = [
            _of_process(process.pid, f"fd/{descriptor}")
            for process in self.processes()
            for descriptor, target in _open_files(process.pid)
            if not target.startswith(str(self.home))
        ]
        return _content(self.folder / "tmp") + b"".join(opened)

    def surroundings(self) -> bytes:
        """What every user of the machine may read of the processes: arguments; and their environment."""
        return b"".join(
            _of_process(process.pid, name)
            for process in self.processes()
            for name in ("cmdline", "environ")
        )

    @property
    def headers(self) -> bytes:
        """The headers of all answers and of the redirects before them: where they lead, what they set."""
        every = [one for answer in self.answers for one in (*answer.history, answer)]
        return "\n".join(str(one.headers.multi_items()) for one in every).encode()


def turned_up(folder: Path) -> dict[str, str]:
    """Variables that give processes a folder for temporary files, turn their loggers up and note their connections."""
    (folder / "tmp").mkdir(parents=True)
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(_TURNED_UP)
    return {
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": os.pathsep.join([str(folder / "hook"), str(Path.cwd())]),
        "TTP_TEST_CONNECTIONS": str(folder / "connections"),
    }


@contextlib.contextmanager
def watched(home: Path, folder: Path, **environment: str) -> Iterator[Watched]:
    """Serve the home until the block ends; ``folder`` takes what is noted."""
    with served(home, **turned_up(folder), **environment) as (url, process):
        http = httpx.Client(base_url=url, follow_redirects=True, timeout=60)
        now = Watched(home, http, psutil.Process(process.pid), folder)
        http.event_hooks = {"response": [lambda response: _read(now, response)]}
        with http:
            yield now


def _read(now: Watched, response: httpx.Response) -> None:
    response.read()
    now.answers.append(response)


def _content(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _of_process(pid: int, name: str) -> bytes:
    """A file of a process in ``/proc``; empty where the kernel shows it to nobody but root, and we are not."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except PermissionError:
        return b""


def _open_files(pid: int) -> Iterator[tuple[str, str]]:
    """Descriptors of regular files of a process, and what they point to."""
    links: list[Path] = []
    with contextlib.suppress(PermissionError):
        links = list(Path(f"/proc/{pid}/fd").iterdir())
    for link in links:
        with contextlib.suppress(OSError):
            if link.is_file():
                yield link.name, str(link.readlink())
