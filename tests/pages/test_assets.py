"""Assets: served from here, kept for ever under a path that names their content."""

from pathlib import Path

import pytest

from tests.builders import make_center, make_http
from tests.pages.people import Browser
from ttp.core.center import Center
from ttp.pages import assets_served
from ttp.pages.assets_served import FOREVER, version


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    return make_center(tmp_path_factory.mktemp("assets"))


def test_an_asset_is_kept_for_ever_and_a_page_never(center: Center) -> None:
    http = make_http(center)
    assert http.get(f"/static/{version()}/ttp.css").headers["Cache-Control"] == FOREVER
    assert http.get("/login").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["0000000000000000/ttp.css", "{}/../layout.py", "{}/nothing.css"])
def test_nothing_else_is_served(center: Center, path: str) -> None:
    assert make_http(center).get(f"/static/{path.format(version())}").status_code == 404


def test_pages_say_clearly_that_assets_were_not_built(
    center: Center, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets_served, "BUILT", tmp_path / "absent.css")
    response = Browser(center).get("/login")
    assert response.status_code == 503
    assert "make assets" in response.text


def test_scripts_and_styles_are_files_never_inline(center: Center) -> None:
    text = Browser(center).get("/help").text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
