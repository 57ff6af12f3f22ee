"""Backups of a database as operators make them, on both databases, and a center whose database is put back."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tests.builders import make_center, make_domain
from ttp.anchoring import FileAnchor
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.keep_anchor import keep_anchor

ANNA = Actor(ActorKind.STAFF, "anna", Role.STEWARD, domains=None)
BERTA = Actor(ActorKind.STAFF, "berta", Role.STEWARD, domains=None)
CLERK = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)


def back_up(url: str, file: Path) -> Path:
    """Write a copy of the database while it is in use."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_file(url))) as given, closing(sqlite3.connect(file)) as copy:
            given.backup(copy)
    else:
        _run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={_plain(url)}")
    return file


def put_back(url: str, file: Path) -> None:
    """Put the copy in the place of the database."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(file)) as given, closing(sqlite3.connect(_file(url))) as copy:
            given.backup(copy)
    else:
        _run("pg_restore", "--clean", "--if-exists", f"--dbname={_plain(url)}", str(file))


class Scene:
    """A center with a log that was anchored, and a backup made before it grew."""

    def __init__(self, folder: Path, url: str = "", *, alone: bool = False) -> None:
        self.home = folder / "nord"
        self.center = make_center(folder, url, alone=alone)
        self.url = url or f"sqlite:///{self.home / 'ttp.db'}"
        self.grow("before")
        self.backup = back_up(self.url, folder / "backup")
        self.small = self.size()

    def grow(self, name: str) -> None:
        """Let something happen, and a checkpoint and the anchor cover it."""
        make_domain(self.center, name)
        self.settle()

    def settle(self) -> int:
        """Sequence what waits and keep the anchor; 1 if it moved."""
        sequence_now(self.center)
        return keep_anchor(self.center)

    def size(self) -> int:
        """How many entries are sequenced."""
        return self.center.work.run(lambda tx: tx.audit.size(), write=False)

    def restore(self) -> None:
        """Put the backup back; the processes begin anew."""
        self.center.work.close()
        put_back(self.url, self.backup)
        self.restart()

    def restart(self) -> Center:
        """What a new process sees."""
        self.center = replace(self.center, anchor=FileAnchor(self.home))
        return self.center

    def deciding(self) -> Center:
        """The center as the process sees it in which persons accept."""
        self.restart().standing.overrule()
        return self.center


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _plain(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
