"""A home made once, and commands run on it in this process: quick, and with the real exit codes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner, Result

from tests.polling import polled
from ttp.cli import main

PASSPHRASE = b"a passphrase for tests only"
VARIABLES = (
    "TTP_HOME",
    "TTP_URL",
    "TTP_KEY",
    "TTP_DATABASE",
    "TTP_KEYRING",
    "TTP_UNLOCK_FILE",
    "TTP_HOST",
    "TTP_PORT",
)
"""Taken away before a command runs and put back after it, whatever the command did to them."""


def run(
    home: Path | None,
    *arguments: str | Path,
    input: str | None = None,  # noqa: A002 - click's word
    **environment: str,
) -> Result:
    """Run a command on a home; whatever is not a refusal is raised."""
    place = ["--home", str(home)] if home else []
    given: dict[str, str | None] = {**dict.fromkeys(VARIABLES), **_unlock(home), **environment}
    done = CliRunner(env=given).invoke(main, [*place, *map(str, arguments)], input=input)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def made(home: Path, *domains: str, **environment: str) -> Path:
    """A new home with domains; its passphrase lies in a file beside it."""
    secret = home.with_name(f"{home.name}.unlock")
    secret.write_bytes(PASSPHRASE + b"\n")
    done = run(home, "init", "--name", "nord", **environment)
    assert done.exit_code == 0, done.output
    for name in domains:
        assert run(home, "domain", "create", name, **environment).exit_code == 0
    return home


def _unlock(home: Path | None) -> dict[str, str]:
    secret = home.with_name(f"{home.name}.unlock") if home else None
    return {"TTP_UNLOCK_FILE": str(secret)} if secret and secret.exists() else {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(home: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """``ttp serve`` in processes of its own until the block ends; gives its URL and its first process."""
    port = free_port()
    command = [sys.executable, "-m", "ttp.cli", "--home", str(home), "serve", "--port", str(port)]
    log = home.with_name(f"{home.name}.log")
    with log.open("ab") as output:
        server = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **_unlock(home), **environment},
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, server, log)
        yield url, server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        if (answer := polled(f"{url}/readyz")) and answer.status_code == 200:
            return
        time.sleep(0.05)
    raise AssertionError(f"did not start: {log.read_text(errors='replace')[-1000:]}")


def heeding_ctrl_c() -> None:
    """Tests that run in the background of a shell inherit that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
