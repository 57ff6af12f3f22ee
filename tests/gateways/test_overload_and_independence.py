"""Clients of gateways repeat 503 and give up on 429; no gateway knows another; gRPC is a process beside the center."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

import ttp.gateways
from tests.cli.running import made
from tests.docs.error_table import load_everything
from ttp.core.errors import (
    BudgetExceeded,
    DatabaseBusy,
    TooManyItems,
    TooMuch,
    TTPError,
)
from ttp.gateways.vfps.messages import message_types
from ttp.gateways.vfps.statuses import Code, code_of
from ttp.http.fhir_exchange import gateway_status

FOLDER = Path(ttp.gateways.__file__).parent
GATEWAYS = sorted(one.stem for one in FOLDER.iterdir() if not one.stem.startswith("_"))


def _all(kind: type[TTPError]) -> list[type[TTPError]]:
    return [kind, *(deeper for one in kind.__subclasses__() for deeper in _all(one))]


def test_no_error_is_answered_429() -> None:
    load_everything()
    statuses = {kind.code: gateway_status(kind()) for kind in _all(TTPError)}
    assert [code for code, status in statuses.items() if status == 429] == []
    assert set(statuses.values()) <= {
        400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 500, 503,
    }  # fmt: skip
    assert [one.name for one in Code if one.status == 429] == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (TooMuch(), 503, Code.UNAVAILABLE),
        (DatabaseBusy(), 503, Code.UNAVAILABLE),
        (BudgetExceeded(), 403, Code.PERMISSION_DENIED),
        (TooManyItems(), 413, Code.INVALID_ARGUMENT),
    ],
)
def test_overload_is_repeated_and_a_used_budget_is_not(
    error: TTPError, status: int, code: Code
) -> None:
    assert gateway_status(error) == status
    assert code_of(error) is code


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_gateway_imports_no_other(gateway: str) -> None:
    place = FOLDER / gateway
    files = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    assert files
    for file in files:
        names = {
            node.module or ""
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.ImportFrom)
        }
        inside = {name.split(".")[2] for name in names if name.startswith("ttp.gateways.")}
        assert inside <= {gateway}, file


def test_grpc_is_served_by_a_process_of_its_own(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    command = [sys.executable, "-m", "ttp.cli", "--home", str(home), "serve-grpc", "--port", "0"]
    secret = str(home.with_name(f"{home.name}.unlock"))
    server = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TTP_UNLOCK_FILE": secret},
    )
    try:
        assert server.stderr
        told = server.stderr.readline()
        address = told.partition("at ")[2].split()[0]
        with grpc.insecure_channel(address) as channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            answer = message_types()["HealthCheckResponse"].FromString(check(b"", timeout=20))
        assert answer.status == 1
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
