"""Bounded answers: who answers more than is asked for is not listened to any longer."""

from __future__ import annotations

import httpx


class AnswerTooLarge(httpx.TransportError):
    """The other side sent more bytes than were allowed."""


class BoundedTransport(httpx.BaseTransport):
    """Reads every answer up to a number of bytes; beyond it the request fails as a broken connection does."""

    def __init__(self, inner: httpx.BaseTransport, *, most: int) -> None:
        self._inner = inner
        self._most = most

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read its answer, decoded by nobody yet."""
        request.headers["accept-encoding"] = "identity"
        response = self._inner.handle_request(request)
        content = bytearray()
        try:
            for part in response.iter_raw():
                content += part
                if len(content) > self._most:
                    raise AnswerTooLarge("the answer is too large")
        finally:
            response.close()
        return httpx.Response(
            response.status_code, headers=response.headers, content=bytes(content)
        )

    def close(self) -> None:
        """Give back all connections."""
        self._inner.close()
