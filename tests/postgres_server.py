"""A PostgreSQL server of one's own: made for one process tree, gone with it, however that ends.

The server runs as another user when the tests run as root (PostgreSQL refuses root), listens on
loopback only and keeps its data in a temporary folder. A keeper process owns it and waits for the
death of the process it was made for, so that a killed test run leaves neither server nor data.
"""

import contextlib
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

START_SECONDS = 60
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class NoPostgresServer(Exception):
    """The server could not be found or did not start; the message says why."""


def server_programs() -> Path:
    """The folder of `initdb` and `postgres`: the newest from Debian, else the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_major)
    on_path = shutil.which("postgres")
    if not found and on_path is None:
        raise NoPostgresServer("no PostgreSQL server is installed (Debian package: postgresql)")
    return found[-1].parent if found else Path(str(on_path)).parent


def _major(program: Path) -> int:
    return int(program.parts[-3]) if program.parts[-3].isdigit() else 0


def _other_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: nobody else, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgresServer("neither the user postgres nor nobody exists to run the server as")


def _start(command: Sequence[object], log: Path, folder: Path) -> subprocess.Popen[bytes]:
    user = _other_user()
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
        return True
    return False


def _serve(folder: Path, *, durable: bool) -> tuple[subprocess.Popen[bytes], str]:
    programs, data, log = server_programs(), folder / "data", folder / "log"
    user = _other_user()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    init = [programs / "initdb", "--pgdata", data, "--username", "ttp", "--auth", "trust"]
    if _start([*init, "--encoding", "UTF8", "--no-sync"], log, folder).wait() != 0:
        raise NoPostgresServer(f"initdb failed: {log.read_text(errors='replace')[-500:]}")
    port = _free_port()
    settings = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}"]
    settings += ["max_connections=300", *(() if durable else QUICK)]
    command = [programs / "postgres", "-D", data, *(f"--{pair}" for pair in settings)]
    server = _start(command, log, folder)
    url = f"postgresql://ttp@127.0.0.1:{port}/postgres"
    deadline = time.monotonic() + START_SECONDS
    while not _answers(url):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise NoPostgresServer(f"did not start: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.05)
    return server, url


def keep(owner: int, *, durable: bool) -> None:
    """Serve until the process `owner` is gone; print the URL once the server answers."""
    gone = os.pidfd_open(owner)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = Path(tempfile.mkdtemp(prefix="ttp-postgres-"))
    try:
        server, url = _serve(folder, durable=durable)
        print(url, flush=True)
        select.select([gone], [], [])
        server.send_signal(signal.SIGQUIT)
        server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_for(owner: int, *, durable: bool = False) -> str:
    """Start a server that lives as long as the process `owner`, and give its `postgresql://` URL.

    A server that is not `durable` is quicker and forgets its last commits when the machine fails.
    """
    command = [sys.executable, __file__, str(owner), "durable" if durable else "quick"]
    with tempfile.TemporaryFile("w+") as complaint:
        keeper = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaint,
            text=True,
            start_new_session=True,
        )
        assert keeper.stdout is not None
        url = keeper.stdout.readline().strip()
        if not url:
            complaint.seek(0)
            raise NoPostgresServer(complaint.read().strip().rpartition("\n")[2])
    return url


@contextlib.contextmanager
def new_database(server_url: str, name: str, *, template: str = "template1") -> Iterator[str]:
    """A fresh database on the server, dropped at the end even while others are still connected."""
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}'.encode())
        try:
            yield server_url.rpartition("/")[0] + "/" + name
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


if __name__ == "__main__":
    keep(int(sys.argv[1]), durable=sys.argv[2] == "durable")
