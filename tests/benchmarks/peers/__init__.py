"""Peers: other libraries on the same input, each in an environment of its own, so none bends ours.

An environment is made from names, versions and hashes in a file beside this one. Where it cannot
be made, its figures are left out and the reason stands in their place.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = Path(__file__).parents[3] / ".run" / "peers"
OF = {
    "anonlink": "anonlink",
    "clkhash": "anonlink",
    "splink": "splink",
    "recordlinkage": "splink",
}
"""Which environment a peer runs in."""


class PeerMissing(Exception):
    """The peer's environment cannot be made, or the peer failed; the reason in words."""


def peer(name: str, *arguments: str | Path, timeout: float = 600) -> dict[str, float]:
    """Figures that the script of a peer gives for the arguments, run in the peer's environment.

    The script is ``run_NAME.py`` beside this file; it prints one JSON object.

    Raises:
        PeerMissing: there is no environment for it here, or it failed.
    """
    command = [str(environment(OF[name])), str(HERE / f"run_{name}.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise PeerMissing(f"{name} failed: {done.stderr.strip().splitlines()[-1:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def environment(name: str) -> Path:
    """The interpreter of an environment, made where it is missing or its lock changed.

    Raises:
        PeerMissing: it cannot be made, as without a package index.
    """
    lock = HERE / f"{name}.txt"
    mark = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder = ENVIRONMENTS / f"{name}-{mark}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*install, "--no-deps", "--require-hashes", "-r", str(lock)])
        (folder / "complete").touch()
    return python


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerMissing(f"{command[0]}: {type(error).__name__}") from error
    if done.returncode:
        raise PeerMissing(f"no environment: {done.stderr.strip().splitlines()[-1:]}")
