"""Retry: only what cannot have been refused on purpose is tried again, a few times, with growing pauses.

A peer that is reached and silent is not asked again: it may be at work on the first request still.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import httpx

from ttp.core.peers import PeerUnreachable
from ttp.core.ports import Clock

PAUSES = (0.2, 0.8, 3.2)
"""Seconds before the second, third and fourth try."""
PASSING = frozenset({502, 503, 504})
"""Statuses of something that stands before the peer, or of a peer that is sealed or busy."""

T = TypeVar("T")


class Passing(Exception):
    """A failure that another try may cure."""


def with_retries(attempt: Callable[[], T], *, clock: Clock, peer: str) -> T:
    """The result of the first try that succeeds.

    Raises:
        PeerUnreachable: the last try failed too. Whatever else ``attempt`` raises passes through.
    """
    for pause in (*PAUSES, None):
        try:
            return attempt()
        except httpx.ReadTimeout as error:
            raise PeerUnreachable("The peer did not answer in time.", peer=peer) from error
        except (Passing, httpx.TransportError) as error:
            if pause is None:
                raise PeerUnreachable(peer=peer) from error
            clock.sleep(pause)
    raise PeerUnreachable(peer=peer)
