"""The door over a real connection and on both databases: the bytes of a client, and 1,000 patients in one batch."""

import http.client
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.serving import make_server

from tests.builders import bearer, make_center, make_domain, make_key
from tests.fhir.interface import FHIR, asked, bundle, parts, reverse, value
from tests.scale import scaled
from ttp.app import create_app
from ttp.core.center import Center
from ttp.wire.xml_reading import read_xml
from ttp.wire.xml_writing import write_xml


@contextmanager
def served(center: Center) -> Iterator[http.client.HTTPConnection]:
    """A connection to the center's application on a port of loopback."""
    server = make_server("127.0.0.1", 0, create_app(center), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=120)
    try:
        yield connection
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    center = make_center(tmp_path, database_url)
    for name in ("single", "salt", "shift"):
        make_domain(center, name)
    make_domain(center, "multi", multi=True)
    return center


def _patients(amount: int) -> list[tuple[str, Any]]:
    """What an agent asks for each patient: a pseudonym, a salt and a seed."""
    ids = [uuid.uuid4().hex for _ in range(amount)]
    return [
        ("$pseudonymize", asked(domain, f"{prefix}{one}"))
        for one in ids
        for domain, prefix in (("single", ""), ("salt", "Salt_"), ("shift", "P14D_"))
    ]


def test_a_thousand_patients_are_one_batch(center: Center) -> None:
    headers = {**bearer(make_key(center, "single", "salt", "shift")), "Content-Type": FHIR}
    requests = _patients(scaled(1000, least=200, most=1000))
    with served(center) as connection:
        tokens = []
        for kind, status in (("batch", "201 Created"), ("transaction", "200 OK")):
            connection.request("POST", "/fhir", orjson.dumps(bundle(kind, *requests)), headers)
            answer = connection.getresponse()
            entries = orjson.loads(answer.read())["entry"]
            assert answer.status == 200
            assert {entry["response"]["status"] for entry in entries} == {status}
            tokens.append([value(entry["resource"]) for entry in entries])
    assert tokens[0] == tokens[1]
    assert len(set(tokens[0])) == len(requests)


def test_every_operation_is_answered_in_xml_over_a_connection(center: Center) -> None:
    headers = {
        **bearer(make_key(center, "single", "multi")),
        "Content-Type": "application/fhir+xml",
    }
    with served(center) as connection:

        def ask(path: str, body: Any) -> tuple[int, Any]:
            connection.request("POST", f"/fhir{path}", write_xml(body), headers)
            answer = connection.getresponse()
            return answer.status, read_xml(answer.read())

        status, made = ask("/$pseudonymize", asked("single", "Müller"))
        _, found = ask("/$de-pseudonymize", reverse("single", value(made)))
        ended, outcome = ask("/$anonymize-original", asked("single", "Müller"))
        gone, _ = ask("/$get-pseudonym", asked("single", "Müller"))
    assert (status, ended, gone) == (200, 200, 404)
    assert parts(found, "original", "value") == ["Müller"]
    assert outcome["issue"][0]["details"]["coding"][0]["code"] == "MSG_UPDATED"


def test_a_batch_of_ten_thousand_entries_keeps_its_order(center: Center) -> None:
    headers = {**bearer(make_key(center, "single")), "Content-Type": FHIR}
    originals = [uuid.uuid4().hex for _ in range(scaled(10_000, least=1_200, most=10_000))]
    body = bundle("batch", *[("$pseudonymize", asked("single", one)) for one in originals])
    with served(center) as connection:
        connection.request("POST", "/fhir", orjson.dumps(body), headers)
        entries = orjson.loads(connection.getresponse().read())["entry"]
    assert [value(entry["resource"], "original") for entry in entries] == originals
    assert [entry["fullUrl"] for entry in entries] == [one["fullUrl"] for one in body["entry"]]
