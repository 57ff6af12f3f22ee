"""Rubbish in filters and forms is refused with a name, on both databases; nothing of it is an internal error."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from tests.builders import make_center
from tests.pages.people import Browser, make_cases, make_person
from ttp.core.access import Role

NUL = "a\x00b"


@pytest.fixture
def browser(tmp_path: Path, database_url: str) -> Browser:
    center = make_center(tmp_path, database_url)
    make_cases(center)
    return Browser(center, make_person(center, Role.STEWARD))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/cases", "source"),
        ("/cases/export", "source"),
        ("/decisions", "by"),
        ("/approvals", "requested_by"),
        ("/domains", "text"),
        ("/matching", "model"),
    ],
)
def test_a_filter_with_a_nul_character(browser: Browser, path: str, name: str) -> None:
    assert browser.get(path, **{name: NUL}).status_code < 500


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/clients/revoke", "name"),
        ("/break-glass", "domain"),
        ("/pseudonyms", "domain"),
        ("/matching/activate", "model"),
    ],
)
def test_a_form_with_a_nul_character(browser: Browser, path: str, name: str) -> None:
    assert browser.post(path, **{name: NUL}).status_code < 500


def test_an_undoing_that_names_no_decision(browser: Browser) -> None:
    answer = browser.post(f"/decisions/{uuid4()}/undo", reason="Irrtum", also="zz")
    assert answer.status_code == 422
