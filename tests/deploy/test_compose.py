"""The compose file names only what it defines, and keeps secrets and the database inside."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_a_center_and_its_database_are_defined() -> None:
    assert set(SERVICES) == {"database", "center"}
    assert SERVICES["database"]["image"].startswith("postgres:15")


@pytest.mark.parametrize("kind", ["networks", "secrets"])
@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_uses_is_defined(service: str, kind: str) -> None:
    assert set(SERVICES[service].get(kind, ())) <= set(COMPOSE[kind])


@pytest.mark.parametrize("service", SERVICES)
def test_every_volume_of_a_service_is_defined(service: str) -> None:
    used = {mount.partition(":")[0] for mount in SERVICES[service]["volumes"]}
    assert used <= set(COMPOSE["volumes"])


def test_the_center_waits_for_a_database_that_tells_its_health() -> None:
    assert SERVICES["center"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in SERVICES["database"]


def test_the_build_file_exists() -> None:
    build = SERVICES["center"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_the_database_is_reached_from_inside_only() -> None:
    assert "ports" not in SERVICES["database"]
    assert all(
        COMPOSE["networks"][name].get("internal") for name in SERVICES["database"]["networks"]
    )


def test_the_center_listens_on_this_host_only() -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["center"]["ports"])


def test_no_secret_is_written_down() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    assert re.findall(r"(?i)password: *[^$/?\s]+|ttp:[^$@\s]+@", text) == []


def test_the_center_can_change_nothing_but_its_home() -> None:
    center = SERVICES["center"]
    assert center["read_only"] is True
    assert center["cap_drop"] == ["ALL"]
    assert center["ulimits"]["core"] == 0
