"""Listening for HL7: messages of a connection are taken in their order; garbage ends nothing but itself (MLLP)."""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hl7.mllp import InvalidBlockError, start_hl7_server

from ttp.cli.hl7_taking import Receiver
from ttp.wire.hl7.message import Hl7TooLarge

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and to how many at once. ``idle_seconds`` end a connection that says nothing."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    most_connections: int = 64
    idle_seconds: float = 3600.0


def server_tls(certificate: Path, key: Path | None, client_ca: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate; with ``client_ca`` only for clients that it certified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def listen(
    receiver: Receiver, listening: Listening, *, ready: Callable[[int], None], stop: asyncio.Event
) -> None:
    """Serve until ``stop``; ``ready`` is told the port. Messages that were begun are answered before the end."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: Any, writer: Any) -> None:
        task = asyncio.current_task()
        if task is None or len(connections) >= listening.most_connections:
            writer.close()
            return
        connections.add(task)
        try:
            await _converse(receiver, reader, writer, listening.idle_seconds, stop)
        finally:
            connections.discard(task)
            writer.close()

    server = await start_hl7_server(
        connected,
        listening.host,
        listening.port,
        limit=receiver.largest,
        ssl=listening.tls,
    )
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()
        if connections:
            await asyncio.wait(connections, timeout=10)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set ``stop`` when the process is asked to end."""
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)


async def _converse(
    receiver: Receiver, reader: Any, writer: Any, idle_seconds: float, stop: asyncio.Event
) -> None:
    """Answer the messages of one connection, one after the other."""
    while not stop.is_set():
        try:
            raw = await _next(reader, idle_seconds, stop)
        except InvalidBlockError:
            raw = b""  # bytes without the beginning of a frame: refused, and on with the next
        except ValueError:
            writer.writeblock(receiver.answer(b"", Hl7TooLarge()))
            await writer.drain()
            return  # larger than allowed: where the next message begins is not known
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError, ssl.SSLError):
            return
        if raw is None:
            return
        answer = await asyncio.to_thread(receiver.acknowledge, raw)
        try:
            writer.writeblock(answer)
            await writer.drain()
        except ConnectionError:
            return


async def _next(reader: Any, idle_seconds: float, stop: asyncio.Event) -> bytes | None:
    """The next message; None if the service ends before one is complete."""
    reading = asyncio.ensure_future(reader.readblock())
    stopping = asyncio.ensure_future(stop.wait())
    done, _ = await asyncio.wait(
        {reading, stopping}, timeout=idle_seconds, return_when=asyncio.FIRST_COMPLETED
    )
    stopping.cancel()
    if reading in done:
        raw: bytes = reading.result()
        return raw
    reading.cancel()
    return None
