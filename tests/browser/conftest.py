"""A center of its own and a clerk who logged in, for each browser test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.server import served
from tests.browser.visits import Visit
from tests.pages.people import make_cases
from ttp.core.center import Center


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    """A local center with two open cases, on a free port."""
    with served(tmp_path / "nord") as running:
        make_cases(running)
        yield running


@pytest.fixture
def visit(chromium: Browser, center: Center) -> Iterator[Visit]:
    """A clerk who has logged in; requests to other hosts and errors of scripts fail the test."""
    visitor = Visit(chromium, center.public_url)
    visitor.log_in("clerk")
    yield visitor
    visitor.close()


@pytest.fixture
def page(visit: Visit) -> Page:
    """The clerk's page."""
    return visit.page
