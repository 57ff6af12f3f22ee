"""Offices for the tests of four eyes."""

from pathlib import Path

import pytest

from tests.four_eyes.office import Office, open_office


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Office:
    """On each database."""
    return open_office(tmp_path, database_url)


@pytest.fixture
def small(tmp_path: Path) -> Office:
    """On the embedded database only, for what no database can change."""
    return open_office(tmp_path)
