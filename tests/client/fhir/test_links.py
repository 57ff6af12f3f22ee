"""Links: an ID or identifier within the address of an operation or a search does not pass in silence."""

import json

import pytest

from tests.client.fhir.test_planning import PID, PSEUDONYM, RULES, back, forward, pseudonym
from ttp.client.fhir.planning import Planner
from ttp.client.files.json_text import parse, spliced
from ttp.client.files.ndjson import Unplannable

BASE = "https://kh.example/fhir"
LINKS = {
    f"{BASE}/Patient/17/$everything": f"{BASE}/Patient/p-71/$everything",
    f"{BASE}/Patient/17/$everything?_count=50": f"{BASE}/Patient/p-71/$everything?_count=50",
    f"{BASE}/Patient/17/Observation?code=1": f"{BASE}/Patient/p-71/Observation?code=1",
    f"{BASE}/Patient/17/_history": f"{BASE}/Patient/p-71/_history",
    "/Patient/17": "/Patient/p-71",
    "Patient/17/": "Patient/p-71/",
    f"Encounter?subject:identifier={PID}|17": f"Encounter?subject:identifier={PSEUDONYM}|pid-71",
    f"Encounter?subject:Patient.identifier={PID}|17": (
        f"Encounter?subject:Patient.identifier={PSEUDONYM}|pid-71"
    ),
}
NO_RESOURCES = (
    f"{BASE}?_getpages=17",
    "https://kh.example/Fhir/R4/Patient",
    "https://kh.example/api/FHIR/R4/Patient?_count=5",
    "Patient?_has:Observation:patient:code=17",
    "Patient/_history",
)


def linked(url: str) -> str:
    return json.dumps({"resourceType": "Bundle", "id": "b", "link": [{"url": url}]})


@pytest.mark.parametrize("url", LINKS)
def test_what_a_link_asks_about_is_exchanged(url: str) -> None:
    text = linked(url)
    assert json.loads(forward(text))["link"][0]["url"] == LINKS[url]
    assert back(forward(text)) == text


@pytest.mark.parametrize("url", NO_RESOURCES)
def test_what_names_no_resource_stays(url: str) -> None:
    plan = Planner(RULES).resource(linked(url), parse(linked(url)))
    assert spliced(linked(url), plan.splices, [pseudonym("b", "b")]) == linked(url)


def test_an_identifier_without_a_rule_is_refused_in_a_link_too() -> None:
    text = linked("Encounter?subject:identifier=urn:other|17")
    with pytest.raises(Unplannable, match="no-rule-for-identifier"):
        Planner(RULES).resource(text, parse(text))
