"""Of two requests that end the same link at once, one is told that it did."""

import threading
import time

import pytest

from tests.services.pseudonyms.asking import Asking
from ttp.core.access import OPERATOR
from ttp.core.errors import UnknownOriginal
from ttp.services.pseudonyms.end_pseudonyms import anonymize_originals

LOCKED_SECONDS = 0.3


@pytest.mark.parametrize("multi", [False, True])
def test_a_link_ends_once(ask: Asking, multi: bool) -> None:
    domain = ask.domain(deletable=True, multi=multi)
    tokens = ask.secondaries(domain, "x", 2) if multi else tuple(ask.tokens(domain, ["x"]))
    told: list[object] = []
    second = threading.Thread(target=lambda: told.extend(ask.delete(domain, ["x"])))
    with ask.center.work.begin() as tx:
        (first,) = anonymize_originals(
            ask.center, tx, OPERATOR, domain_name=domain.name, originals=["x"]
        )
        second.start()
        time.sleep(LOCKED_SECONDS)  # until it waits for the row, or for its turn
    second.join()
    assert first == tokens
    assert isinstance(told[0], UnknownOriginal)
    assert not [
        act
        for act in ask.acts(domain)
        if act["action"] == "pseudonyms.deleted" and act["counts"]["ended"]
    ]
