"""A full disk: the service says so, nothing acknowledged is lost, and with room again it goes on by itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from tests.builders import make_center, make_domain, make_key
from tests.fire.serving import Service

BATCH = 100
MEGABYTES = 24


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of its own in the folder, of a few megabytes; False where this machine lets nobody mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "tmpfs", str(folder)]
    able = os.geteuid() == 0 and shutil.which("mount")
    mounted = bool(able) and subprocess.run(mount, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _fill(folder: Path) -> Callable[[], None]:
    """Leave no room; returns what frees it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return filler.unlink


def _refuse(database: Path) -> Callable[[], None]:
    """Let the database refuse each leaf as it does on a full disk; returns what ends this."""
    refuse = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    _run(database, f"CREATE TRIGGER full AFTER INSERT ON audit_leaf {refuse}")
    return lambda: _run(database, "DROP TRIGGER full")


def _run(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database, timeout=30)) as embedded, embedded:
        embedded.execute(statement)


def _ask(service: Service, key: str, names: list[str]) -> httpx.Response:
    return httpx.post(
        f"{service.url}/api/v1/domains/diz/pseudonyms",
        json={"originals": names},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )


def _tokens(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [item["pseudonym"] for item in response.json()["results"]]


def _until_refused(
    service: Service, key: str, told: dict[str, str]
) -> tuple[list[str], httpx.Response]:
    """Ask for new ones until there is no room; what was acknowledged meanwhile goes into ``told``."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        names = [uuid.uuid4().hex for _ in range(BATCH)]
        response = _ask(service, key, names)
        if response.status_code != 200:
            return names, response
        told |= dict(zip(names, _tokens(response), strict=True))
    raise AssertionError("the disk was never full")


def test_a_full_disk_is_named_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as mounted:
        center = make_center(tmp_path / "disk")
        make_domain(center, "diz")
        key = make_key(center, "diz")
        center.work.close()
        service = Service(tmp_path / "disk" / "nord")
        service.start()
        try:
            told: dict[str, str] = {}
            names = [uuid.uuid4().hex for _ in range(BATCH)]
            told |= dict(zip(names, _tokens(_ask(service, key, names)), strict=True))
            free = _fill(tmp_path / "disk") if mounted else _refuse(service.home / "ttp.db")
            refused, answer = _until_refused(service, key, told)
            assert (answer.status_code, answer.json()["code"]) == (503, "database-full")
            free()
            assert _tokens(_ask(service, key, list(told))) == list(told.values())
            again = _tokens(_ask(service, key, refused))
            assert _tokens(_ask(service, key, refused)) == again
            with closing(sqlite3.connect(service.home / "ttp.db")) as embedded:
                stored = embedded.execute("SELECT count(*) FROM pseudonym").fetchone()
            assert stored == (len(told) + BATCH,), "something half-written stayed"
        finally:
            service.stop()
