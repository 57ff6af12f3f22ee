"""Evidence: sites say more about what they submitted, in codes and encodings, within a budget, and to nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.comparators import Level
from linkage.encode import Encoder
from linkage.score import load_parameters
from tests.federation.network import PROJECT, Network
from tests.federation.test_linkage_run import ANNA, persons, start
from ttp.core.access import OPERATOR, peer_actor
from ttp.core.consent import ConsentStatement, Provision
from ttp.core.errors import NotAllowed, TooManyItems
from ttp.core.evidence import DAILY_BUDGET, EvidenceBudgetExceeded, EvidenceOutcome
from ttp.core.evidence_scoring import EvidenceRecord, agreements, evidence_schema, weigh
from ttp.core.federation import WrongRole
from ttp.core.names import CenterName
from ttp.core.persons import LOCAL
from ttp.core.projects import population_of
from ttp.core.review import CaseQuery
from ttp.services.consents.record_consent import record_consent
from ttp.services.projects import run_linkage as run_of_linkage
from ttp.services.projects.answer_evidence import answer_evidence
from ttp.services.projects.encode_patients import records_under
from ttp.services.projects.hold_linkage_secret import draw_linkage_secret

FIELDS = ("given_name", "surname", "birth_name", "birth_date", "sex", "postcode", "city", "kvnr")
ENCODER = Encoder(evidence_schema(), secret=bytes(32), project="cardio/evidence")


def evidence_of(*codes: str, **fields: str | None) -> EvidenceRecord:
    """What a site would say of a record."""
    record = {**dict.fromkeys(FIELDS), **fields}
    born = {**record, "surname": record["birth_name"]}
    turned = {**record, "given_name": record["surname"], "surname": record["given_name"]}
    return EvidenceRecord(
        encoding=records_under(ENCODER, {"p": record})[0],
        born=records_under(ENCODER, {"p": born})[0] if record["birth_name"] else None,
        turned=records_under(ENCODER, {"p": turned})[0],
        codes=frozenset(codes),
    )


SCENARIOS: dict[str, tuple[dict[str, str | None], str]] = {
    "the same record": ({}, "match"),
    "one typing error in the surname": ({"surname": "Kanarje"}, "match"),
    "a double given name": ({"given_name": "Anna-Maria"}, "match"),
    "day and month exchanged": ({"birth_date": "1958-01-04"}, "match"),
    "moved to another town": ({"postcode": "23552", "city": "Lübeck"}, "match"),
    "married, and the birth name is known": ({"surname": "Ohm", "birth_name": "Kanarie"}, "match"),
    "married and moved, birth name unknown": (
        {"surname": "Ohm", "postcode": "23552", "city": "Lübeck"},
        "possible",
    ),
    "given name and surname exchanged": ({"given_name": "Kanarie", "surname": "Anna"}, "match"),
    "a sister": ({"given_name": "Berta", "birth_date": "1961-09-30"}, "non-match"),
    "a twin sister": ({"given_name": "Berta"}, "possible"),
    "somebody else": (
        {"given_name": "Otto", "surname": "Ohm", "birth_date": "1931-12-24", "sex": "m"},
        "non-match",
    ),
}


@pytest.mark.parametrize("sentence", SCENARIOS)
def test_evidence_says(sentence: str) -> None:
    change, outcome = SCENARIOS[sentence]
    weighed = weigh(evidence_of(**ANNA), evidence_of(**{**ANNA, **change}))
    assert weighed.outcome.value == outcome
    assert weighed.weight == pytest.approx(sum(part.weight for part in weighed.contributions))


def test_known_twins_are_left_to_people() -> None:
    near = {**ANNA, "given_name": "Anne"}
    assert weigh(evidence_of(**ANNA), evidence_of(**near)).outcome is EvidenceOutcome.MATCH
    twin = evidence_of("twin-known", **near)
    assert weigh(evidence_of(**ANNA), twin).outcome is EvidenceOutcome.POSSIBLE


def test_an_equal_insurance_number_speaks_for_one_person() -> None:
    one, other = (evidence_of(**ANNA, kvnr=number) for number in ("A123456780", "B987654320"))
    assert agreements(one, one)["kvnr"].level is Level.EQUAL
    assert agreements(one, other)["kvnr"].level is Level.DIFFERENT
    assert weigh(one, one).weight > weigh(one, other).weight


def test_what_is_missing_weighs_nothing() -> None:
    bare = evidence_of(surname="Kanarie", birth_date="1958-04-01")
    found = agreements(evidence_of(**ANNA), bare)
    assert found["given_name"].level is found["postcode"].level is Level.MISSING


@given(
    names=st.lists(st.sampled_from(["Anna", "Anne", "Otto", "Kim", "Zoë"]), min_size=2, max_size=2),
    years=st.lists(st.integers(1930, 1999), min_size=2, max_size=2),
)
def test_the_order_of_two_records_does_not_matter(names: list[str], years: list[int]) -> None:
    first, second = (
        evidence_of(**{**ANNA, "given_name": name, "birth_date": f"{year}-04-01"})
        for name, year in zip(names, years, strict=True)
    )
    assert weigh(first, second) == weigh(second, first)


# between centers


def doubtful(tmp_path: Path, **more: Any) -> Network:
    """Two records that the encodings alone cannot tell apart, among others."""
    network = start(tmp_path, **more)
    network.populate(100, seed=1)
    network.register("nord", [{**ANNA, "record_id": "1"}])
    network.register(
        "sued",
        [{**ANNA, "surname": "Ohm", "birth_name": "Kanarie", "record_id": "2"}],
    )
    network.submit("nord")
    network.submit("sued")
    return network


def submitted(network: Network, site: str) -> list[str]:
    """The submission pseudonyms a site has issued."""
    center = network.sites[site]
    with center.work.begin(write=False) as tx:
        domain = tx.domains.get(f"{PROJECT}.submission")
        return sorted(tx.pseudonyms.taken(domain))


def ask(network: Network, pseudonyms: list[str], *, by: str = "bund", at: str = "sued") -> Any:
    """Ask a site as a peer would."""
    center = network.sites[at]
    return center.work.run(
        lambda tx: answer_evidence(
            center,
            tx,
            peer_actor(CenterName(by)),
            project_name=PROJECT,
            pseudonyms=pseudonyms,
        )
    )


def test_answers_hold_codes_and_encodings_and_no_names(tmp_path: Path) -> None:
    network = doubtful(tmp_path)
    answer = ask(network, submitted(network, "sued"))
    text = orjson.dumps(answer)
    assert len(answer["records"]) == len(submitted(network, "sued"))
    assert b"Kanarie" not in text
    assert b"Greifswald" not in text
    codes = {code for record in answer["records"].values() for code in record["codes"]}
    assert "birth-name-differs" in codes


def test_twins_are_known_to_the_site_that_treats_both(tmp_path: Path) -> None:
    network = start(tmp_path)
    network.register(
        "sued",
        [{**ANNA, "record_id": "1"}, {**ANNA, "given_name": "Berta", "record_id": "2"}],
    )
    network.submit("sued")
    answer = ask(network, submitted(network, "sued"))
    codes = [record["codes"] for record in answer["records"].values()]
    assert all("twin-known" in one for one in codes)
    assert codes


def test_only_what_was_submitted_to_the_project_is_answered(tmp_path: Path) -> None:
    network = doubtful(tmp_path)
    own = submitted(network, "sued")[0]
    stranger = submitted(network, "nord")[0]
    answer = ask(network, [own, stranger, "unheard-of"])
    assert list(answer["records"]) == [own]
    assert answer["unknown"] == sorted([stranger, "unheard-of"])


def test_only_the_linking_center_is_answered(tmp_path: Path) -> None:
    network = doubtful(tmp_path)
    with pytest.raises(NotAllowed):
        ask(network, submitted(network, "sued"), by="nord")
    with pytest.raises(WrongRole):
        network.bund.work.run(
            lambda tx: answer_evidence(
                network.bund,
                tx,
                peer_actor(CenterName("bund")),
                project_name=PROJECT,
                pseudonyms=[],
            )
        )


def test_questions_have_a_daily_budget(tmp_path: Path) -> None:
    network = start(tmp_path)
    with pytest.raises(TooManyItems):
        ask(network, ["x"] * 501)
    for _ in range(DAILY_BUDGET // 500):
        ask(network, ["x"] * 500)
    with pytest.raises(EvidenceBudgetExceeded):
        ask(network, ["x"])
    network.clock.skip(days=1)
    ask(network, ["x"])


def test_patients_who_withdrew_are_named_as_such_and_not_encoded(tmp_path: Path) -> None:
    network = Network(tmp_path)
    network.approve(network.terms(policies=("use",)))
    network.share_secret()
    network.register("sued", [{**ANNA, "record_id": "1"}])
    sued = network.sites["sued"]
    rows = sued.work.run(lambda tx: list(tx.identities.all_versions(LOCAL)), write=False)

    def state(provision: Provision) -> None:
        now = network.clock.now()
        statement = ConsentStatement(rows[0].id, "use", provision, now, None, now)
        sued.work.run(lambda tx: record_consent(sued, tx, OPERATOR, [statement]))

    state(Provision.PERMIT)
    assert network.submit("sued")["new"] == 1
    network.clock.skip(days=1)
    state(Provision.DENY)
    answer = ask(network, submitted(network, "sued"))
    assert answer["records"] == {}
    assert answer["withdrawn"] == submitted(network, "sued")


def test_a_run_asks_both_sites_and_joins_what_their_evidence_shows(tmp_path: Path) -> None:
    network = doubtful(tmp_path)
    counts = network.run()
    asked = [r for r in network.wires.sent if r.url.path.endswith("/evidence")]
    assert {request.url.host for request in asked} == {"nord.example", "sued.example"}
    assert counts["possible"] > 0
    weighed = network.bund.work.run(lambda tx: tx.evidence.of(PROJECT), write=False)
    assert len(weighed) == counts["possible"]


def test_a_pair_is_asked_about_once(tmp_path: Path) -> None:
    network = doubtful(tmp_path)
    network.run()
    before = len(network.wires.sent)
    network.run()
    again = [r for r in network.wires.sent[before:] if r.url.path.endswith("/evidence")]
    assert again == []


class _Stopped(Exception):
    """The process of a run ended."""


def test_a_run_that_was_stopped_leaves_no_possible_match_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = {**ANNA, "given_name": "Berta"}
    network = start(tmp_path, sites=("nord", "sued", "west"))
    network.register("nord", [{**ANNA, "record_id": "1"}, {**twin, "record_id": "2"}])
    network.register("sued", [{**ANNA, "record_id": "3"}])
    network.register("west", [{**twin, "record_id": "4"}])
    for site in network.sites:
        network.submit(site)

    def stop(*_: object, **__: object) -> None:
        raise _Stopped

    with monkeypatch.context() as patched:
        patched.setattr(run_of_linkage, "open_cases", stop)
        with pytest.raises(_Stopped):
            network.run()
    assert network.run()["cases"] == 1


def test_more_possible_matches_than_a_run_may_ask_about_wait_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = doubtful(tmp_path)
    monkeypatch.setattr(run_of_linkage, "MOST_QUESTIONS", 1)
    for weighed in (1, 2):
        network.run()
        assert (
            len(network.bund.work.run(lambda tx: tx.evidence.of(PROJECT), write=False)) == weighed
        )


def test_without_evidence_people_are_asked(tmp_path: Path) -> None:
    network = doubtful(tmp_path)
    network.wires.cut.add("sued.example")
    counts = network.run()
    assert counts["cases"] > 0
    with network.bund.work.begin(write=False) as tx:
        cases = tx.review.page(CaseQuery())
        pairs = tx.review.pairs([case.id for case in cases])
    facts = [pair.match.facts for found in pairs.values() for pair in found]
    assert all(one["evidence"] == "unavailable" for one in facts)
    assert len(persons(network)) > 0


def test_a_site_that_answers_under_another_secret_takes_no_evidence_from_the_others(
    tmp_path: Path,
) -> None:
    network = doubtful(tmp_path, sites=("nord", "sued", "west"))
    moved = {**ANNA, "surname": "Ohm", "birth_name": "Kanarie"}
    network.register("west", [{**moved, "postcode": "23552", "record_id": "3"}])
    network.submit("west")
    nord = network.sites["nord"]  # is asked first
    nord.work.run(
        lambda tx: draw_linkage_secret(nord, tx, OPERATOR, project_name=PROJECT, anew=True)
    )
    network.run()
    weighed = network.bund.work.run(lambda tx: tx.evidence.of(PROJECT), write=False)
    with network.bund.work.begin(write=False) as tx:
        rows = tx.identities.all_versions(population_of(PROJECT))
        sites = {row.id: row.source for row in rows}
    assert {frozenset(sites[one] for one in pair) for pair in weighed} == {
        frozenset({"sued", "west"})
    }


def test_the_weight_table_covers_what_evidence_can_say() -> None:
    weighed = weigh(evidence_of(**ANNA), evidence_of(**ANNA))
    assert weighed.weight >= load_parameters().match_at
