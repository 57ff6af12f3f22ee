"""What import-linter cannot see: parts of the standard library, and what is really loaded."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, Module, modules

WEB = ("ttp.api", "ttp.fhir", "ttp.gateways", "ttp.http", "ttp.pages", "ttp.wire")
HEAVY = {"pandas", "recordlinkage", "sklearn", "matplotlib"}
SERVER_ONLY = {"flask", "sqlalchemy", "alembic", "granian", "pandas", "recordlinkage", "numba"}


def _imported(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _loaded_by(*names: str) -> set[str]:
    """The top-level packages in memory after importing `names` in a process of its own."""
    statement = "; ".join(f"import {name}" for name in names)
    program = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_only_peering_and_clients_open_connections_outward() -> None:
    outward = {"urllib.request", "http.client", "ftplib", "smtplib"}
    allowed = ("ttp.peering", "ttp.client", "ttp.cli")
    found = {
        m.name: outward & set(_imported(m)) for m in modules() if not m.name.startswith(allowed)
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_nothing_is_random_but_by_the_operating_system() -> None:
    """Simulated patients alone may come from a seeded generator: a key or token never does."""
    predictable = {m.name for m in modules() if {"random", "numpy.random"} & set(_imported(m))}
    assert {name for name in predictable if name.startswith(("keys", "ttp.core"))} == set()


def test_nothing_is_unpickled() -> None:
    dangerous = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
    assert [m.name for m in modules() if dangerous & set(_imported(m))] == []


def test_web_processes_never_load_the_heavy_analysis_packages() -> None:
    web = [m.name for m in modules() if m.name.startswith(WEB)]
    assert _loaded_by(*web) & HEAVY == set()


def test_the_command_line_starts_without_the_server() -> None:
    assert _loaded_by("ttp.cli") & SERVER_ONLY == set()


@pytest.mark.parametrize("library", ["linkage", "keys"])
def test_a_library_can_be_loaded_without_the_service(library: str) -> None:
    own = [m.name for m in modules() if m.name.split(".")[0] == library]
    assert "ttp" not in _loaded_by(*own)


def test_every_module_can_be_imported() -> None:
    entry = ("__main__", ".env")
    named = [m.name for m in modules() if not m.name.endswith(entry) and ".versions" not in m.name]
    assert _loaded_by(*named) >= {"ttp", "linkage", "keys"}
