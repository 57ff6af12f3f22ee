"""Rubbish of peers: a site whose signed answers have no form counts as one that did not answer; nothing breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keys.signatures import SigningKey
from tests.federation.network import PROJECT, Network
from ttp.core.access import SYSTEM
from ttp.core.federation import FederationPath, Peers
from ttp.core.names import IdentityId
from ttp.core.peers import Peer, PeerAnswerRejected
from ttp.services.log.export_audit import sequence_now
from ttp.services.peers.collect_cosignatures import collect_cosignatures
from ttp.services.projects.ask_evidence import Question, ask_evidence
from ttp.services.projects.fetch_project_pseudonyms import fetch_project_pseudonyms
from ttp.services.projects.submit_encodings import submit_encodings
from ttp.services.releases.ask_permissions import ask_permissions


@dataclass
class Rubbish:
    """Peers that are who they say, and answer whatever they like."""

    answer: Any

    def ask(
        self,
        peer: Peer,
        path: FederationPath,
        payload: Mapping[str, Any],
        *,
        key: SigningKey | None = None,
    ) -> dict[str, Any]:
        """The same to every question."""
        del peer, path, payload, key
        return dict(self.answer)

    def statements(self, peer: Peer) -> list[object]:
        """None."""
        del peer
        return []


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"commitment": "c", "records": ["a"]}, id="a list in place of records"),
        pytest.param({"commitment": "c", "records": 7}, id="a number in place of records"),
        pytest.param({"commitment": None, "records": {}}, id="no commitment"),
        pytest.param({"commitment": ["c"], "records": {}}, id="a list in place of a commitment"),
    ],
)
def test_a_site_whose_evidence_has_no_form_is_silent(network: Network, answer: Any) -> None:
    project = network.bund.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
    question = Question(IdentityId(network.bund.new_id()), "nord", "s1")
    told = ask_evidence(network.bund, Rubbish(answer), project, [question])
    assert (dict(told.records), dict(told.silent)) == ({}, {"nord": "peer-answer-rejected"})


@pytest.mark.parametrize("refused", [[{}], [[]], [7], "a", None])
def test_a_site_whose_permissions_have_no_form_stops_the_release(
    network: Network, refused: Any
) -> None:
    network.populate(3)
    network.submit("nord")
    with pytest.raises(PeerAnswerRejected):
        ask_permissions(network.bund, Rubbish({"refused": refused}), project_name=PROJECT)


@dataclass
class OneOfThem:
    """Peers of which one answers rubbish and all others as they are."""

    name: str
    rubbish: Rubbish
    others: Peers

    def ask(
        self,
        peer: Peer,
        path: FederationPath,
        payload: Mapping[str, Any],
        *,
        key: SigningKey | None = None,
    ) -> dict[str, Any]:
        """Whatever the peer answers."""
        asked = self.rubbish if peer.name == self.name else self.others
        return asked.ask(peer, path, payload, key=key)

    def statements(self, peer: Peer) -> list[object]:
        """None."""
        del peer
        return []


@pytest.mark.parametrize("line", ["rubbish", "a\nb\n", "— bund AAAA\n", 7, None])
def test_a_witness_that_signs_nothing_keeps_no_other_from_signing(
    network: Network, line: Any
) -> None:
    nord = network.sites["nord"]
    sequence_now(nord)
    bad = Rubbish({"cosignature": line})
    assert collect_cosignatures(nord, OneOfThem("bund", bad, network.client(nord))) == 1


@pytest.mark.parametrize("count", ["a", -1, None, [], 1.5])
def test_a_count_of_submissions_that_is_none_is_refused(network: Network, count: Any) -> None:
    network.populate(3)
    with pytest.raises(PeerAnswerRejected):
        submit_encodings(
            network.sites["nord"], Rubbish({"new": count}), SYSTEM, project_name=PROJECT
        )


@pytest.mark.parametrize("cursor", ["", "1", 7, [], {}])
def test_pages_that_never_end_are_refused(network: Network, cursor: Any) -> None:
    member = {"submission": "s", "pseudonym": "p", "former": [], "secondaries": []}
    endless = Rubbish({"members": [member], "next": cursor})
    with pytest.raises(PeerAnswerRejected):
        fetch_project_pseudonyms(network.sites["nord"], endless, SYSTEM, project_name=PROJECT)
