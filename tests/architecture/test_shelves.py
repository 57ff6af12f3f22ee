"""A use case is found by its subject: every one lies in a package, and the architecture tells of every package."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "ttp" / "services"
PACKAGES = sorted(path.parent for path in SERVICES.glob("*/__init__.py"))


def test_no_use_case_lies_beside_the_packages() -> None:
    assert [path.name for path in SERVICES.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_says_what_it_holds_and_the_architecture_names_it(package: Path) -> None:
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text()))
    assert f"`ttp/services/{package.name}/`" in (ROOT / "docs" / "architecture.md").read_text()
