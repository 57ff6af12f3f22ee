"""Pages are served whole from this host: scripts, styles, fonts and licenses are in the package."""

import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "ttp" / "pages" / "static" / "vendor"
SERVED = [
    "htmx/htmx.min.js",
    "kern/kern.min.css",
    "kern/fonts/fira-sans.css",
    "swagger-ui/swagger-ui.css",
    "swagger-ui/swagger-ui-bundle.js",
]
ADDRESS = re.compile(r"url\(\s*[\"']?([^\"')]+)")


@pytest.mark.parametrize("name", SERVED)
def test_every_asset_is_built(name: str) -> None:
    assert (VENDOR / name).stat().st_size > 1000


@pytest.mark.parametrize("name", [name for name in SERVED if name.endswith(".css")])
def test_styles_load_only_what_stands_beside_them(name: str) -> None:
    stylesheet = VENDOR / name
    wanted = [u for u in ADDRESS.findall(stylesheet.read_text()) if not u.startswith("data:")]
    assert [url for url in wanted if not (stylesheet.parent / url).is_file()] == []


def test_no_asset_points_at_a_source_map_that_is_not_there() -> None:
    files = [path for path in VENDOR.rglob("*") if path.suffix in {".js", ".css"}]
    assert [path.name for path in files if "# sourceMappingURL=" in path.read_text()] == []


@pytest.mark.parametrize("work", ["htmx.org", "@kern-ux/native", "swagger-ui-dist", "Fira Sans"])
def test_every_work_comes_with_its_license(work: str) -> None:
    entries = (VENDOR / "LICENSES.txt").read_text().split("=" * 78)
    own = [
        entry.strip() for entry in entries if re.match(rf"{re.escape(work)}( |\n)", entry.strip())
    ]
    assert len(own) == 1
    assert "License:" in own[0]
    assert len(own[0]) > 400
