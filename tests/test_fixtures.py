"""The ground the tests stand on is itself as promised."""

import socket

import psycopg
import pytest

from tests.conftest import LeavesThisMachine


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


@pytest.mark.postgres
def test_every_test_gets_an_empty_database_of_its_own(
    postgres_database: str, postgres_url: str
) -> None:
    with psycopg.connect(_plain(postgres_database)) as session:
        session.execute("CREATE TABLE only_here (x int)")
    with psycopg.connect(postgres_url) as other:
        found = other.execute(
            "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"
        ).fetchone()
    assert found == (0,)


@pytest.mark.postgres
def test_the_server_stores_text_as_utf8_and_times_as_utc(postgres_database: str) -> None:
    with psycopg.connect(_plain(postgres_database)) as session:
        assert session.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert session.execute("SHOW timezone").fetchone() == ("UTC",)


@pytest.mark.postgres
def test_the_durable_server_waits_for_the_disk(durable_postgres_url: str) -> None:
    with psycopg.connect(durable_postgres_url) as session:
        assert session.execute("SHOW fsync").fetchone() == ("on",)


def test_both_kinds_of_database_are_named_by_a_url(database_url: str) -> None:
    assert database_url.startswith(("sqlite:///", "postgresql+psycopg://ttp@127.0.0.1:"))


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as outward, pytest.raises(LeavesThisMachine):
        outward.connect(("192.0.2.1", 80))
