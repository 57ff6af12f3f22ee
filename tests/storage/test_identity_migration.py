"""The tables of identities and review come and go, on both databases."""

from sqlalchemy import inspect

from ttp.storage.engine import open_engine
from ttp.storage.migrate import downgrade, upgrade

TABLES = {
    "population", "identity", "identity_version", "identifier", "edge",
    "review_case", "review_pair", "decision", "decision_pair", "decision_undo",
}  # fmt: skip


def tables(url: str) -> set[str]:
    engine = open_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_up_and_down_and_up_again(database_url: str) -> None:
    upgrade(database_url, "0002")
    assert tables(database_url) >= TABLES
    downgrade(database_url, "0001")
    assert not tables(database_url) & TABLES
    upgrade(database_url, "0002")
    assert tables(database_url) >= TABLES
