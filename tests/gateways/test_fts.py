"""Agents of FTSnext run unchanged: their requests as their source sends them, answered as it reads them.

Facts of fts-next: ``DeidentifhirStep`` of both agents, ``FhirMappingProvider`` and ``DateShiftUtil`` of the trust
center agent, the records in ``care.smith.fts.util.tca``.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.builders import make_http
from tests.scale import scaled
from tests.transport.station import Station, make_station
from ttp.core.date_shifts import Preserve, java_shift_of, shifted_date
from ttp.core.errors import InvalidField

SYSTEM = "https://diz.example/fhir/sid/pid"
DOMAINS = {"pseudonym": "diz", "salt": "Salts", "dateShift": "Shifts"}
MILLISECONDS = 86_400_000


def tid(text: str) -> str:
    """A transport ID as the clinical agent draws it: 21 URL-safe characters."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())[:21].decode()


def bundle(patient: str = "p1", *, dates: tuple[str, ...] = ("1964-08-12",), **more: Any) -> Any:
    """``TransportMappingRequest`` of one patient's bundle."""
    names = [
        f"{patient}.Patient:17",
        f"{patient}.identifier.{SYSTEM}:{patient}",
        f"{patient}.identifier.https://other.example:{patient}",
    ]
    return {
        "patientIdentifier": patient,
        "patientIdentifierSystem": SYSTEM,
        "idMappings": {name: tid(name) for name in names},
        "dateMappings": {tid(f"{patient} {one}"): one for one in dates},
        "tcaDomains": DOMAINS,
        "maxDateShift": "PT336H",
        "dateShiftPreserve": "NONE",
        **more,
    }


@dataclass(frozen=True)
class Agents:
    """A clinical and a research agent of the project ``herz``."""

    station: Station
    http: FlaskClient

    def clinical(self, path: str, document: Any, **more: str) -> TestResponse:
        """As Spring's WebClient posts JSON."""
        target = f"/fts/{more.get('project', 'herz')}/{more.get('to', 'rd')}/api/v2/cd/{path}"
        key = self.station.keys[more.get("by", "cd")]
        return self.http.post(target, json=document, auth=(more.get("by", "cd"), key))

    def research(self, transfer: str, *, by: str = "rd", project: str = "herz") -> TestResponse:
        """The bare ID under the content type of JSON, as it stands on the wire."""
        return self.http.post(
            f"/fts/{project}/api/v2/rd/secure-mapping",
            data=transfer,
            content_type="application/json",
            auth=(by, self.station.keys[by]),
        )

    def carried(self, document: Any) -> Any:
        """What the research agent reads of what the clinical one sent."""
        handed = self.clinical("transport-mapping", document)
        assert handed.status_code == 200, handed.text
        answer = self.research(str((handed.get_json() or {})["transferId"]))
        assert answer.status_code == 200, answer.text
        assert answer.content_type == "application/json"
        return answer.get_json()


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Agents:
    station = make_station(tmp_path_factory.mktemp("fts"))
    return Agents(station, make_http(station.center))


def test_each_transport_id_stands_for_a_hash_and_that_of_the_patient_for_the_pseudonym(
    agents: Agents,
) -> None:
    asked = bundle("one")
    found = agents.carried(asked)["tidPidMap"]
    assert found.keys() == set(asked["idMappings"].values())
    pseudonym = agents.station.exchange_seed("one")
    for name, transport_id in asked["idMappings"].items():
        if name == f"one.identifier.{SYSTEM}:one":
            assert found[transport_id] == pseudonym
        else:
            assert len(bytes.fromhex(found[transport_id])) == 32


def test_stable_ids_are_stable_and_those_of_one_patient_are_not_of_another(agents: Agents) -> None:
    first, again = (agents.carried(bundle("two"))["tidPidMap"] for _ in range(2))
    assert first == again
    other = agents.carried(bundle("three"))["tidPidMap"]
    assert not set(first.values()) & set(other.values())


@pytest.mark.parametrize("preserve", ["NONE", "DAYTIME", "WEEKDAY"])
def test_all_dates_of_a_patient_move_alike_and_keep_their_precision(
    agents: Agents, preserve: str
) -> None:
    dates = ("2024-01-15", "2024-01-25", "2024", "2024-01", "2024-01-15T10:00:00+01:00")
    asked = bundle("four", dates=dates, dateShiftPreserve=preserve)
    found = agents.carried(asked)["dateShiftMap"]
    moved = {one: found[transport_id] for transport_id, one in asked["dateMappings"].items()}
    assert [len(one) for one in moved.values() if "." not in one] == [
        len(one) for one, other in moved.items() if "." not in other
    ]
    distance = date.fromisoformat(moved["2024-01-25"]) - date.fromisoformat(moved["2024-01-15"])
    assert distance == timedelta(days=10)
    if preserve == "WEEKDAY":
        assert date.fromisoformat(moved["2024-01-15"]).weekday() == date(2024, 1, 15).weekday()
    if preserve != "NONE":
        assert moved["2024-01-15T10:00:00+01:00"].endswith("T10:00:00+01:00")


def test_a_longest_shift_may_be_a_number_of_seconds(agents: Agents) -> None:
    spelled, counted = (
        agents.carried(bundle("five", maxDateShift=longest))["dateShiftMap"]
        for longest in ("P14D", 1_209_600)
    )
    assert spelled == counted


def test_many_bundles_are_answered_in_their_order(agents: Agents) -> None:
    asked = [bundle(f"six-{number % 7}") for number in range(10)]
    answer = agents.clinical("transport-mappings", {"requests": asked})
    transfers = (answer.get_json() or {})["transferIds"]
    assert len(set(transfers)) == 10
    for one, transfer in zip(asked, transfers, strict=True):
        found = (agents.research(transfer).get_json() or {})["tidPidMap"]
        assert found.keys() == set(one["idMappings"].values())


def test_where_the_agents_salts_and_seeds_were_imported_everything_goes_on(tmp_path: Path) -> None:
    station = make_station(tmp_path, domains=("diz", "salts", "shifts"))
    agents = Agents(station, make_http(station.center))
    domains = {"pseudonym": "diz", "salt": "salts", "dateShift": "shifts"}
    asked = bundle("seven", tcaDomains=domains)
    found = agents.carried(asked)
    salt = _known(agents, "salts", "Salt_seven")["pseudonym"]
    seed = _known(agents, "shifts", "PT336H_seven")["pseudonym"]
    name = "seven.Patient:17"
    hashed = hashlib.sha256((salt + name).encode()).hexdigest()
    assert found["tidPidMap"][tid(name)] == hashed
    shift = java_shift_of(seed, timedelta(days=14), Preserve.NONE, discard=1)
    ((_, moved),) = found["dateShiftMap"].items()
    assert moved == shifted_date("1964-08-12", shift)


def _known(agents: Agents, domain: str, original: str) -> Any:
    answer = agents.http.post(
        f"/api/v1/domains/{domain}/pseudonyms",
        json={"originals": [original], "create": False},
        headers={"Authorization": f"Bearer {agents.station.keys['cd']}"},
    )
    return (answer.get_json() or {})["results"][0]


def test_a_transfer_is_read_once_by_its_receiver_in_its_project(agents: Agents) -> None:
    handed = agents.clinical("transport-mapping", bundle("eight"))
    transfer = str((handed.get_json() or {})["transferId"])
    assert agents.research(transfer, by="other").status_code == 404
    assert agents.research(transfer, project="lunge").status_code == 404
    assert agents.research(f'"{transfer}"').status_code == 200
    assert agents.research(transfer).status_code == 409


@pytest.mark.parametrize(
    ("path", "document", "status"),
    [
        pytest.param("transport-mapping", {}, 400, id="empty"),
        pytest.param("transport-mapping", [], 400, id="a list"),
        pytest.param("transport-mapping", bundle(maxDateShift="P1M"), 400, id="a month"),
        pytest.param("transport-mapping", bundle(maxDateShift=1e300), 400, id="an eon"),
        pytest.param("transport-mapping", bundle(dateShiftPreserve="none"), 400, id="spelling"),
        pytest.param("transport-mapping", bundle(dates=("today",)), 400, id="no date"),
        pytest.param("transport-mapping", bundle(""), 400, id="no patient"),
        pytest.param("transport-mapping", bundle(idMappings={"a": "short"}), 400, id="short tID"),
        pytest.param(
            "transport-mapping",
            bundle(idMappings={}, dateMappings={}),
            400,
            id="nothing to carry",
        ),
        pytest.param(
            "transport-mapping",
            bundle(tcaDomains={**DOMAINS, "pseudonym": "none"}),
            400,
            id="unknown domain",
        ),
        pytest.param(
            "transport-mapping",
            {"patientId": "p1", "resourceIds": ["p1.Patient:1"], "tcaDomains": DOMAINS},
            400,
            id="of an older agent",
        ),
        pytest.param("transport-mappings", {"requests": [bundle(), {}]}, 400, id="one of two"),
        pytest.param("consented-patients/fetch-all", {"domain": "MII"}, 404, id="consents"),
    ],
)
def test_what_is_wrong_is_a_problem_with_a_reason(
    agents: Agents, path: str, document: Any, status: int
) -> None:
    """The clinical agent reads ``detail`` of a 400; no value of the patient stands in it."""
    answer = agents.clinical(path, document)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert (answer.get_json() or {})["detail"]
    assert "1964" not in answer.text


def test_nothing_is_kept_of_a_request_with_a_flaw(agents: Agents) -> None:
    flawed = {"requests": [bundle("nine"), bundle("ten", dates=("never",))]}
    assert agents.clinical("transport-mappings", flawed).status_code == 400
    assert _known(agents, "diz", "nine")["error"]["code"] == "unknown-original"


def test_who_may_not_is_refused(agents: Agents) -> None:
    http = agents.http
    target = "/fts/herz/rd/api/v2/cd/transport-mapping"
    assert http.post(target, json=bundle()).status_code == 401
    assert http.post(target, json=bundle(), auth=("cd", "wrong")).status_code == 401
    assert agents.clinical("transport-mapping", bundle(), to="nobody").status_code == 404


@settings(max_examples=scaled(100), deadline=None)
@given(
    st.datetimes(min_value=datetime(1900, 1, 1)),  # noqa: DTZ001 - the zone is drawn by itself
    st.integers(-3650 * MILLISECONDS, 3650 * MILLISECONDS),
    st.sampled_from(["Z", "+01:00", "-11:30"]),
)
def test_a_shift_back_gives_the_moment_again(moment: datetime, shift: int, zone: str) -> None:
    text = f"{moment.replace(microsecond=0):%Y-%m-%dT%H:%M:%S}.000{zone}".rjust(24, "0")
    try:
        moved = shifted_date(text, shift)
    except InvalidField:
        assert moment.year > 9980
    else:
        assert shifted_date(moved, -shift) == text


@pytest.mark.parametrize(
    ("text", "shift", "expected"),
    [
        ("2024-01-15", 1, "2024-01-15"),
        ("2024-01-15", -1, "2024-01-14"),
        ("2024-03-01", -MILLISECONDS, "2024-02-29"),
        ("2024", -1, "2023"),
        ("2024-01", -MILLISECONDS, "2023-12"),
        ("2024-01-15T10:00:00.5+02:00", 1, "2024-01-15T10:00:00.501+02:00"),
        ("0999-12-31", 0, "0999-12-31"),
    ],
)
def test_shifted_dates_are_as_precise_as_they_were(text: str, shift: int, expected: str) -> None:
    assert shifted_date(text, shift) == expected


@pytest.mark.parametrize(
    "text", ["", "15.01.2024", "2024-1", "2024-13", "2024-01-15T10:00:00", "0000", "２０２４"]
)
def test_what_is_no_date_is_not_shifted(text: str) -> None:
    with pytest.raises(InvalidField):
        shifted_date(text, 0)
