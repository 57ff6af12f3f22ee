"""Tokens of a provider at the API: each is a client or a person of ours with what these may do, or nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.builders import bearer, make_domain, make_key
from tests.fhir.interface import asked
from tests.provider.running import OTHER_AUDIENCE, House, Visitor, house
from ttp.core.access import OPERATOR
from ttp.services.access.admit_client import revoke_client
from ttp.services.access.open_account import disable_account

CLERK = {"anna-1": {"roles": ["ths-clerk"]}}


@pytest.fixture
def nord(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "nord") as running:
        running.provider.has(CLERK)
        make_domain(running.center)
        make_domain(running.center, "study")
        make_key(running.center, "diz", name="pipe")
        yield running


def ask(nord: House, token: str, *, domain: str = "diz") -> httpx.Response:
    """Ask for a pseudonym with this token."""
    url = f"{nord.url}/api/v1/domains/{domain}/pseudonyms"
    return httpx.post(url, json={"originals": ["x"]}, headers=bearer(token))


def read_log(nord: House, token: str) -> httpx.Response:
    """Read the audit log with this token."""
    return httpx.get(f"{nord.url}/api/v1/audit/checkpoint", headers=bearer(token))


def rewritten(token: str, *, header: dict[str, str] | None = None, **claims: object) -> str:
    """The token with another header or other claims, and its old signature."""
    parts = token.split(".")
    for place, new in ((0, header or {}), (1, claims)):
        values = json.loads(base64.urlsafe_b64decode(parts[place] + "=="))
        text = json.dumps(values | new).encode()
        parts[place] = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    return ".".join(parts)


def is_refused(answer: httpx.Response) -> bool:
    """Whether the answer says that nobody is known, and not why."""
    challenge = answer.headers.get("www-authenticate", "")
    problem = answer.json()
    bare = httpx.get(str(answer.url.join("/api/v1/domains")), headers=bearer("nobody's")).json()
    return answer.status_code == 401 and challenge.startswith("Bearer") and problem == bare


def test_a_program_calls_the_api_with_its_token(nord: House) -> None:
    assert ask(nord, nord.provider.program_token()).status_code == 200


def test_a_program_calls_the_fhir_interface_with_its_token(nord: House) -> None:
    body = asked("diz", "x")
    url = f"{nord.url}/fhir/$pseudonymize"
    with_token = httpx.post(url, json=body, headers=bearer(nord.provider.program_token()))
    without = httpx.post(url, json=body)
    assert (with_token.status_code, without.status_code) == (200, 401)


def test_a_token_gives_nothing_beyond_the_rights_of_its_client(nord: House) -> None:
    token = nord.provider.program_token()
    assert ask(nord, token, domain="study").status_code == 403
    assert read_log(nord, token).status_code == 403


def test_a_revoked_client_is_refused_although_its_token_still_counts(nord: House) -> None:
    token, center = nord.provider.program_token(), nord.center
    assert ask(nord, token).status_code == 200
    center.work.run(lambda tx: revoke_client(center, tx, OPERATOR, name="pipe"))
    assert is_refused(ask(nord, token))


def test_a_program_that_is_no_client_here_is_refused(nord: House) -> None:
    assert is_refused(ask(nord, nord.provider.program_token("other")))


def test_a_token_for_another_audience_is_refused(nord: House) -> None:
    assert is_refused(ask(nord, nord.provider.program_token(audience=OTHER_AUDIENCE)))


def test_a_token_that_expired_is_refused(nord: House) -> None:
    token = nord.provider.program_token()
    nord.clock.skip(minutes=6)
    assert is_refused(ask(nord, token))


def test_a_token_of_an_unknown_issuer_is_refused(nord: House, tmp_path: Path) -> None:
    with house(tmp_path / "sued") as other:
        assert is_refused(ask(nord, other.provider.program_token()))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS384", "PS256", "ES256", "EdDSA"])
def test_a_token_that_names_another_algorithm_is_refused(nord: House, algorithm: str) -> None:
    token = rewritten(nord.provider.program_token(), header={"alg": algorithm})
    assert is_refused(ask(nord, token))
    assert is_refused(ask(nord, token.rsplit(".", 1)[0] + "."))


def test_a_token_that_was_changed_is_refused(nord: House) -> None:
    token = nord.provider.program_token("other")
    assert is_refused(ask(nord, rewritten(token, sub="etl", client_id="etl")))


@pytest.mark.parametrize("text", ["..", "a.b.c", "e30.e30.", "e30.e30.e30", "eyJ9.eyJ9.x" * 3000])
def test_what_is_no_token_is_refused(nord: House, text: str) -> None:
    assert ask(nord, text).status_code in {401, 431}


def test_an_issuer_without_audience_issues_no_tokens_to_us(tmp_path: Path) -> None:
    with house(tmp_path / "nord", audience="", clients=()) as nord:
        assert is_refused(ask(nord, nord.provider.program_token()))


def test_a_token_is_verified_without_asking_its_provider(nord: House) -> None:
    token = nord.provider.program_token()
    assert ask(nord, token).status_code == 200
    nord.provider.stop()
    assert ask(nord, token).status_code == 200


def test_a_token_cannot_be_judged_while_no_key_is_known(nord: House) -> None:
    token = nord.provider.program_token()
    nord.provider.stop()
    answer = ask(nord, token)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider-unreachable")
    assert answer.headers["retry-after"]


def test_a_key_the_provider_exchanged_is_asked_for(nord: House) -> None:
    old = nord.provider.program_token()
    assert ask(nord, old).status_code == 200
    nord.provider.rotate()
    nord.clock.skip(seconds=30)
    assert ask(nord, nord.provider.program_token()).status_code == 200
    assert is_refused(ask(nord, old))


def test_unknown_keys_are_asked_for_twice_a_minute_at_most(nord: House) -> None:
    assert ask(nord, nord.provider.program_token()).status_code == 200
    nord.provider.rotate()
    fresh = nord.provider.program_token()
    nord.clock.skip(seconds=20)
    assert is_refused(ask(nord, fresh))
    nord.clock.skip(seconds=10)
    assert ask(nord, fresh).status_code == 200


def test_a_person_calls_the_api_with_the_role_of_the_token(nord: House) -> None:
    nord.link("clerk", "anna-1")
    with Visitor(nord) as anna:
        token = anna.person_token("anna-1")
    assert read_log(nord, token).status_code != 401
    assert ask(nord, token).status_code == 403
    center = nord.center
    center.work.run(lambda tx: disable_account(center, tx, OPERATOR, name="clerk"))
    assert is_refused(read_log(nord, token))


def test_a_person_without_account_has_no_token_here(nord: House) -> None:
    with Visitor(nord) as anna:
        assert is_refused(read_log(nord, anna.person_token("anna-1")))
