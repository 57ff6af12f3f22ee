"""Step 0: domains and clients are made, the servers start, and the centers come to trust each other's keys."""

from __future__ import annotations

from itertools import permutations

import httpx

from ttp.core.access import OPERATOR, Role
from ttp.core.check_digits import CheckMethod
from ttp.core.domains import (
    DEFAULT_ALPHABET,
    DEFAULT_LENGTH,
    NewDomain,
    PseudonymForm,
    alphabet_named,
)
from ttp.core.names import DomainName
from ttp.core.peers import PeerCard
from ttp.demo.centers import DemoCenter, make_client
from ttp.demo.narration import Step
from ttp.demo.stage import DIZ, PIPELINE, Stage
from ttp.services.domains.create_domain import create_domain
from ttp.services.log.sequence_leaves import await_checkpoint
from ttp.services.peers.propose_peer import propose_peer
from ttp.services.peers.trust_peer import trust_peer


def furnish(stage: Stage) -> None:
    """Make the DIZ domain and the pipeline's key at each local center."""
    for site in stage.sites:
        _make_domain(site)
        make_client(site, PIPELINE, Role.PIPELINE, DIZ)


def _make_domain(site: DemoCenter) -> None:
    form = PseudonymForm(alphabet_named(DEFAULT_ALPHABET), DEFAULT_LENGTH, "", CheckMethod.ISO7064)
    new = NewDomain(DomainName(DIZ), form)
    site.center.work.run(lambda tx: create_domain(site.center, tx, OPERATOR, new))


def start_servers(stage: Stage, step: Step) -> None:
    """Start all servers and wait until each is ready."""
    step.expect(len(stage.centers))
    for one in stage.centers.values():
        one.start()
    for one in stage.centers.values():
        one.await_ready()
        step.advance()
        step.say(f"{one.name}: {one.url}")


def make_friends(stage: Stage, step: Step) -> None:
    """Fetch each other's cards, compare key IDs, and let two persons of each center accept them."""
    pairs = list(permutations(stage.centers.values(), 2))
    step.expect(len(pairs))
    for one, other in pairs:
        _trust(one, other)
        step.advance()
    step.say("each center pinned the keys of both others, by two persons")


def _trust(one: DemoCenter, other: DemoCenter) -> None:
    card = PeerCard.read(httpx.get(f"{other.url}/api/v1/trust", trust_env=False).json())
    center = one.center
    first, second = one.person("steward"), one.person("second-steward")
    center.work.run(lambda tx: propose_peer(center, tx, first, card=card))
    _, leaf = center.work.run(lambda tx: trust_peer(center, tx, second, name=card.name))
    await_checkpoint(center, leaf)
