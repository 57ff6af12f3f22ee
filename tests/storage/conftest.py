"""Databases on which nothing was done yet: here the migrations themselves are tried."""

import uuid
from collections.abc import Iterator

import pytest

from tests.conftest import SQLALCHEMY_SCHEME
from tests.postgres_server import new_database


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The `postgresql+psycopg://` URL of a fresh, empty database, dropped after the test."""
    with new_database(postgres_url, f"t{uuid.uuid4().hex}") as url:
        yield url.replace("postgresql://", SQLALCHEMY_SCHEME, 1)
