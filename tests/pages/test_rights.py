"""No page is open by accident: every page is tried by nobody and by every role."""

import re
from pathlib import Path
from uuid import uuid4

import pytest

from tests.builders import make_center
from tests.pages.people import Browser, make_person
from ttp.app import create_app
from ttp.core.access import ROLE_RIGHTS, STAFF_ROLES, Role
from ttp.core.center import Center
from ttp.pages.routing import PAGES, Page

GUARDED = [one for one in PAGES if not one.public]
OPEN = {"/login", "/settings", "/help", "/docs"}
OPEN |= {"/login/with/<issuer>", "/login/with/<issuer>/back", "/login/back-channel"}
ENDING = {"logout"}
FORMS = [one for one in PAGES if one.method == "POST"]
FOREIGN = {"end_from_provider"}
"""What other programs send, with a proof of their own: ``tests/provider`` tries it without."""


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    made = make_center(tmp_path_factory.mktemp("rights"), role="local")
    for role in STAFF_ROLES:
        make_person(made, role)
    return made


@pytest.fixture(scope="module")
def browsers(center: Center) -> dict[Role, Browser]:
    return {role: Browser(center, role.value) for role in STAFF_ROLES}


@pytest.fixture
def nobody(center: Center) -> Browser:
    return Browser(center)


def _named(page: Page) -> str:
    return f"{page.method} {page.rule}"


def _path(page: Page) -> str:
    path = page.rule
    path = re.sub("<uuid:[a-z_]+>", lambda _: str(uuid4()), path)
    return path.replace("<project>", "p").replace("<int:version>", "1").replace("<int:number>", "1")


def _open(browser: Browser, page: Page) -> int:
    send = browser.get if page.method == "GET" else browser.post
    return send(_path(page)).status_code


def test_only_login_settings_help_and_api_description_are_public() -> None:
    assert {one.rule for one in PAGES if one.public} == OPEN


def test_every_route_of_the_door_is_declared_with_its_right(center: Center) -> None:
    rules = list(create_app(center).url_map.iter_rules())
    found = {rule.endpoint for rule in rules if rule.endpoint.startswith("pages.")}
    assert found == {f"pages.{one.endpoint}" for one in PAGES} | {"pages.static_file"}


@pytest.mark.parametrize("page", GUARDED, ids=_named)
def test_nobody_gets_in_without_login(page: Page, nobody: Browser) -> None:
    send = nobody.get if page.method == "GET" else nobody.post
    response = send(_path(page))
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/login")


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
@pytest.mark.parametrize("page", [one for one in GUARDED if one.endpoint not in ENDING], ids=_named)
def test_a_page_opens_to_those_who_have_its_right(
    page: Page, role: Role, browsers: dict[Role, Browser]
) -> None:
    status = _open(browsers[role], page)
    if page.right is None or page.right in ROLE_RIGHTS[role]:
        assert status not in {403, 500}, status
    else:
        assert status == 403


@pytest.mark.parametrize("page", [one for one in FORMS if one.endpoint not in FOREIGN], ids=_named)
@pytest.mark.parametrize("token", ["", "another"])
def test_a_form_without_its_token_changes_nothing(
    page: Page, token: str, browsers: dict[Role, Browser]
) -> None:
    response = browsers[Role.STEWARD].post(_path(page), token=token)
    assert response.status_code == 403
    assert "form-expired" in response.text


def test_refused_pages_are_counted_for_the_audit_log(tmp_path: Path) -> None:
    made = make_center(tmp_path, role="local")
    browser = Browser(made, make_person(made, Role.RESEARCHER))
    browser.get("/cases")
    later = made.clock.now().replace(year=2100)
    counted = made.work.run(lambda tx: tx.audit.take_refusals(before=later))
    assert [(one.actor, one.code) for one in counted] == [("researcher", "403:pages.cases")]
