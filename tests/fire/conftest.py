"""One center for each module and kind of database; tests make domains of their own in it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_center
from tests.conftest import SQLALCHEMY_SCHEME
from tests.migrated import TEMPLATE
from tests.postgres_server import new_database
from tests.services.pseudonyms.asking import Asking


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def ask(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asking]:
    folder: Path = tmp_path_factory.mktemp("center")
    if request.param == "sqlite":
        yield Asking(make_center(folder))
        return
    server: str = request.getfixturevalue("postgres_url")
    with new_database(server, f"t{uuid.uuid4().hex}", template=TEMPLATE) as url:
        yield Asking(make_center(folder, url.replace("postgresql://", SQLALCHEMY_SCHEME, 1)))
