"""Drawing: a domain too large to be searched says that it is full only where it nearly is."""

from collections.abc import Sequence

import pytest

from keys.digests import sha256
from tests.services.pseudonyms.asking import Asking
from ttp.core.domains import Domain
from ttp.core.names import Pseudonym
from ttp.core.pseudonyms import LOOK_AFTER, MOST_REDRAWS
from ttp.services.pseudonyms.draw_pseudonyms import draw_for


class Store:
    """Takes what is drawn as a domain does of which this share is used."""

    def __init__(self, used: float) -> None:
        self._used, self.rounds = used, 0

    def __call__(self, drawn: Sequence[tuple[int, Pseudonym]]) -> list[int]:
        self.rounds += 1
        return [key for key, token in drawn if sha256(token.encode())[0] < 256 * self._used]


@pytest.fixture(scope="module")
def domain(ask: Asking) -> Domain:
    return ask.domain(alphabet="digits", length=7)


@pytest.mark.parametrize("used", [0.2, 0.5, 0.8])
def test_a_large_domain_in_use_gives_every_original_a_pseudonym(
    ask: Asking, domain: Domain, used: float
) -> None:
    store = Store(used)
    left = ask.center.work.run(lambda tx: draw_for(tx, domain, range(1000), store))
    assert not left
    assert store.rounds > 1


def test_a_full_one_is_given_up(ask: Asking, domain: Domain) -> None:
    store = Store(1.0)
    assert ask.center.work.run(lambda tx: draw_for(tx, domain, [1, 2], store)) == [1, 2]
    assert LOOK_AFTER <= store.rounds <= MOST_REDRAWS


def test_who_loses_a_free_string_to_another_request_finds_the_next(ask: Asking) -> None:
    domain = ask.domain(alphabet="digits", length=1)
    refused = iter([True] * 7 + [False])
    left = ask.center.work.run(
        lambda tx: draw_for(tx, domain, [1], lambda drawn: [k for k, _ in drawn if next(refused)])
    )
    assert not left
