"""Consents of FHIR R4: what they permit, and that what is malformed or not in force permits nothing."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.consent import Provision
from ttp.wire.consent import FIRST, ConsentMalformed, StatedProvision, read_consent

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "mii_testdata"
USE = "2.16.840.1.113883.3.1937.777.24.5.3.8"


def consent(**changes: Any) -> dict[str, Any]:
    code = [{"coding": [{"system": "urn:oid:x", "code": USE}]}]
    document = {
        "resourceType": "Consent",
        "status": "active",
        "patient": {"reference": "Patient/17"},
        "dateTime": "2024-02-23T12:00:00+01:00",
        "provision": {
            "type": "deny",
            "period": {"start": "2024-02-23", "end": "2054-01-31"},
            "provision": [{"type": "permit", "code": code}],
        },
    }
    return {name: value for name, value in (document | changes).items() if value is not None}


def within(period: object) -> dict[str, Any]:
    code = [{"coding": [{"code": USE}]}]
    return consent(provision={"provision": [{"type": "permit", "code": code, "period": period}]})


def test_a_nested_permission_has_the_period_around_it_to_the_last_moment_of_its_last_day() -> None:
    stated = read_consent(consent())
    assert stated.reference == "Patient/17"
    assert stated.stated_at == datetime(2024, 2, 23, 11, tzinfo=UTC)
    assert stated.provisions == (
        StatedProvision(
            USE,
            Provision.PERMIT,
            datetime(2024, 2, 23, tzinfo=UTC),
            datetime(2054, 1, 31, 23, 59, 59, 999999, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize("status", ["inactive", "rejected", "entered-in-error"])
def test_what_is_no_longer_in_force_denies_what_it_permitted(status: str) -> None:
    assert [p.provision for p in read_consent(consent(status=status)).provisions] == [
        Provision.DENY
    ]


def test_a_patient_may_be_named_by_identifier() -> None:
    patient = {"identifier": {"system": "https://klinik.example/pid", "value": "17"}}
    stated = read_consent(consent(patient=patient))
    assert (stated.reference, stated.identifier) == (None, ("https://klinik.example/pid", "17"))


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2024", (2024, 12, 31)),
        ("2024-02", (2024, 2, 29)),
        ("2024-02-28", (2024, 2, 28)),
    ],
)
def test_a_partial_date_means_all_of_it(end: str, last: tuple[int, int, int]) -> None:
    (stated,) = read_consent(within({"start": "2024", "end": end})).provisions
    assert stated.valid_to == datetime(*last, 23, 59, 59, 999999, tzinfo=UTC)
    assert stated.valid_from == datetime(2024, 1, 1, tzinfo=UTC)


def test_no_period_means_always() -> None:
    (stated,) = read_consent(within(None)).provisions
    assert (stated.valid_from, stated.valid_to) == (FIRST, None)


DEFECTS: dict[str, dict[str, Any]] = {
    "other resource": consent(resourceType="Patient"),
    "draft": consent(status="draft"),
    "no status": consent(status=None),
    "no patient": consent(patient=None),
    "patient without reference": consent(patient={"display": "x"}),
    "identifier without value": consent(patient={"identifier": {"system": "x"}}),
    "no provision": consent(provision=None),
    "provision is a list": consent(provision=[]),
    "no code at all": consent(provision={"type": "permit"}),
    "code without coding": consent(provision={"type": "permit", "code": [{"text": "x"}]}),
    "code is an object": consent(provision={"type": "permit", "code": {}}),
    "unknown type": consent(
        provision={"type": "maybe", "code": [{"coding": [{"code": USE}]}]},
    ),
    "type missing": consent(provision={"code": [{"coding": [{"code": USE}]}]}),
    "impossible date": within({"start": "2024-02-30"}),
    "not a date": within({"start": "yesterday"}),
    "date is a number": within({"start": 2024}),
    "time without zone": within({"start": "2024-02-23T12:00:00"}),
    "year 0": within({"start": "0"}),
    "ends before it begins": within({"start": "2024-02-02", "end": "2024-02-01"}),
    "period is a string": within("2024"),
    "time of statement unreadable": consent(dateTime="soon"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_malformed_consent_is_refused(defect: str) -> None:
    with pytest.raises(ConsentMalformed):
        read_consent(DEFECTS[defect])


def test_a_consent_nested_without_end_is_refused() -> None:
    inner: dict[str, Any] = {"type": "permit", "code": [{"coding": [{"code": USE}]}]}
    for _ in range(50):
        inner = {"provision": [inner]}
    with pytest.raises(ConsentMalformed):
        read_consent(consent(provision=inner))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(consent())), json_values)
def test_whatever_stands_in_a_member_the_answer_is_consent_or_a_named_error(
    member: str, value: Any
) -> None:
    with suppress(ConsentMalformed):
        read_consent(consent() | {member: value})


@pytest.mark.skipif(
    not PUBLISHED.exists(), reason="the published test data are not beside the project"
)
def test_every_published_consent_can_be_read() -> None:
    files = sorted(PUBLISHED.glob("Consent-*.json"))
    stated = [read_consent(json.loads(file.read_bytes())) for file in files]
    assert len(stated) == 10
    assert all(USE in {p.policy for p in one.provisions} for one in stated)
