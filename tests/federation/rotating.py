"""A center of a network whose key is rotated, step by step."""

from __future__ import annotations

from typing import Protocol

from keys.keyring import Purpose
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.federation import Peers
from ttp.core.rotation import Step
from ttp.services.custody.advance_rotation import advance_rotation
from ttp.services.custody.rotate_keys import request_rotation
from ttp.services.peers.announce_keys import tell_peers


class Connected(Protocol):
    """Centers that reach each other."""

    def client(self, center: Center) -> Peers:
        """The client with which a center asks the others."""
        ...


class Rotating:
    """One center of a network in a rotation, step by step."""

    def __init__(self, network: Connected, center: Center, purpose: Purpose) -> None:
        self.network, self.center = network, center
        self.id = center.work.run(
            lambda tx: request_rotation(center, tx, OPERATOR, purpose=purpose)
        ).id

    def on(self) -> Step:
        """Go as far as possible now; the step that comes next."""
        while advance_rotation(self.center, rotation_id=self.id, holder="test"):
            pass
        return self.center.work.run(lambda tx: tx.rotations.get(self.id), write=False).step

    def tell(self) -> int:
        """Tell the peers; how many got further."""
        return tell_peers(self.center, self.network.client(self.center))


def rotate(network: Connected, center: Center) -> None:
    """A whole rotation of the signing key, with every peer listening."""
    rotating = Rotating(network, center, Purpose.SIGNING)
    assert rotating.on() is Step.ANNOUNCE
    rotating.tell()
    assert rotating.on() is Step.DONE


def known(center: Center, name: str) -> str:
    """The key by which a center knows a peer."""
    return center.work.run(lambda tx: tx.peers.get(name), write=False).key.key_id
