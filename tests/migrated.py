"""Migrated databases at once: the migrations run one time for each kind, every test begins with a copy.

What the migrations themselves do is tested in ``tests/storage``, from empty databases.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from ttp.storage.migrate import upgrade

TEMPLATE = "migrated"

Upgrade = Callable[[str], None]


def migrated_file(folder: Path) -> Path:
    """A migrated SQLite database in the folder, made if it is not there yet."""
    file = folder / "migrated.db"
    if not file.exists():
        upgrade(f"sqlite:///{file}")
    return file


def add_template(server_url: str, scheme: str) -> None:
    """Add a migrated database to a PostgreSQL server from which others are copied."""
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {TEMPLATE}")
    address = f"{server_url.rpartition('/')[0]}/{TEMPLATE}"
    upgrade(address.replace("postgresql://", scheme, 1))


def upgrading_by_copy(file: Path) -> Upgrade:
    """What takes the place of ``upgrade`` where a center is made: a copy of ``file`` if there is no database yet."""
    return partial(_upgrade, file)


def _upgrade(file: Path, url: str) -> None:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        target = Path(str(address.database))
        if not target.exists():
            shutil.copyfile(file, target)
            return
    elif _is_copy(url):
        return
    upgrade(url)


def _is_copy(url: str) -> bool:
    """Whether a PostgreSQL database has been migrated before, as the copies of the template are."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        found = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    return bool(found and found[0])
