"""Serving a home: by one supervisor at a time, and by nobody once it is gone."""

import time
from pathlib import Path

import psutil
import pytest

from tests.cli.running import free_port, made, run, served
from tests.polling import polled


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("serve") / "home", "diz")


def test_a_home_that_is_served_is_refused_to_a_second_supervisor(home: Path) -> None:
    with served(home) as (url, _):
        done = run(home, "serve", "--port", str(free_port()))
        assert done.exit_code == 2
        assert "served already" in done.stderr
        assert (home / "root.sock").exists()
        assert (answer := polled(f"{url}/readyz")) is not None
        assert answer.status_code == 200


def test_nothing_goes_on_serving_when_the_supervisor_is_killed(home: Path) -> None:
    with served(home) as (url, server):
        children = psutil.Process(server.pid).children(recursive=True)
        assert len(children) >= 2
        server.kill()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == []
        assert polled(f"{url}/readyz") is None
    with served(home) as (url, _):
        time.sleep(0.1)
        assert (answer := polled(f"{url}/readyz")) is not None
        assert answer.status_code == 200
