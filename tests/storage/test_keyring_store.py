"""A keyring in a database of its own: for several hosts at once, never the center's database, never half written."""

from __future__ import annotations

import multiprocessing
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from keys.custody.root_key import RootKey
from keys.errors import KeyDestroyed, KeyringDamaged, KeyringUnreachable
from keys.keyring import Keyring, KeyState, Purpose
from tests.conftest import SQLALCHEMY_SCHEME
from tests.postgres_server import new_database
from tests.scale import scaled
from ttp.core.center_identity import KeyringNotApart
from ttp.storage.keyring_store import DatabaseStore
from ttp.storage.migrate import upgrade

ROOT = RootKey(bytes(range(32)))
FORK = multiprocessing.get_context("fork")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of one's own, without a keyring."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keys.db'}"
        return
    with new_database(request.getfixturevalue("postgres_url"), f"k{uuid.uuid4().hex}") as plain:
        yield plain.replace("postgresql://", SQLALCHEMY_SCHEME, 1)


def _add_domains(url: str, writer: int, count: int) -> None:
    ring = Keyring.open(DatabaseStore(url), root=ROOT)
    for number in range(count):
        ring.ensure(Purpose.SEAL, f"own-{writer}-{number}")
        ring.ensure(Purpose.SEAL, f"shared-{number}")
        ring.rotate(Purpose.INDEX, "everyone")


def test_hosts_writing_at_once_lose_nothing(url: str) -> None:
    writers, count = 3, scaled(6, least=3, most=20)  # who never rests keeps others from SQLite
    Keyring.create(DatabaseStore(url), root=ROOT)
    processes = [FORK.Process(target=_add_domains, args=(url, n, count)) for n in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * writers
    ring = Keyring.open(DatabaseStore(url), root=ROOT)
    shared = [len(ring.versions(Purpose.SEAL, f"shared-{number}")) for number in range(count)]
    assert shared == [1] * count
    rotated = ring.versions(Purpose.INDEX, "everyone")
    assert [info.version for info in rotated] == list(range(1, writers * count + 1))
    assert [info.state for info in rotated].count(KeyState.ACTIVE) == 1
    assert len({info.domain for info in ring.all_versions()}) == writers * count + count + 1


def test_another_host_sees_a_change_without_being_told(url: str) -> None:
    one = Keyring.create(DatabaseStore(url), root=ROOT)
    other = Keyring.open(DatabaseStore(url), root=ROOT)
    one.ensure(Purpose.SEAL, "a")
    assert other.active(Purpose.SEAL, "a") == one.active(Purpose.SEAL, "a")
    one.destroy(Purpose.SEAL, "a", 1)
    other.sealed_copy()
    with pytest.raises(KeyDestroyed):
        other.at(Purpose.SEAL, "a", 1)


def test_a_keyring_is_never_overwritten_by_a_new_one(url: str) -> None:
    Keyring.create(DatabaseStore(url), root=ROOT).ensure(Purpose.SEAL, "a")
    with pytest.raises(FileExistsError):
        Keyring.create(DatabaseStore(url), root=ROOT)
    assert Keyring.open(DatabaseStore(url), root=ROOT).active(Purpose.SEAL, "a").version == 1


def test_a_database_without_a_keyring_says_so(url: str) -> None:
    with pytest.raises(KeyringDamaged, match="holds none"):
        Keyring.open(DatabaseStore(url), root=ROOT)


def test_a_database_that_is_away_is_no_reason_to_go_on_with_old_keys(tmp_path: Path) -> None:
    with pytest.raises(KeyringUnreachable):
        DatabaseStore(f"sqlite:///{tmp_path / 'nowhere' / 'keys.db'}").read()
    with pytest.raises(KeyringUnreachable) as raised:
        DatabaseStore("postgresql://anna:secret@127.0.0.1:1/keys").read()
    assert "secret" not in str(raised.value)


def test_the_centers_own_database_is_refused(url: str) -> None:
    upgrade(url)
    with pytest.raises(KeyringNotApart):
        DatabaseStore(url).require_apart(url)


def test_another_name_of_the_same_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    store = DatabaseStore(f"sqlite:///{tmp_path / 'sub' / '..' / 'ttp.db'}")
    with pytest.raises(KeyringNotApart):
        store.require_apart(f"sqlite:///{tmp_path / 'ttp.db'}")


@pytest.mark.postgres
def test_another_schema_of_the_same_database_is_refused(postgres_database: str) -> None:
    upgrade(postgres_database)
    plain = postgres_database.replace(SQLALCHEMY_SCHEME, "postgresql://", 1)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA keys")
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = keys')
    with pytest.raises(KeyringNotApart):
        DatabaseStore(postgres_database).require_apart("postgresql:///elsewhere")


@pytest.mark.postgres
def test_keyring_and_database_on_one_server_are_noticed(
    postgres_url: str, postgres_database: str, tmp_path: Path
) -> None:
    with new_database(postgres_url, f"k{uuid.uuid4().hex}") as plain:
        store = DatabaseStore(plain)
        store.require_apart(postgres_database)
        assert store.shares_server(postgres_database)
        assert not store.shares_server(f"sqlite:///{tmp_path / 'ttp.db'}")
        store.close()


@pytest.mark.postgres
def test_after_a_destruction_the_tables_file_holds_the_last_generation_only(
    postgres_database: str,
) -> None:
    ring = Keyring.create(DatabaseStore(postgres_database), root=ROOT)
    ring.ensure(Purpose.SEAL, "a")
    before = _tuples(postgres_database)
    ring.destroy(Purpose.SEAL, "a", 1)
    assert before > _tuples(postgres_database) == 1


def _tuples(url: str) -> int:
    """Row versions in the table's pages, dead ones included."""
    with psycopg.connect(url.replace(SQLALCHEMY_SCHEME, "postgresql://", 1)) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")
        row = connection.execute(
            "SELECT count(*) FROM heap_page_items(get_raw_page('keyring', 0)) WHERE lp_len > 0"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_after_a_destruction_the_file_holds_nothing_of_former_generations(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    ring = Keyring.create(DatabaseStore(url), root=ROOT)
    ring.ensure(Purpose.SEAL, "a")
    _, former = ring.sealed_copy()
    ring.destroy(Purpose.SEAL, "a", 1)
    left = b"".join(path.read_bytes() for path in tmp_path.glob("keys.db*"))
    assert former[-64:] not in left
    assert ring.sealed_copy()[1][-64:] in left
