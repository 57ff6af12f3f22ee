"""Migrations lead to exactly the tables of the program, step by step, up and down, with data in them."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from tests.builders import make_center, make_domain
from tests.services.pseudonyms.asking import Asking
from ttp.storage.engine import open_engine
from ttp.storage.migrate import _config, downgrade, is_current, upgrade
from ttp.storage.tables import metadata


def differences(url: str) -> list[Any]:
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[Any] = list(compare_metadata(context, metadata))
    engine.dispose()
    return found


def tables(url: str) -> set[str]:
    engine = open_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def revisions() -> list[str]:
    script = ScriptDirectory.from_config(_config("sqlite://"))
    return [revision.revision for revision in script.walk_revisions()][::-1]


def test_the_newest_revision_is_exactly_the_tables_of_the_program(database_url: str) -> None:
    upgrade(database_url)
    assert is_current(database_url)
    assert differences(database_url) == []


def test_every_step_leads_up_and_down_again(database_url: str) -> None:
    known = revisions()
    upgrade(database_url)
    for target in [*known[-2::-1], "base"]:
        downgrade(database_url, target)
        assert not is_current(database_url)
    assert tables(database_url) <= {"alembic_version"}
    for target in known:
        upgrade(database_url, target)
    assert differences(database_url) == []


def test_there_is_one_line_of_revisions() -> None:
    assert len(ScriptDirectory.from_config(_config("sqlite://")).get_heads()) == 1


def test_pseudonyms_survive_going_down_to_the_foundations_and_up_again(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    ask = Asking(center)
    single, multi = make_domain(center, "single"), make_domain(center, "multi", multi=True)
    tokens = ask.tokens(single, ["x", "y"])
    more = ask.secondaries(multi, "x", 3)
    downgrade(database_url, "0001")
    upgrade(database_url)
    assert ask.tokens(single, ["x", "y"]) == tokens
    assert ask.secondaries(multi, "x", 0) == more
    assert ask.resolve(single, tokens) == [("x",), ("y",)]


@pytest.mark.postgres
def test_two_programs_may_migrate_a_database_at_the_same_time(postgres_database: str) -> None:
    """The second finds everything done: an upgrade repeated changes nothing."""
    upgrade(postgres_database)
    upgrade(postgres_database)
    engine = open_engine(postgres_database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    engine.dispose()
