"""Originals that went through the service are found nowhere: not in its database, files, log, metrics or errors."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.cli.running import made, run, served
from tests.conftest import SQLALCHEMY_SCHEME
from tests.fhir.interface import asked, bundle
from tests.migrated import TEMPLATE
from tests.postgres_server import new_database
from tests.scale import scaled

MARK = "Kanarienvogel"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of a home: its own, or one on a server."""
    if request.param == "sqlite":
        yield ""
        return
    server: str = request.getfixturevalue("postgres_url")
    with new_database(server, f"t{uuid.uuid4().hex}", template=TEMPLATE) as url:
        yield url.replace("postgresql://", SQLALCHEMY_SCHEME, 1)


def canaries(count: int) -> list[str]:
    return [f"{MARK}-{number}-{uuid.uuid4().hex}" for number in range(count)]


def mishandled(mark: str) -> list[tuple[str, str, Any]]:
    """Requests that are refused, each with a canary where one can be put."""
    api, fhir = "/api/v1/domains", "/fhir"
    return [
        ("POST", f"{api}/diz/pseudonyms", {"originals": [f"{mark}\x00", mark * 500]}),
        ("POST", f"{api}/diz/pseudonyms", {"originals": [mark], mark: 1}),
        ("POST", f"{api}/diz/pseudonyms", {"originals": mark}),
        ("POST", f"{api}/diz/pseudonyms", {"originals": [f"{mark}\x01"], "atomic": True}),
        ("POST", f"{api}/diz/pseudonyms", mark),
        ("POST", f"{api}/diz/resolve", {"pseudonyms": [mark], "reason": mark * 100}),
        ("POST", f"{api}/{mark}/pseudonyms", {"originals": [mark]}),
        ("POST", f"{api}/diz/anonymize", {"originals": [mark]}),
        ("POST", f"{fhir}/$pseudonymize", asked(mark, mark)),
        ("POST", f"{fhir}/$get-pseudonym", asked("diz", mark)),
        ("POST", f"{fhir}/${mark}", asked("diz", mark)),
        ("POST", fhir, bundle(mark, (mark, mark))),
        ("POST", fhir, bundle("transaction", ("$get-pseudonym", asked("diz", mark)))),
        ("GET", f"/{mark}?patient={mark}", None),
        ("DELETE", f"{api}/diz/pseudonyms", mark),
    ]


def everything_stored(home: Path, database: str) -> bytes:
    """Every byte of the home, of the service's log, and of the database."""
    files = [path for path in home.rglob("*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in [*files, home.with_name("home.log")])
    if not database:
        return stored
    with psycopg.connect(database.replace("+psycopg", "")) as session:
        names = session.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (name,) in names:
            rows = session.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
            stored += "".join(str(row) for (row,) in rows).encode()
    return stored


def test_no_original_is_found_anywhere(tmp_path: Path, database: str) -> None:
    environment = {"TTP_FOUR_EYES": "demo"} | ({"TTP_DATABASE": database} if database else {})
    home = made(tmp_path / "home", "diz", **environment)
    options = ["client", "create", "p", "--role", "pipeline", "--domain", "diz"]
    key = run(home, *options, **environment).stdout.strip()
    originals = canaries(scaled(200))
    with (
        served(home, **environment) as (url, _),
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as http,
    ):
        made_now = http.post("/api/v1/domains/diz/pseudonyms", json={"originals": originals})
        tokens = [item["pseudonym"] for item in made_now.json()["results"]]
        body = {"pseudonyms": tokens}
        found = http.post(
            "/api/v1/domains/diz/resolve", json=body, headers={"Idempotency-Key": "k"}
        )
        assert [item["originals"] for item in found.json()["results"]] == [[o] for o in originals]
        (mark,) = canaries(1)
        for method, path, content in mishandled(mark):
            told = http.request(method, path, json=content)
            assert told.status_code < 500, (method, path)
            assert MARK not in told.text, (method, path)
        for path in ("/metrics", "/readyz"):
            assert MARK not in http.get(path).text
    stored = everything_stored(home, database)
    assert tokens[0].encode() in stored  # what is looked through is the right place
    for spelled in (MARK, MARK.lower(), MARK.encode("utf-16-le").decode("latin-1")):
        assert spelled.encode("latin-1") not in stored
    assert MARK.encode().hex().encode() not in stored
    assert key.encode() not in stored
