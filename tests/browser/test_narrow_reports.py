"""Reports that open offline fit the screen of a telephone, and ask no other machine for anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from linkage.synthetic import generate
from tests.cli.running import run

SMALL = {"attack_n": 200, "overlaps": [1.0]}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    generate(["nord", "sued"], 60, 0.5, 3).write_csv(folder)
    (folder / "secret").write_text("0123456789abcdef\n")
    (folder / "small.json").write_text(json.dumps(SMALL))
    for site in ("nord", "sued"):
        run(None, "encode", "--schema", "views", "--secret-file", folder / "secret",
            folder / f"{site}.csv", "-o", folder / f"{site}.enc")  # fmt: skip
    run(None, "link", folder / "nord.enc", folder / "sued.enc", "-o", folder,
        "--report", folder / "link.html")  # fmt: skip
    run(None, "attack", "record", "--n", "200", "--policy", folder / "small.json", "-o", folder)
    return folder


@pytest.mark.parametrize("name", ["link.html", "attack.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_needs_no_scrolling_sideways_and_no_other_machine(
    chromium: Browser, reports: Path, name: str, scheme: str
) -> None:
    page = chromium.new_page(
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((reports / name).as_uri())
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.close()
    assert asked == [(reports / name).as_uri()]
    assert beyond <= 0
