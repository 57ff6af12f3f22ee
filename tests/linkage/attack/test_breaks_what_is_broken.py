"""An attack that no longer breaks what is known to break proves nothing: these must fall, and one must hold."""

import pytest

from linkage.attack.errors import AttackTooSmall
from linkage.attack.trial import Trial, attack
from linkage.schema import load
from tests.linkage.attack.encodings import composite
from tests.scale import scaled


@pytest.fixture(scope="module")
def plain() -> Trial:
    return attack(composite(10), scaled(500, least=500), 1.0, seed=1)


def test_plain_filters_of_one_population_fall_to_the_last_person(plain: Trial) -> None:
    assert plain.recall.value >= 0.95
    assert plain.known.value >= 0.95
    assert plain.rank >= 30


def test_the_attacker_knows_that_he_succeeded(plain: Trial) -> None:
    assert plain.own.tries >= 0.1 * plain.n
    assert plain.own.value >= 0.95
    assert plain.surest.value >= 0.95


def test_sparse_filters_fall_although_diffused_eight_times() -> None:
    assert attack(composite(3, 8), scaled(2000, least=2000), 1.0, seed=1).recall.value >= 0.9


def test_full_filters_hold_diffused_ten_times() -> None:
    found = attack(composite(10, 10), scaled(1000, least=1000), 1.0, seed=1)
    assert found.recall.value <= 0.005
    assert found.own.right <= 1


def test_a_seed_means_one_result() -> None:
    schema = composite(10, 4)
    assert attack(schema, 250, 0.4, seed=3) == attack(schema, 250, 0.4, seed=3)


def test_known_pairs_are_never_counted_as_found() -> None:
    found = attack(composite(10), 300, 0.2, seed=2, known_pairs=50)
    assert found.known_pairs == 30
    assert found.known.tries == 30
    assert found.recall.tries == 60


def test_a_handful_of_persons_is_no_attack() -> None:
    with pytest.raises(AttackTooSmall):
        attack(load("record"), 199, 1.0, seed=1)
