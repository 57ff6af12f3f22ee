"""The client of webhooks' receivers: no redirect is followed, no proxy asked, little of an answer read.

The name in a URL is looked up here and the connection made to an address that was checked, so that a name that leads
elsewhere at the second look does not lead into the center's own network. Certificates are checked against the name,
with the authorities that this machine trusts.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit, urlunsplit

import httpx

from ttp.core.webhooks import Outcome, Targets
from ttp.peering.bounded import BoundedTransport

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
MOST_BYTES = 64 * 1024
GONE = 410


class AddressRefused(Exception):
    """The name leads to no address to which events may be sent."""


class HttpWebhookSender:
    """Sends messages over HTTP; implements ``ttp.core.webhooks.WebhookSender``. Used by many threads at once."""

    def __init__(self, targets: Targets, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._targets = targets
        self._timeout = timeout

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """One try, in bounded time; never raises for what a receiver or the network does."""
        try:
            return _outcome(self._post(url, body, headers))
        except AddressRefused:
            return Outcome(False, "address-refused")
        except httpx.TimeoutException:
            return Outcome(False, "timeout")
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return Outcome(False, "unreachable")

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = _address(host, port, self._targets)
        place = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
        target = urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
        inner = httpx.HTTPTransport(verify=_trusted())
        with httpx.Client(
            transport=BoundedTransport(inner, most=MOST_BYTES),
            timeout=self._timeout,
            follow_redirects=False,
            trust_env=False,
        ) as http:
            return http.post(
                target,
                content=body,
                headers={**headers, "host": parts.netloc},
                extensions={"sni_hostname": host},
            )


def may_be_sent_to(address: IPv4Address | IPv6Address, targets: Targets) -> bool:
    """Whether the policy lets events go to this address; never to groups, to none, or within a link (RFC 6890)."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return may_be_sent_to(mapped, targets)
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if targets is Targets.PUBLIC:
        return address.is_global
    return targets is Targets.PRIVATE and (
        address.is_global or address.is_private or address.is_loopback
    )


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _address(host: str, port: int, targets: Targets) -> IPv4Address | IPv6Address:
    """An address of the host; one refused address refuses the host.

    Raises:
        AddressRefused: the policy does not let events go there.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(may_be_sent_to(one, targets) for one in addresses):
        raise AddressRefused
    return addresses[0]


def _outcome(response: httpx.Response) -> Outcome:
    if response.is_success:
        return Outcome(True, "delivered")
    if response.is_redirect:
        return Outcome(False, "redirect")
    gone = response.status_code == GONE
    return Outcome(False, f"status-{response.status_code}", gone)
