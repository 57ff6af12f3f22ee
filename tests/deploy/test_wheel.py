"""What is installed is whole: all code, data and built assets, and nothing that only developers need."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT

BUILD = "import setuptools; setuptools.setup()"
NOT_INSTALLED = {"assets", "__pycache__"}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command: list[str | Path] = [
        sys.executable,
        "-c",
        BUILD,
        "-q",
        "egg_info",
        "--egg-base",
        folder,
    ]
    command += ["build", "--build-base", folder / "build", "bdist_wheel", "--dist-dir", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_every_file_of_the_packages_is_installed(content: set[str]) -> None:
    files = [p for package in PACKAGES for p in (ROOT / package).rglob("*") if p.is_file()]
    own = [p for p in files if not NOT_INSTALLED & set(p.parts) and not p.name.startswith(".")]
    assert sorted({str(p.relative_to(ROOT)) for p in own} - content) == []


def test_nothing_but_the_packages_is_installed(content: set[str]) -> None:
    tops = {name.partition("/")[0] for name in content}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert not [name for name in content if "node_modules" in name]


def test_the_licenses_are_installed(content: set[str]) -> None:
    assert "ttp/pages/static/vendor/LICENSES.txt" in content
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in content)


def test_the_command_is_installed(content: set[str]) -> None:
    assert any(name.endswith("dist-info/entry_points.txt") for name in content)
