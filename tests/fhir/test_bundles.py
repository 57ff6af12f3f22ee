"""Bundles: order is kept, a batch answers every entry on its own, a transaction all or nothing."""

import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from tests.fhir.interface import Caller, asked, bundle, count, parts, reverse, value
from tests.scale import scaled
from ttp.core.center import Center
from ttp.storage.unit_of_work import SqlWork


def fresh() -> str:
    return f"MRN-{uuid.uuid4().hex}"


def test_each_entry_of_a_batch_is_answered_on_its_own(caller: Caller) -> None:
    known = fresh()
    caller.post("/$pseudonymize", asked("single", known))
    assert caller.statuses(
        "batch",
        ("$pseudonymize", asked("single", known)),
        ("$pseudonymize", asked("single", fresh())),
        ("/$pseudonymize", asked("nowhere", fresh())),
        ("https://nord.example/fhir/$get-pseudonym", asked("single", fresh())),
        ("$delete-pseudonym", asked("lasting", known)),
        ("$pseudonymize", asked("foreign", known)),
        ("$pseudonymize", asked("multi", known)),
        ("$pseudonymize-multiple", asked("multi", known, count(2))),
        ("Patient", asked("single", known)),
        ("$pseudonymize", None),
    ) == [
        "200 OK",
        "201 Created",
        "404 Not Found",
        "404 Not Found",
        "405 Method Not Allowed",
        "403 Forbidden",
        "400 Bad Request",
        "201 Created",
        "404 Not Found",
        "400 Bad Request",
    ]


def test_malformed_entries_are_refused_in_their_place(caller: Caller) -> None:
    body = bundle("batch", ("$pseudonymize", asked("single", fresh())))
    (good,) = body["entry"]
    got = {**good, "request": {"method": "GET", "url": "$get-pseudonym"}}
    body["entry"] = [None, {}, good, {"request": 1}, {"request": {"method": "POST"}}, got]
    answer = caller.post("", body).get_json()
    statuses = [entry["response"]["status"][:3] for entry in answer["entry"]]
    assert statuses == ["400", "400", "201", "400", "400", "405"]
    assert answer["type"] == "batch-response"
    assert [entry.get("fullUrl") for entry in answer["entry"]][2] == good["fullUrl"]


def test_an_error_in_a_batch_names_the_parameter(caller: Caller) -> None:
    answer = caller.post("/", bundle("batch", ("$pseudonymize", asked("nowhere", fresh()))))
    (issue,) = answer.get_json()["entry"][0]["resource"]["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "not-found")
    assert issue["expression"] == ["Parameters.parameter.where(name='context')"]


@given(picks=st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_answers_keep_the_order_asked(caller: Caller, picks: list[int]) -> None:
    prefix = fresh()
    domains = ["single", "deletable", "lasting"]
    wanted = [(domains[pick % 3], f"{prefix}-{pick}") for pick in picks]
    asked_for = [("$pseudonymize", asked(*pair)) for pair in wanted]
    answer = caller.post("", bundle("batch", *asked_for)).get_json()
    tokens = [value(entry["resource"]) for entry in answer["entry"]]
    assert [value(entry["resource"], "original") for entry in answer["entry"]] == [
        original for _, original in wanted
    ]
    assert len(set(zip(wanted, tokens, strict=True))) == len(set(wanted)) == len(set(tokens))
    made = [entry["response"]["status"] for entry in answer["entry"]].count("201 Created")
    assert made == len(set(wanted))


def test_asking_for_more_of_the_same_original_gives_each_entry_its_own(caller: Caller) -> None:
    original = fresh()
    requests = [("$pseudonymize-multiple", asked("multi", original, count(2)))] * 3
    answer = caller.post("", bundle("batch", *requests)).get_json()
    tokens = [parts(entry["resource"], "pseudonym", "value") for entry in answer["entry"]]
    assert len({token for three in tokens for token in three}) == 6


def test_ending_a_link_keeps_its_place_among_the_entries(caller: Caller) -> None:
    original = fresh()
    requests = [
        ("$pseudonymize", asked("single", original)),
        ("$anonymize-original", asked("single", original)),
        ("$get-pseudonym", asked("single", original)),
        ("$pseudonymize", asked("single", original)),
    ]
    answer = caller.post("", bundle("batch", *requests)).get_json()
    first, ended, missing, second = answer["entry"]
    assert ended["response"]["status"] == "200 OK"
    assert missing["response"]["status"] == "404 Not Found"
    assert value(first["resource"]) != value(second["resource"])


def test_a_transaction_changes_nothing_when_one_entry_fails(caller: Caller) -> None:
    originals = [fresh() for _ in range(3)]
    requests: list[tuple[str, Any]] = [
        ("$pseudonymize", asked("single", original)) for original in originals
    ]
    requests.insert(1, ("$pseudonymize", asked("nowhere", fresh())))
    requests.append(("$get-pseudonym", asked("single", fresh())))
    refused = caller.post("", bundle("transaction", *requests))
    issues = refused.get_json()["issue"]
    assert refused.status_code == 404
    assert [issue["expression"][0] for issue in issues] == [
        "Bundle.entry[1].resource.Parameters.parameter.where(name='context')",
        "Bundle.entry[4].resource.Parameters.parameter.where(name='original')",
    ]
    for original in originals:
        assert caller.post("/$get-pseudonym", asked("single", original)).status_code == 404


def test_a_transaction_of_good_entries_is_done_as_a_whole(caller: Caller) -> None:
    originals = [fresh() for _ in range(5)]
    requests = [("$pseudonymize", asked("single", original)) for original in originals]
    answer = caller.post("", bundle("transaction", *requests)).get_json()
    assert answer["type"] == "transaction-response"
    tokens = [value(entry["resource"]) for entry in answer["entry"]]
    back = [("$de-pseudonymize", reverse("single", token)) for token in tokens]
    found = caller.post("", bundle("batch", *back)).get_json()["entry"]
    assert [parts(entry["resource"], "original", "value") for entry in found] == [
        [original] for original in originals
    ]


def test_a_repeated_bundle_gets_the_first_answer_again(caller: Caller) -> None:
    body = bundle("batch", ("$pseudonymize-multiple", asked("multi", fresh(), count(1))))
    headers = {"Idempotency-Key": fresh()}
    assert caller.post("", body, **headers).data == caller.post("", body, **headers).data


def test_a_large_batch_makes_few_statements(center: Center, caller: Caller) -> None:
    """1,000 entries cost hardly more statements than 10: they are grouped by operation and domain."""
    assert isinstance(center.work, SqlWork)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    engine = center.work._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        counts = []
        for size in (10, 10, scaled(1000, least=100)):  # the first one fills caches
            statements.clear()
            requests = [("$pseudonymize", asked("single", fresh())) for _ in range(size)]
            answer = caller.post("", bundle("batch", *requests)).get_json()
            assert len(answer["entry"]) == size
            counts.append(len(statements))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert counts[2] < counts[1] + 5 < 20
