"""A center in which pseudonyms end, with clients that read of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tests.builders import ManualClock, make_center, make_domain, make_key
from ttp.core.access import OPERATOR, Actor
from ttp.core.center import Center
from ttp.core.webhooks import Webhook
from ttp.services.access.admit_client import authenticate_client
from ttp.services.events.manage_webhooks import add_webhook
from ttp.services.log.sequence_leaves import sequence_leaves
from ttp.services.pseudonyms.end_pseudonyms import anonymize_originals, delete_pseudonyms
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms


@dataclass(frozen=True)
class Newsroom:
    """The center under test, its clock and a reader of the domain ``diz``."""

    center: Center
    clock: ManualClock
    key: str

    @property
    def reader(self) -> Actor:
        """The client that reads."""
        return authenticate_client(self.center, api_key=self.key)

    def end(self, *originals: str, domain: str = "diz", delete: bool = False) -> None:
        """Issue pseudonyms and end them, in one act each."""
        service = delete_pseudonyms if delete else anonymize_originals

        def step(tx: object) -> None:
            issue_pseudonyms(
                self.center,
                tx,  # type: ignore[arg-type] # a transaction of the center
                OPERATOR,
                domain_name=domain,
                originals=originals,
            )
            service(
                self.center,
                tx,  # type: ignore[arg-type] # likewise
                OPERATOR,
                domain_name=domain,
                originals=originals,
            )

        self.center.work.run(step)
        self.clock.skip(milliseconds=1)

    def sequence(self) -> None:
        """Give every leaf its place."""
        while self.center.work.run(lambda tx: sequence_leaves(self.center, tx, holder="test")):
            pass


def make_newsroom(home: Path, database_url: str = "") -> Newsroom:
    """A new center with the domains ``diz`` and ``other``."""
    clock = ManualClock()
    center = replace(make_center(home, database_url), clock=clock)
    for name in ("diz", "other"):
        make_domain(center, name, deletable=True)
    return Newsroom(center, clock, make_key(center, "diz", name="reader"))


def make_webhook(
    center: Center, *, client: str = "pipeline", url: str = "http://127.0.0.1:9/hook"
) -> Webhook:
    """A webhook of a client, by default to a port where nobody listens."""
    return center.work.run(lambda tx: add_webhook(center, tx, OPERATOR, client=client, url=url))[0]
