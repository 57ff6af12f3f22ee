"""A batch of mappings is refused as a whole, naming the place of every bundle that cannot be mapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_domain
from tests.transport.station import PROJECT, Station, make_station
from ttp.core.errors import AtomicBatchRefused
from ttp.services.transport.derive_project_values import Shifting
from ttp.services.transport.map_transport import PatientMapping, hand_in_mappings

FULL, INVALID = "domain-exhausted", "invalid-original"
SHIFTING = Shifting(timedelta(days=14))


@pytest.fixture
def station(tmp_path: Path, database_url: str) -> Station:
    found = make_station(tmp_path, database_url, domains=("diz", "small"))
    make_domain(found.center, "tiny", alphabet="digits", length=1)
    return found


def mapping(patient: str, *, transport_id: str = "", **more: Any) -> PatientMapping:
    names = {f"{patient}.Patient:1": transport_id or patient.encode().hex()[:20].zfill(21)}
    asked = PatientMapping(patient, "sid", names, {}, "diz", SHIFTING)
    return replace(asked, **more)


def refused(station: Station, mappings: Sequence[PatientMapping]) -> list[tuple[int, str]]:
    """Positions and codes of the refusal."""
    center, actor = station.center, replace(station.actor("cd"), domains=None)
    with pytest.raises(AtomicBatchRefused) as error:
        center.work.run(
            lambda tx: hand_in_mappings(
                center, tx, actor, project_name=PROJECT, receiver="rd", mappings=mappings
            )
        )
    errors: Any = error.value.facts["errors"]
    return [(one["position"], one["code"]) for one in errors]


def test_each_patient_that_is_none_is_named_where_it_stands(station: Station) -> None:
    asked = [mapping("a"), mapping("a"), mapping("bad\x01"), mapping("c"), mapping("\x02")]
    assert refused(station, asked) == [(2, INVALID), (4, INVALID)]


def test_a_patient_that_stands_twice_is_named_twice(station: Station) -> None:
    asked = [mapping("bad\x01"), mapping("a"), mapping("bad\x01")]
    assert refused(station, asked) == [(0, INVALID), (2, INVALID)]


@pytest.mark.parametrize("full", ["pseudonyms", "salts", "shifting"])
def test_whoever_a_full_domain_leaves_over_is_named(station: Station, full: str) -> None:
    where: dict[str, Any] = {"shifting": Shifting(timedelta(days=14), legacy_domain="tiny")}
    more = where if full == "shifting" else {full: "tiny"}
    asked = [mapping("other"), *(mapping(f"p{number}", **more) for number in range(12))]
    found = refused(station, asked)
    assert [code for _, code in found] == [FULL, FULL]
    assert all(0 < position < 13 for position, _ in found)


def test_a_salt_that_is_too_long_names_its_patient_by_place(station: Station) -> None:
    longest = "x" * 4096  # the original of its salt is longer
    asked = [mapping("a"), mapping(longest, salts="small")]
    assert refused(station, asked) == [(1, INVALID)]


def test_a_transport_id_that_is_none_names_the_bundle_that_holds_it(station: Station) -> None:
    asked = [mapping("a"), mapping("b"), mapping("c", transport_id="short")]
    assert refused(station, asked) == [(2, "invalid-field")]
