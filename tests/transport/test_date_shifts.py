"""Shifts stay in their range, keep what they promise, and old ones are met bit by bit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import bearer, make_http
from tests.transport.station import make_station
from ttp.core.date_shifts import Preserve, checked_range, java_shift_of, shift_of
from ttp.core.durations import java_text, read_duration
from ttp.core.errors import InvalidField
from ttp.core.java_random import JavaRandom

ranges = st.timedeltas(timedelta(days=7), timedelta(days=3653))


@given(seed=st.binary(min_size=32, max_size=32), longest=ranges, preserve=st.sampled_from(Preserve))
def test_shifts_lie_in_their_range_and_preserve(
    seed: bytes, longest: timedelta, preserve: Preserve
) -> None:
    shift = shift_of(seed, longest, preserve)
    assert abs(shift) <= longest / timedelta(milliseconds=1)
    assert shift % preserve.step == 0
    legacy = java_shift_of(seed.hex(), longest, preserve, discard=1)
    assert abs(legacy) <= longest / timedelta(milliseconds=1)
    assert legacy % preserve.step == 0


def test_the_generator_is_that_of_java() -> None:
    """Published answers of ``new Random(42)``, ``new Random(0)`` and ``new Random(12345)``."""
    assert [(one := JavaRandom(42)).next_int(), one.next_int()] == [-1170105035, 234785527]
    assert [(one := JavaRandom(42)).next_long(), one.next_long()] == [
        -5025562857975149833,
        -5843495416241995736,
    ]
    assert JavaRandom(0).next_int() == -1155484576
    assert [(one := JavaRandom(12345)).next_long(), one.next_long()] == [
        6674089274190705457,
        -1236052134575208584,
    ]


@pytest.mark.parametrize(
    ("text", "java"),
    [("P14D", "PT336H"), ("PT10M", "PT10M"), ("P2W", "PT336H"), ("PT1H0.5S", "PT1H0.5S")],
)
def test_durations_are_read_and_written_as_java_does(text: str, java: str) -> None:
    assert java_text(read_duration(text)) == java


@pytest.mark.parametrize("text", ["", "P", "PT", "P1Y", "P1M", "14D", "P-1D", "P1D2W", 14, None])
def test_what_is_no_duration_of_fixed_length_is_refused(text: object) -> None:
    with pytest.raises(InvalidField):
        read_duration(text)


def test_a_range_without_room_for_a_week_is_refused() -> None:
    with pytest.raises(InvalidField):
        checked_range(timedelta(days=6), Preserve.WEEKDAY)


def test_the_api_derives_the_same_again_and_something_else_elsewhere(tmp_path: Path) -> None:
    station = make_station(tmp_path)
    http, headers = make_http(station.center), bearer(station.keys["cd"])

    def ask(project: str, what: str, **body: object) -> object:
        url = f"/api/v1/projects/{project}/{what}"
        given = {"originals": ["4711", "", "4711"], **body}
        return http.post(url, json=given, headers=headers).get_json()["results"]

    first = ask("herz", "date-shifts", preserve="daytime", max_shift="P1000D")
    assert first == ask("herz", "date-shifts", preserve="daytime", max_shift="P1000D")
    assert isinstance(first, list)
    assert (first[0], first[1]["error"]["code"]) == (first[2], "invalid-original")
    assert first != ask("lunge", "date-shifts", preserve="daytime", max_shift="P1000D")
    assert ask("herz", "salts") == ask("herz", "salts") != ask("lunge", "salts")
    assert ask("herz", "date-shifts", give="seed") == ask("herz", "date-shifts", give="seed")
    legacy = ask("herz", "date-shifts", legacy_domain="diz")
    seed = station.exchange_seed("PT336H_4711")
    shift = java_shift_of(seed, timedelta(days=14), Preserve.NONE, discard=1)
    assert isinstance(legacy, list)
    assert legacy[0] == {"shift_ms": shift}
