"""Destroyed keys are gone for good, by two persons, never while rows need them; the receipt counts what is left."""

from __future__ import annotations

import base64
from uuid import UUID

import orjson
import pytest

from keys.custody import RootKey
from keys.digests import canonical_json
from keys.errors import KeyDestroyed
from keys.keyring import Keyring, KeyState, Purpose
from keys.transparency import parse_note, verify_inclusion
from tests.rotation.station import Station
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.errors import Conflict, InvalidField, KeysDestroyed, NotAllowed, SecondPersonNeeded
from ttp.core.key_destruction import KeyDestruction, KeyInUse, UnknownBackup
from ttp.core.rotation import Step
from ttp.services.custody.back_up_keyring import back_up_keyring
from ttp.services.custody.confirm_disposal import confirm_disposal
from ttp.services.custody.destroy_keys import (
    approve_destruction,
    finish_destruction,
    finish_destructions,
    refuse_destruction,
    request_destruction,
)
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.pseudonyms.issue_receipt import issue_receipt

ANNA = Actor(ActorKind.STAFF, "anna", Role.STEWARD, domains=None)
BERT = Actor(ActorKind.STAFF, "bert", Role.STEWARD, domains=None)
CLARA = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)
NAMES = [f"patient {number}" for number in range(20)]


def request(
    station: Station,
    scope: str,
    purpose: Purpose | None = None,
    version: int | None = None,
    *,
    by: Actor = ANNA,
) -> KeyDestruction:
    return station.center.work.run(
        lambda tx: request_destruction(
            station.center, tx, by, scope=scope, purpose=purpose, version=version
        )
    )


def approve(station: Station, asked: KeyDestruction, *, by: Actor = BERT) -> KeyDestruction:
    return approve_destruction(station.center, by, destruction_id=asked.id)


def receipt(station: Station, asked: KeyDestruction) -> dict[str, object]:
    return station.center.work.run(
        lambda tx: issue_receipt(station.center, tx, ANNA, destruction_id=asked.id), write=False
    )


def back_up(station: Station) -> tuple[UUID, bytes]:
    made, content = station.center.work.run(lambda tx: back_up_keyring(station.center, tx, ANNA))
    return made.id, content


def dispose(station: Station, backup: UUID) -> None:
    station.center.work.run(lambda tx: confirm_disposal(station.center, tx, ANNA, backup_id=backup))


def dispose_all(station: Station) -> None:
    for one in station.center.work.run(lambda tx: tx.destructions.backups(), write=False):
        dispose(station, one.id)


@pytest.mark.parametrize("multi", [False, True])
def test_a_domain_without_keys_says_so_and_keeps_its_strings(station: Station, multi: bool) -> None:
    domain = station.domain(multi=multi)
    told = station.ask(domain, NAMES) if not multi else _first(station.ask_many(domain, NAMES, 1))
    other = station.again()
    approve(station, request(station, domain))
    for place in (station, other):
        with pytest.raises(KeysDestroyed):
            place.resolve(domain, told)
        with pytest.raises(KeysDestroyed):
            place.ask_many(domain, NAMES, 1) if multi else place.ask(domain, NAMES)
        with pytest.raises(KeysDestroyed):
            place.ask_many(domain, NAMES, 0) if multi else place.ask(domain, NAMES, create=False)
        with pytest.raises(KeysDestroyed):
            place.forget(domain, NAMES)
    with station.center.work.begin(write=False) as tx:
        assert set(told) <= tx.pseudonyms.taken(tx.domains.get(domain))


def _first(several: list[tuple[str, ...]]) -> list[str]:
    return [tokens[0] for tokens in several]


def test_other_domains_go_on(station: Station) -> None:
    gone, kept = station.domain(), station.domain()
    told = station.ask(kept, NAMES)
    approve(station, request(station, gone))
    assert station.resolve(kept, told) == NAMES


def test_nobody_destroys_alone(station: Station) -> None:
    domain = station.domain()
    asked = request(station, domain)
    for by, error in ((ANNA, SecondPersonNeeded), (CLARA, NotAllowed)):
        with pytest.raises(error):
            approve(station, asked, by=by)
    with pytest.raises(NotAllowed):
        request(station, domain, by=CLARA)
    with pytest.raises(Conflict):
        finish_destruction(station.center, destruction_id=asked.id)
    assert station.ask(domain, NAMES)
    approve(station, asked)
    with pytest.raises(Conflict):
        approve(station, asked)


def test_a_refused_request_destroys_nothing(station: Station) -> None:
    domain = station.domain()
    asked = request(station, domain)
    station.center.work.run(
        lambda tx: refuse_destruction(station.center, tx, BERT, destruction_id=asked.id)
    )
    assert finish_destructions(station.center) == 0
    assert station.ask(domain, NAMES)


@pytest.mark.parametrize("purpose", [Purpose.INDEX, Purpose.SEAL])
def test_a_version_goes_only_when_no_row_refers_to_it(station: Station, purpose: Purpose) -> None:
    domain = station.domain()
    told = station.ask(domain, NAMES)
    rotation = station.request(purpose, domain)
    for step in station.steps(rotation):
        if step is not Step.DONE:
            with pytest.raises(KeyInUse):
                request(station, domain, purpose, 1)
    asked = request(station, domain, purpose, 1)
    with pytest.raises(KeyInUse):
        request(station, domain, purpose, 2)
    with pytest.raises(InvalidField):
        request(station, domain, purpose, 3)
    done = approve(station, asked)
    with pytest.raises(KeyDestroyed):
        station.center.keyring.at(purpose, domain, 1)
    assert station.ask(domain, NAMES) == told
    assert station.resolve(domain, told) == NAMES
    assert receipt(station, done)["versions"] == [{"purpose": purpose.value, "version": 1}]


def test_what_was_approved_and_interrupted_is_finished_by_the_worker(station: Station) -> None:
    domain = station.domain()
    asked = request(station, domain)

    class Killed(BaseException):
        pass

    def die(_domain: str) -> None:
        raise Killed

    center = station.again().center
    center.keyring.destroy_domain = die  # type: ignore[method-assign,assignment] # the process ends here
    with pytest.raises(Killed):
        approve_destruction(center, BERT, destruction_id=asked.id)
    assert finish_destructions(station.center) == 1
    assert finish_destructions(station.center) == 0
    with pytest.raises(KeysDestroyed):
        station.ask(domain, NAMES)


def test_a_rotation_whose_keys_are_destroyed_halts(station: Station) -> None:
    domain = station.domain()
    station.ask(domain, NAMES)
    rotation = station.request(Purpose.INDEX, domain)
    station.advance(rotation)
    approve(station, request(station, domain))
    assert station.rotation(rotation).error == "keys-destroyed"
    assert not station.advance(rotation)


def test_the_receipt_is_complete_only_when_older_copies_are_disposed_of(station: Station) -> None:
    dispose_all(station)
    domain = station.domain()
    station.ask(domain, NAMES)
    older, _ = back_up(station)
    done = approve(station, request(station, domain))
    back_up(station)
    before = receipt(station, done)
    copies = before["copies"]
    assert isinstance(copies, list)
    assert [one["backup"] for one in copies if not one["disposed_at"]] == [str(older)]
    assert before["complete"] is False
    dispose(station, older)
    dispose(station, older)
    assert receipt(station, done)["complete"] is True
    with pytest.raises(UnknownBackup):
        dispose(station, done.id)


def test_the_receipt_proves_itself(station: Station) -> None:
    domain = station.domain()
    done = approve(station, request(station, domain))
    told = receipt(station, done)
    signature, log = told.pop("signature"), told["log"]
    assert isinstance(signature, dict)
    assert isinstance(log, dict)
    public = audit_signing_key(station.center).public
    assert public.verify(bytes.fromhex(signature["ed25519"]), canonical_json(told))
    assert not public.verify(
        bytes.fromhex(signature["ed25519"]), canonical_json(told | {"complete": 1})
    )
    size, root = parse_checkpoint(log["checkpoint"])
    verify_inclusion(
        index=log["position"],
        size=size,
        leaf=bytes.fromhex(log["hash"]),
        proof=[bytes.fromhex(node) for node in log["proof"]],
        root=root,
    )
    with station.center.work.begin(write=False) as tx:
        (leaf,) = tx.audit.leaves(log["position"], log["position"] + 1)
    body = orjson.loads(leaf.body)
    assert leaf.hash().hex() == log["hash"]
    assert (body["action"], body["facts"]["scope"]) == ("keys.destroyed", domain)
    assert (body["facts"]["requested_by"], body["facts"]["approved_by"]) == ("anna", "bert")


def parse_checkpoint(note: str) -> tuple[int, bytes]:
    _, size, root = parse_note(note).body.splitlines()[:3]
    return int(size), base64.b64decode(root)


def test_a_copy_is_the_keyring_of_its_generation_and_holds_what_is_destroyed_later(
    station: Station, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """That is why the receipt waits for its disposal."""
    domain = station.domain()
    secret = station.center.keyring.active(Purpose.SEAL, domain).secret
    _, content = back_up(station)
    approve(station, request(station, domain))
    file = tmp_path_factory.mktemp("copy") / "keyring"
    file.write_bytes(content)
    copy = Keyring.open(file, root=RootKey(station.root))
    assert copy.active(Purpose.SEAL, domain).secret == secret
    states = {info.state for info in station.center.keyring.versions(Purpose.SEAL, domain)}
    assert states == {KeyState.DESTROYED}


def test_every_act_leaves_a_leaf(station: Station) -> None:
    domain = station.domain()
    backup, _ = back_up(station)
    asked = request(station, domain)
    approve(station, asked)
    dispose(station, backup)
    with station.center.work.begin(write=False) as tx:
        leaves = [*tx.audit.leaves(0, tx.audit.size()), *tx.audit.unsequenced(10)]
    bodies = [orjson.loads(leaf.body) for leaf in leaves]
    ours = [body for body in bodies if body["approval"] == str(asked.id)]
    expected = [
        "approval.requested",
        "approval.granted",
        "keys.destruction-approved",
        "keys.destroyed",
    ]
    assert [body["action"] for body in ours] == expected
    named = {body["action"] for body in bodies}
    assert named >= {"keyring.backed-up", "keyring.backup-disposed", "keys.destruction-requested"}


def test_only_domains_lose_all_their_keys_at_once(station: Station) -> None:
    with pytest.raises(InvalidField):
        request(station, "")
    with pytest.raises(InvalidField):
        request(station, station.domain(), Purpose.SEAL)
