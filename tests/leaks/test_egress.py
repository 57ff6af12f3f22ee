"""Nothing is sent out: a center without peers and providers talks to its database, its home and nobody else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.running import PASSPHRASE, free_port, made
from tests.leaks.test_nothing_leaks import ALONE, arranged, misused, used
from tests.leaks.watched import watched

_IMPORT_ALL = """
import sys, importlib, pkgutil
reached = []
def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        reached.append((event, str(arguments)))
sys.addaudithook(note)
for package in ("keys", "linkage", "ttp"):
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
print(reached)
"""
_ALONE = """
import os, subprocess, sys, time, urllib.request
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
assert set(os.listdir("/sys/class/net")) >= {"lo"}
home, port = sys.argv[1:]
server = subprocess.Popen([sys.executable, "-m", "ttp.cli", "--home", home, "serve", "--port", port])
try:
    end = time.monotonic() + 90
    while time.monotonic() < end and server.poll() is None:
        try:
            print(urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).status)
            break
        except OSError:
            time.sleep(0.2)
finally:
    server.terminate()
    server.wait(30)
"""


def test_importing_every_module_reaches_nobody() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr[-2000:]


def test_a_center_in_use_connects_to_its_own_home_only(tmp_path: Path) -> None:
    home, sent = arranged(tmp_path, ALONE)
    with watched(home, tmp_path / "watch", **ALONE) as now:
        used(now, sent)
        misused(now, sent)
    own = re.compile(rf"socket\.connect '{re.escape(str(home))}/root\.sock'")
    assert now.connections
    assert [one for one in now.connections if not own.fullmatch(one)] == []


def test_a_center_serves_where_there_is_no_network(tmp_path: Path) -> None:
    """In a network namespace of its own, which has a loopback device and no way out."""
    home = made(tmp_path / "home")
    command = ["unshare", "--net", "--map-root-user", sys.executable, "-c", _ALONE]
    secret = tmp_path / "home.unlock"
    assert secret.read_bytes().startswith(PASSPHRASE)
    done = subprocess.run(
        [*command, str(home), str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TTP_UNLOCK_FILE": str(secret)},
    )
    assert "200" in done.stdout.splitlines(), done.stdout + done.stderr[-2000:]
