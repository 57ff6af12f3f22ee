"""A steward looks up one pseudonym, sees what hangs together, creates one and ends one; nobody sees an original."""

from pathlib import Path

import pytest

from tests.builders import make_center, make_domain
from tests.pages.people import Browser, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.pseudonyms import Issued
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local", alone=False)
    for role in (Role.STEWARD, Role.CLERK):
        make_person(made, role)
    make_domain(made, "diz", deletable=True)
    make_domain(made, "below", parents=("diz",))
    make_domain(made, "many", multi=True)
    return made


def issued(center: Center, domain: str, original: str) -> str:
    (found,) = center.work.run(
        lambda tx: issue_pseudonyms(center, tx, OPERATOR, domain_name=domain, originals=[original])
    )
    assert isinstance(found, Issued)
    return found.pseudonym


def test_a_pseudonym_is_shown_with_its_tree_and_without_its_original(center: Center) -> None:
    first = issued(center, "diz", "Erika-4711")
    second = issued(center, "below", first)
    steward = Browser(center, "steward")
    shown = steward.post("/pseudonyms", domain="diz", kind="pseudonym", value=first)
    assert all(token in shown.text for token in (first, second))
    assert "Erika-4711" not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


def test_one_is_created_and_ended_with_a_confirmation(center: Center) -> None:
    steward = Browser(center, "steward")
    asked = {"domain": "diz", "kind": "original", "value": "new one"}
    assert "unknown-original" in steward.post("/pseudonyms", **asked).text
    steward.post("/pseudonyms/create", **asked)
    token = issued(center, "diz", "new one")
    assert token in steward.post("/pseudonyms", **asked).text
    unsure = steward.post("/pseudonyms/end", **asked, way="anonymize")
    assert unsure.status_code == 422
    assert issued(center, "diz", "new one") == token
    steward.post("/pseudonyms/end", **asked, way="delete", sure="on")
    assert issued(center, "diz", "new one") != token
    gone = steward.post("/pseudonyms", domain="diz", kind="pseudonym", value=token)
    assert gone.status_code == 200


def test_several_hang_below_an_original_of_a_multi_domain(center: Center) -> None:
    steward = Browser(center, "steward")
    asked = {"domain": "many", "kind": "original", "value": "x"}
    steward.post("/pseudonyms/create", **asked)
    assert "<code>" in steward.post("/pseudonyms", **asked).text


@pytest.mark.parametrize("value", ["", "AAAA", "A" * 16])
def test_what_is_no_pseudonym_is_said(center: Center, value: str) -> None:
    steward = Browser(center, "steward")
    shown = steward.post("/pseudonyms", domain="diz", kind="pseudonym", value=value)
    assert shown.status_code == 200


def test_a_clerk_has_no_such_page(center: Center) -> None:
    assert Browser(center, "clerk").get("/pseudonyms").status_code == 403
