"""Polling: one client for every wait, because each call of ``httpx.get`` reads the machine's certificates anew."""

import httpx

_CLIENT = httpx.Client(timeout=10, headers={"Connection": "close"})


def polled(url: str) -> httpx.Response | None:
    """The answer at this URL; None while nobody answers."""
    try:
        return _CLIENT.get(url)
    except httpx.TransportError:
        return None
