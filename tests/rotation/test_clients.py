"""A rotation of the client key locks nobody out; who comes is digested anew, until the old version is unused."""

from __future__ import annotations

import pytest

from keys.keyring import Purpose
from tests.builders import make_http, make_key
from tests.rotation.station import Station
from ttp.core.access import OPERATOR
from ttp.core.errors import NotAuthenticated
from ttp.services.access.admit_client import authenticate_client, revoke_client


def test_a_key_is_known_through_rotations_and_digested_anew_on_use(station: Station) -> None:
    first = make_key(station.center, name="first")
    assert station.references(Purpose.CLIENT, "", 1) == 1
    station.rotate(Purpose.CLIENT)
    second = make_key(station.center, name="second")
    assert station.references(Purpose.CLIENT, "", 2) == 1
    station.rotate(Purpose.CLIENT)
    other = station.again().center
    for key, name in ((first, "first"), (second, "second"), (first, "first")):
        assert authenticate_client(other, api_key=key).name == name
    assert [station.references(Purpose.CLIENT, "", version) for version in (1, 2, 3)] == [0, 0, 2]


def test_a_revoked_client_stays_out_under_every_version(station: Station) -> None:
    key = make_key(station.center, name="revoked")
    station.rotate(Purpose.CLIENT)
    station.center.work.run(lambda tx: revoke_client(station.center, tx, OPERATOR, name="revoked"))
    with pytest.raises(NotAuthenticated):
        authenticate_client(station.center, api_key=key)


def test_requests_go_on_over_http_and_repeated_ones_get_the_same_bytes(station: Station) -> None:
    domain = station.domain()
    key = make_key(station.center, domain, name="web")
    http = make_http(station.center)

    def ask() -> bytes:
        answer = http.post(
            f"/api/v1/domains/{domain}/pseudonyms",
            json={"originals": ["a", "b"]},
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"once {domain}"},
        )
        assert answer.status_code == 200
        return bytes(answer.data)

    told = ask()
    for purpose in (Purpose.CLIENT, Purpose.SESSION):
        station.rotate(purpose)
        assert ask() == told
    assert station.references(Purpose.SESSION, "", 1) == 1
