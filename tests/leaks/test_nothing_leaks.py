"""Nothing that went through the service lies where it should not: not in the database, raw or dumped, not in files,
logs, metrics, traces, errors, addresses, exports, or what a crash leaves."""

from __future__ import annotations

import base64
import re
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from keys.custody import RootKey
from keys.custody.file import unseal
from keys.keyring import Keyring, KeyState
from tests.cli.running import PASSPHRASE, made, run
from tests.conftest import SQLALCHEMY_SCHEME
from tests.fhir.interface import asked, bundle, value
from tests.journeys.test_canary import mishandled
from tests.leaks.spellings import found_in
from tests.leaks.stored import dump, raw_files
from tests.leaks.watched import Watched, watched
from tests.migrated import TEMPLATE
from tests.postgres_server import new_database

TOKEN = re.compile(r'name="token" value="([^"]+)"')
ALONE = {"TTP_FOUR_EYES": "demo"}
"""One person suffices for the client's grant: this is about what is stored, not about who allows it."""
TRACE = {"traceparent": "00-{0}-b7ad6b7169203331-01", "tracestate": "x={1}", "baggage": "p={1}"}


def word(mark: str) -> str:
    """A name that no other text has."""
    return f"{mark}{uuid.uuid4().hex[:16].translate(str.maketrans('0123456789', 'ghijklmnop'))}"


@dataclass(frozen=True)
class Canaries:
    """What is sent in. No two runs have the same, so that what is found is of this one."""

    original: str
    guess: str
    person: Mapping[str, str]
    key: str
    password: str

    def of_patients(self) -> dict[str, str | bytes]:
        """What tells who a patient is."""
        return {"original": self.original, "guess": self.guess, **self.person}

    def of_access(self) -> dict[str, str | bytes]:
        """What opens something."""
        return {"API key": self.key, "password": self.password, "passphrase": PASSPHRASE.decode()}


def patient() -> dict[str, str]:
    """A patient whose every value is a canary of eight characters or more."""
    return {
        "record_id": word("Fallnummer"),
        "given_name": word("Kanarina").title(),
        "surname": word("Vogelsänger").title(),
        "birth_date": "1907-11-23",
        "city": word("Käfigstadt").title(),
        "kvnr": "K179354682",
    }


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of a home: its own, or one on a server."""
    if request.param == "sqlite":
        yield ""
        return
    server: str = request.getfixturevalue("postgres_url")
    with new_database(server, f"t{uuid.uuid4().hex}", template=TEMPLATE) as url:
        yield url.replace("postgresql://", SQLALCHEMY_SCHEME, 1)


def arranged(folder: Path, environment: dict[str, str]) -> tuple[Path, Canaries]:
    """A home with a domain, a client and a steward."""
    home = made(folder / "home", "diz", **environment)
    options = ["client", "create", "p", "--role", "pipeline", "--domain", "diz"]
    key = run(home, *options, **environment).stdout.strip()
    password = word("losung")
    (folder / "password").write_text(f"{password}\n")
    steward = ["staff", "create", "anna", "--role", "steward", "--password-file"]
    assert run(home, *steward, folder / "password", **environment).exit_code == 0
    return home, Canaries(word("original"), word("geraten"), patient(), key, password)


def used(now: Watched, sent: Canaries) -> str:
    """The API, FHIR and the pages, used as they are meant; gives the pseudonym."""
    http, bearer = now.http, {"Authorization": f"Bearer {sent.key}"}
    once = bearer | {"Idempotency-Key": uuid.uuid4().hex}
    body: dict[str, Any] = {"originals": [sent.original]}
    issued = http.post("/api/v1/domains/diz/pseudonyms", json=body, headers=once).json()
    pseudonym = str(issued["results"][0]["pseudonym"])
    again = http.post("/fhir/$pseudonymize", json=asked("diz", sent.original), headers=bearer)
    assert value(again.json()) == pseudonym
    found = http.post(
        "/api/v1/domains/diz/resolve", json={"pseudonyms": [pseudonym]}, headers=bearer
    ).json()
    assert found["results"][0]["originals"] == [sent.original]
    body = {"source": "kis", "records": [dict(sent.person)]}
    assert http.post("/api/v1/identities", json=body, headers=bearer).status_code == 200
    return pseudonym


def looked_up(now: Watched, sent: Canaries) -> str:
    """A steward logs in, searches the patient and looks at her; gives the session's token."""
    http = now.http
    entered = {"name": "anna", "password": sent.password, "token": token(http.get("/login"))}
    inside = http.post("/login", data=entered)
    assert inside.url.path == "/"
    shown = http.post(
        "/persons",
        data={
            "token": token(inside),
            "surname": sent.person["surname"],
            "birth_date": sent.person["birth_date"],
        },
    )
    assert shown.status_code == 200
    person = re.search(r'href="(/persons/[0-9a-f-]{36})"', shown.text)
    assert person is not None
    page = http.get(person[1])
    seen = http.post(f"{person[1]}/reveal", data={"token": token(page), "reason": "a canary"})
    assert sent.person["surname"] in seen.text
    (session,) = [cookie.value for cookie in http.cookies.jar if cookie.name.endswith("-session")]
    assert session
    return session


def token(page: httpx.Response) -> str:
    found = TOKEN.search(page.text)
    assert found is not None, page.url
    return found[1]


def misused(now: Watched, sent: Canaries) -> None:
    """Requests that are refused, with canaries wherever somebody could put one."""
    http, bearer = now.http, {"Authorization": f"Bearer {sent.key}"}
    traced = {
        name: form.format("0af7651916cd43dd8448eb211c80319c", sent.guess)
        for name, form in TRACE.items()
    }
    basic = base64.b64encode(f"p:{sent.guess}".encode()).decode()
    traced |= {"User-Agent": sent.guess, "X-Request-ID": sent.guess, "Referer": sent.guess}
    for method, path, content in mishandled(sent.guess):
        http.request(method, path, json=content, headers=bearer | traced)
    records: list[Any] = [
        {"surname": [sent.person["surname"]]},
        dict(sent.person) | {"birth_date": sent.person["surname"]},
        dict(sent.person) | {sent.guess: "x"},
        dict(sent.person) | {"surname": sent.person["surname"] + "\x00"},
        sent.person["surname"],
    ]
    for record in records:
        body = {"source": "kis", "records": [record]}
        http.post("/api/v1/identities", json=body, headers=bearer)
    http.post(
        "/fhir",
        json=bundle("batch", (sent.guess, {"resourceType": sent.guess})),
        headers=bearer,
    )
    http.get("/api/v1/domains", headers={"Authorization": f"Bearer {sent.guess}"})
    http.get("/api/v1/domains", headers={"Authorization": f"Basic {basic}"})
    with httpx.Client(base_url=http.base_url, follow_redirects=True) as stranger:
        form = stranger.get("/login")
        entered = {"name": sent.password, "password": sent.guess, "token": token(form)}
        now.answers.append(stranger.post("/login", data=entered))
        now.answers.append(stranger.post("/login", data={"name": sent.guess, "token": "x"}))


def broken(now: Watched, sent: Canaries, database: str) -> None:
    """What the service depends on is taken away beneath it: the worst error there is, over values in use."""
    if database:
        with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as session:
            session.execute("ALTER TABLE pseudonym RENAME TO gone")
    else:
        with sqlite3.connect(now.home / "ttp.db", timeout=30) as session:
            session.execute("ALTER TABLE pseudonym RENAME TO gone")
    bearer = {"Authorization": f"Bearer {sent.key}"}
    body = {"originals": [sent.original, word("another")]}
    answer = now.http.post("/api/v1/domains/diz/pseudonyms", json=body, headers=bearer)
    assert answer.status_code in (500, 503)
    answer = now.http.post("/fhir/$pseudonymize", json=asked("diz", sent.original), headers=bearer)
    assert answer.status_code in (500, 503)


def secrets_of(home: Path) -> dict[str, str | bytes]:
    """The root and every key of the home; material in use, and what it is derived from is sealed under the root."""
    root: RootKey = unseal(home / "root.json", passphrase=PASSPHRASE)
    keyring = Keyring.open(home / "keyring", root=root)
    held: dict[str, str | bytes] = {"root": bytes(root)}
    for one in keyring.all_versions():
        if one.state in (KeyState.ACTIVE, KeyState.RETIRED):
            material = keyring.at(one.purpose, one.domain, one.version)
            held[f"{one.purpose}/{one.domain}/{one.version}"] = material.secret
    assert len(held) > 5
    return held


def test_nothing_that_went_through_is_found_anywhere(tmp_path: Path, database: str) -> None:
    began = time.time() - 2
    environment = ALONE | ({"TTP_DATABASE": database} if database else {})
    home, sent = arranged(tmp_path, environment)
    with watched(home, tmp_path / "watch", **environment) as now:
        pseudonym = used(now, sent)
        session = looked_up(now, sent)
        good = len(now.answers)
        misused(now, sent)
        for path in ("/metrics", "/readyz", "/openapi.json"):
            now.http.get(path)
        assert run(home, "audit", "export", tmp_path / "export.log", **environment).exit_code == 0
        kept = dump(home, database)
        broken(now, sent, database)
        secret = sent.of_patients() | sent.of_access() | {"session": session} | secrets_of(home)
        refused = b"\n".join(answer.content for answer in now.answers[good:])
        assert found_in(refused, secret | {"pseudonym": pseudonym}) == {}
        assert found_in(now.headers, sent.of_patients() | sent.of_access()) == {}
        assert found_in(now.temporary(), secret | {"pseudonym": pseudonym}) == {}
        assert found_in(now.surroundings(), secret | {"pseudonym": pseudonym}) == {}
        assert found_in(now.home_files(), secret) == {}
        assert _core_limits(now) == {0}
    assert b"sqlalchemy" in now.log  # it did speak of its statements
    assert b"Traceback" not in now.log
    assert found_in(now.log, secret | {"pseudonym": pseudonym}) == {}
    assert found_in((tmp_path / "export.log").read_bytes(), secret | {"pseudonym": pseudonym}) == {}
    assert pseudonym.encode() in kept  # what is looked through is the right place
    assert found_in(kept, secret) == {}
    assert found_in(raw_files(database, since=began), secret) == {}


def _core_limits(now: Watched) -> set[int]:
    """How many bytes of memory each process may leave in a core file."""
    lines = [Path(f"/proc/{one.pid}/limits").read_text() for one in now.processes()]
    return {
        int(number)
        for text in lines
        for number in re.findall(r"Max core file size +(\d+) +(\d+)", text)[0]
    }
