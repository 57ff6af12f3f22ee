"""What every test stands on: databases of its own, scaled examples, no way off this machine."""

import fcntl
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visits import CHROMIUM, FLAGS
from tests.migrated import TEMPLATE, add_template, migrated_file, upgrading_by_copy
from tests.postgres_server import new_database, start_for
from tests.scale import scaled

settings.register_profile(
    "ttp",
    deadline=None,
    max_examples=scaled(50, least=5),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ttp")

LOOPBACK = ("127.", "::1", "localhost")
SQLALCHEMY_SCHEME = "postgresql+psycopg://"


class LeavesThisMachine(Exception):
    """A test tried to reach an address that is not loopback."""


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every Python connection that would leave this machine."""

    def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
        def checked(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
                raise LeavesThisMachine(str(address[0]))
            return connect(self, address)

        return checked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield


def _server_url(folder: Path, owner: int, *, durable: bool) -> str:
    """One server for all processes of a run: the first that asks starts it, under a file lock."""
    known = folder / f"postgres-{owner}-{'durable' if durable else 'quick'}.url"
    with known.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not known.exists():
            url = start_for(owner, durable=durable)
            add_template(url, SQLALCHEMY_SCHEME)
            known.write_text(url)
        return known.read_text()


@pytest.fixture(scope="session")
def _run_of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A folder that all processes of this run share, and the process that outlives them."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        return base.parent, os.getppid()
    return base, os.getpid()


@pytest.fixture(scope="session")
def postgres_url(_run_of_all_workers: tuple[Path, int]) -> str:
    """The `postgresql://` URL of a server for this run; it is quick and may lose commits."""
    return _server_url(*_run_of_all_workers, durable=False)


@pytest.fixture(scope="session")
def durable_postgres_url(_run_of_all_workers: tuple[Path, int]) -> str:
    """The `postgresql://` URL of a server that keeps every commit, for tests of durability."""
    return _server_url(*_run_of_all_workers, durable=True)


@pytest.fixture
def crashing_database() -> str:
    """The URL of a durable server of the test's own, to be crashed; tests beside it share the other ones."""
    return start_for(os.getpid(), durable=True).replace("postgresql://", SQLALCHEMY_SCHEME, 1)


@pytest.fixture(scope="session", autouse=True)
def _centers_on_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Centers made in this process begin with a copy of a migrated database."""
    file = migrated_file(tmp_path_factory.mktemp("migrated"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ttp.initializing.upgrade", upgrading_by_copy(file))
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_guesses() -> Iterator[None]:
    """Passphrases and passwords of tests are no secrets; what a guess costs in earnest is tried in ``tests/keys``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keys.custody.file.PASSES", 1)
        patch.setattr("keys.custody.file.MEMORY_KIB", 64)
        patch.setattr("keys.passwords._HASHER", PasswordHasher(1, 64, 1))
        yield


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The `postgresql+psycopg://` URL of a fresh, migrated database, dropped after the test."""
    with new_database(postgres_url, f"t{uuid.uuid4().hex}", template=TEMPLATE) as url:
        yield url.replace("postgresql://", SQLALCHEMY_SCHEME, 1)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The `sqlite:///` URL of a database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ttp.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind in turn, for what must hold on both."""
    fixture = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    return str(request.getfixturevalue(fixture))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A chromium that shows nothing on a screen; one for all tests of a process, which can hold no second."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
