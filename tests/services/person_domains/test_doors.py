"""Pseudonyms of persons through the doors: JSON and NDJSON, both sessions of the client library, and files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.builders import bearer, make_center, make_http, make_key
from tests.cli.running import made, run
from tests.client.test_operations import AsyncLossy
from tests.client.test_session import Lossy
from tests.coroutines import finished
from tests.services.patients import patient, registered
from tests.services.person_domains.persons import person_domain
from ttp.client import AsyncTreuhandstelle, Failed, Issued, Treuhandstelle
from ttp.client.answers import ResolvedPerson
from ttp.core.center import Center

PATH = "/api/v1/domains/study/persons"
NAMES = [{"source": "kis", "record_id": one} for one in ("r1", "r0", "r9")]


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made_one = make_center(tmp_path)
    person_domain(made_one)
    registered(made_one, patient(0), patient(1))
    return made_one


def test_json_and_lines_say_the_same(center: Center) -> None:
    http, header = make_http(center), bearer(make_key(center, "study"))
    answered = http.post(f"{PATH}/pseudonyms", json={"persons": NAMES}, headers=header)
    assert answered.status_code == 200
    *good, bad = answered.get_json()["results"]
    assert [one["created"] for one in good] == [True, True]
    assert bad["error"]["code"] == "unknown-record"
    lines = "\n".join(json.dumps(one) for one in ({}, *NAMES))
    kinds = {"Content-Type": "application/x-ndjson", "Accept": "application/x-ndjson"}
    streamed = http.post(f"{PATH}/pseudonyms", data=lines, headers=header | kinds)
    told = [json.loads(line) for line in streamed.text.splitlines()]
    assert [one.get("pseudonym") for one in told] == [*(one["pseudonym"] for one in good), None]
    tokens = [one["pseudonym"] for one in good]
    resolved = http.post(f"{PATH}/resolve", json={"pseudonyms": tokens}, headers=header)
    records = [one["records"] for one in resolved.get_json()["results"]]
    assert records == [NAMES[:1], NAMES[1:2]]
    refused = http.post(
        "/api/v1/domains/study/resolve", json={"pseudonyms": tokens}, headers=header
    )
    assert refused.get_json()["code"] == "wrong-domain-kind"


def test_both_sessions_ask_in_chunks(center: Center) -> None:
    key, ways = make_key(center, "study"), (Lossy(center, ()), Lossy(center, ()))
    with Treuhandstelle("http://c.test", key, transport=ways[0], chunk=2) as session:
        found = session.person_pseudonyms("study", NAMES)
        tokens = [one.pseudonym for one in found if isinstance(one, Issued)]
        known = session.resolve_persons("study", tokens, reason="follow-up")
    assert isinstance(found[2], Failed)
    assert known == [ResolvedPerson((("kis", "r1"),)), ResolvedPerson((("kis", "r0"),))]
    assert len(ways[0].requests) == 3

    async def again() -> tuple[list[Issued | Failed], list[ResolvedPerson | Failed]]:
        way = AsyncLossy(ways[1])
        async with AsyncTreuhandstelle("http://c.test", key, transport=way) as session:
            asked = await session.person_pseudonyms("study", NAMES, create=False)
            return asked, await session.resolve_persons("study", tokens)

    later, records = finished(again())
    assert later[:2] == [Issued(token, created=False) for token in tokens]
    assert records == known


def test_a_file_of_record_ids_becomes_one_of_persons(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    assert run(home, "domain", "create", "study", "--persons").exit_code == 0
    source, target = tmp_path / "lab.csv", tmp_path / "out.csv"
    people = [patient(one) for one in (0, 1)]
    people.append(patient(0, record_id="r2"))
    with (tmp_path / "people.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, people[0])
        writer.writeheader()
        writer.writerows(people)
    assert run(home, "register", tmp_path / "people.csv", "--source", "kis").exit_code == 0
    source.write_text("mrn,value\nr0,1\nr1,2\nr2,3\nr0,4\n")
    ask = ("pseudonymize", source, "-o", target, "--column", "mrn=study")
    done = run(home, *ask, "--records", "kis")
    assert done.exit_code == 0, done.output
    tokens = [row["mrn"] for row in csv.DictReader(target.open())]
    assert tokens[0] == tokens[2] == tokens[3] != tokens[1]
    assert run(home, *ask, "--records", "kis", "--resolve").exit_code == 2
