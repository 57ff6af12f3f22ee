"""One center for the whole package: domains of each kind and a caller with all their rights."""

from pathlib import Path

import pytest

from tests.builders import make_center, make_domain, make_http, make_key
from tests.fhir.interface import Caller
from ttp.core.center import Center

DOMAINS = ("single", "multi", "deletable", "lasting")


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    folder: Path = tmp_path_factory.mktemp("center")
    center = make_center(folder)
    make_domain(center, "single", aliases=("https://diz.example/fhir/sid/psn",))
    make_domain(center, "multi", multi=True)
    make_domain(center, "deletable", deletable=True)
    make_domain(center, "lasting")
    make_domain(center, "foreign")
    return center


@pytest.fixture(scope="module")
def caller(center: Center) -> Caller:
    return Caller(make_http(center), make_key(center, *DOMAINS))
