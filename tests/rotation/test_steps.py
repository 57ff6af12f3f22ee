"""In every step of a rotation every question is answered as before; at its end nothing refers to the old version."""

from __future__ import annotations

import pytest

from keys.keyring import KeyState, Purpose
from tests.rotation.station import Station
from ttp.core.access import OPERATOR
from ttp.core.errors import InvalidField, UnknownDomain, UnknownOriginal
from ttp.core.rotation import (
    SCOPELESS,
    NotRotatable,
    RotationEnded,
    RotationRunning,
    RotationState,
    Step,
)
from ttp.services.custody.advance_rotation import advance_rotation
from ttp.services.custody.rotate_keys import pause_rotation, request_rotation, resume_rotation

NAMES = [f"patient {number}" for number in range(40)]
TWICE = [Purpose.INDEX, Purpose.SEAL, Purpose.INDEX]


@pytest.mark.parametrize("purposes", [[Purpose.INDEX], [Purpose.SEAL], TWICE], ids=str)
def test_lookups_and_resolving_are_right_after_every_unit(
    station: Station, purposes: list[Purpose]
) -> None:
    domain = station.domain()
    told = station.ask(domain, NAMES)
    for purpose in purposes:
        for step in station.steps(station.request(purpose, domain)):
            more = station.ask(domain, [f"new at {purpose} {step}"])
            assert station.ask(domain, NAMES, create=False) == told
            assert station.resolve(domain, told + more) == [*NAMES, f"new at {purpose} {step}"]
            assert station.ask(domain, [f"new at {purpose} {step}"]) == more


@pytest.mark.parametrize("purpose", [Purpose.INDEX, Purpose.SEAL])
def test_secondary_pseudonyms_hang_on_their_original_in_every_step(
    station: Station, purpose: Purpose
) -> None:
    domain = station.domain(multi=True)
    told = station.ask_many(domain, NAMES, 2)
    for step in station.steps(station.request(purpose, domain)):
        station.ask_many(domain, [f"new at {step}"], 1)
        assert station.ask_many(domain, NAMES, 0) == told
        assert station.resolve(domain, [tokens[0] for tokens in told]) == NAMES


@pytest.mark.parametrize("purpose", [Purpose.INDEX, Purpose.SEAL])
def test_what_is_anonymized_during_a_rotation_stays_so(station: Station, purpose: Purpose) -> None:
    domain = station.domain()
    station.ask(domain, NAMES)
    gone = iter(NAMES)
    for _ in station.steps(station.request(purpose, domain)):
        name = next(gone)
        station.forget(domain, [name])
        with pytest.raises(UnknownOriginal):
            station.ask(domain, [name], create=False)
    rest = list(gone)
    assert station.resolve(domain, station.ask(domain, rest, create=False)) == rest


@pytest.mark.parametrize("purpose", [Purpose.INDEX, Purpose.SEAL])
def test_the_old_version_is_retired_and_unused_at_the_end(
    station: Station, purpose: Purpose
) -> None:
    domain = station.domain()
    station.ask(domain, NAMES)
    assert station.references(purpose, domain, 1) == len(NAMES)
    ended = station.rotate(purpose, domain)
    states = [info.state for info in station.center.keyring.versions(purpose, domain)]
    assert (ended.old_version, ended.new_version) == (1, 2)
    assert (ended.done, ended.total) == (len(NAMES), len(NAMES))
    assert states == [KeyState.RETIRED, KeyState.ACTIVE]
    assert [station.references(purpose, domain, version) for version in (1, 2)] == [0, len(NAMES)]


def test_an_empty_domain_rotates_too(station: Station) -> None:
    domain = station.domain()
    for purpose in (Purpose.INDEX, Purpose.SEAL, Purpose.AUDIT, Purpose.CLIENT, Purpose.SESSION):
        scope = "" if purpose in SCOPELESS else domain
        assert station.rotate(purpose, scope).state is RotationState.DONE
    assert station.resolve(domain, station.ask(domain, NAMES)) == NAMES


def test_a_process_that_read_the_keyring_before_the_rotation_keeps_up(station: Station) -> None:
    domain, other = station.domain(), station.again()
    told = other.ask(domain, NAMES)
    for purpose in TWICE:
        for _ in station.steps(station.request(purpose, domain)):
            assert other.ask(domain, NAMES, create=False) == told
            assert other.resolve(domain, told) == NAMES


def test_nothing_swaps_while_one_next_index_is_missing(station: Station) -> None:
    domain = station.domain()
    station.ask(domain, NAMES)
    rotation = station.request(Purpose.INDEX, domain)
    steps = station.steps(rotation)
    while next(steps) is not Step.SWAP:
        pass
    forget_one_next_index(station, domain)
    assert station.advance(rotation)
    halted = station.rotation(rotation)
    assert (halted.step, halted.state, halted.error) == (
        Step.SWAP,
        RotationState.PAUSED,
        "rows-damaged",
    )
    assert station.resolve(domain, station.ask(domain, NAMES, create=False)) == NAMES


def forget_one_next_index(station: Station, domain: str) -> None:
    """As if a writer had not known of the rotation."""
    with station.center.work.begin() as tx:
        scope = tx.scopes.scope(domain)
        epoch = tx.scopes.epoch(scope)
        tx.scopes.set_epoch(scope, type(epoch)(epoch.current_version, None, epoch.turned))
    station.ask(domain, ["who was not told"])
    with station.center.work.begin() as tx:
        tx.scopes.set_epoch(tx.scopes.scope(domain), epoch)


def test_a_paused_rotation_rests_and_goes_on_where_it_was(station: Station) -> None:
    domain = station.domain()
    told = station.ask(domain, NAMES)
    rotation = station.request(Purpose.INDEX, domain)
    for _ in range(3):
        station.advance(rotation)
    before = station.rotation(rotation)
    station.center.work.run(
        lambda tx: pause_rotation(station.center, tx, OPERATOR, rotation_id=rotation)
    )
    assert not station.advance(rotation)
    assert station.ask(domain, NAMES, create=False) == told
    station.center.work.run(
        lambda tx: resume_rotation(station.center, tx, OPERATOR, rotation_id=rotation)
    )
    assert station.rotation(rotation).done == before.done == 14
    assert list(station.steps(rotation))[-1] is Step.DONE
    with pytest.raises(RotationEnded):
        station.center.work.run(
            lambda tx: pause_rotation(station.center, tx, OPERATOR, rotation_id=rotation)
        )


def test_another_worker_waits_for_the_lease(station: Station) -> None:
    domain = station.domain()
    rotation = station.request(Purpose.SEAL, domain)
    assert station.advance(rotation)
    assert not advance_rotation(station.center, rotation_id=rotation, holder="somebody else")
    assert list(station.steps(rotation))[-1] is Step.DONE


def test_what_cannot_be_rotated_is_refused(station: Station) -> None:
    domain = station.domain()
    station.request(Purpose.INDEX, domain)
    refused = [
        (Purpose.INDEX, domain, RotationRunning),
        (Purpose.TOKEN, domain, NotRotatable),
        (Purpose.LINKAGE, "herz", NotRotatable),
        (Purpose.SEAL, "nowhere", UnknownDomain),
        (Purpose.SEAL, "", InvalidField),
        (Purpose.CLIENT, domain, InvalidField),
    ]
    for purpose, scope, error in refused:
        with pytest.raises(error):
            station.center.work.run(
                lambda tx, p=purpose, s=scope: request_rotation(  # type: ignore[misc] # bound now
                    station.center, tx, OPERATOR, purpose=p, scope=s
                )
            )
