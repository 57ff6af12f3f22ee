"""Sessions over MLLP on loopback: answered once committed, in order; garbage, sizes and failures end nothing else."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hl7.mllp import open_hl7_connection

from tests.builders import make_center
from tests.coroutines import finished
from tests.hospital.adt import adt, merge, person, unlink
from tests.hospital.saying import identities, person_count
from ttp.cli.hl7_listening import Listening, listen
from ttp.cli.hl7_taking import Answer, Receiver, Taker, local_taker
from ttp.core.center import Center
from ttp.core.errors import DatabaseBusy
from ttp.core.persons import LOCAL
from ttp.wire.hl7.source_map import SourceMap

MAP = SourceMap(record_id="KIS")
Session = Callable[[Any, Any], Awaitable[None]]


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def converse(
    take: Taker, *sessions: Session, largest: int = 1 << 16, tls: ssl.SSLContext | None = None
) -> None:
    """Run sessions, each on a connection of its own, one after the other, against a listener."""

    async def run() -> None:
        stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
        receiver = Receiver(MAP, take, largest)
        place = Listening("127.0.0.1", 0, tls)
        serving = asyncio.create_task(listen(receiver, place, ready=port.set_result, stop=stop))
        for session in sessions:
            reader, writer = await open_hl7_connection("127.0.0.1", await port, encoding="utf-8")
            await asyncio.wait_for(session(reader, writer), 30)
            writer.close()
        stop.set()
        await asyncio.wait_for(serving, 30)

    finished(run())


async def ask(reader: Any, writer: Any, message: str | bytes) -> str:
    """Send a message; MSA-1 of the answer, with ERR-5 if there is one."""
    writer.writeblock(message.encode() if isinstance(message, str) else message)
    await writer.drain()
    answer = (await reader.readblock()).decode("ascii")
    code = next(line for line in answer.split("\r") if line.startswith("MSA")).split("|")[1]
    problems = [line.split("|")[5] for line in answer.split("\r") if line.startswith("ERR")]
    return " ".join([code, *problems])


def test_a_day_of_a_hospital(center: Center) -> None:
    async def session(reader: Any, writer: Any) -> None:
        assert await ask(reader, writer, person("17")) == "AA"
        with center.work.begin(write=False) as tx:
            assert tx.identities.count(LOCAL)[0] == 1  # AA: it is there already
        for message in (person("18"), merge("18", "17"), merge("18", "17"), person("17", "A08")):
            assert await ask(reader, writer, message) == "AA"
        assert person_count(center) == 1
        assert await ask(reader, writer, unlink("18", "17", at="20261122101600")) == "AA"
        assert person_count(center) == 2
        assert await ask(reader, writer, merge("18", "17")) == "AA"  # older than the unlinking
        assert await ask(reader, writer, adt("A03", "PV1|1")) == "AA"
        assert await ask(reader, writer, unlink("17", "99")) == "AE unknown-survivor"
        assert await ask(reader, writer, merge("17", "99")) == "AA"  # awaited
        assert await ask(reader, writer, adt("A04", "PID|1||5^^^KIS")) == "AE record-incomplete"

    converse(local_taker(center, "kis"), session)
    assert person_count(center) == 2


def test_a_merge_may_come_before_what_it_merges(center: Center) -> None:
    async def session(reader: Any, writer: Any) -> None:
        for message in (person("17"), merge("18", "17", at="20261122120000"), person("18")):
            assert await ask(reader, writer, message) == "AA"

    converse(local_taker(center, "kis"), session)
    assert len(identities(center, "17", "18")) == 2
    assert person_count(center) == 1


def test_garbage_is_refused_and_the_connection_goes_on(center: Center) -> None:
    async def session(reader: Any, writer: Any) -> None:
        assert await ask(reader, writer, b"garbage") == "AR hl7-malformed"
        assert await ask(reader, writer, b"\x00\xff" * 100) == "AR hl7-malformed"
        writer.write(b"no frame at all\x1c\r")
        assert b"hl7-malformed" in await reader.readblock()
        assert await ask(reader, writer, person("17")) == "AA"

    converse(local_taker(center, "kis"), session)


def test_what_is_too_large_ends_its_connection_and_no_other(center: Center) -> None:
    async def large(reader: Any, writer: Any) -> None:
        writer.write(b"\x0bMSH|" + b"x" * 300_000)
        await writer.drain()
        assert b"hl7-too-large" in await reader.readblock()
        assert await reader.read() == b""

    async def next_one(reader: Any, writer: Any) -> None:
        assert await ask(reader, writer, person("17")) == "AA"

    async def leaves(reader: Any, writer: Any) -> None:
        del reader
        writer.write(b"\x0bMSH|half a mess")
        await writer.drain()

    converse(local_taker(center, "kis"), large, leaves, next_one)


def test_a_center_that_cannot_answer_now_is_asked_again(center: Center) -> None:
    tries: list[int] = []
    takes = local_taker(center, "kis")

    def busy(messages: Any) -> list[Answer]:
        tries.append(1)
        if len(tries) == 1:
            raise DatabaseBusy
        if len(tries) == 2:
            raise RuntimeError("Müller")
        return takes(messages)

    async def session(reader: Any, writer: Any) -> None:
        answers = [await ask(reader, writer, person("17")) for _ in range(3)]
        assert answers == ["AR database-busy", "AR hl7-not-taken", "AA"]

    converse(busy, session)


def test_messages_of_one_connection_are_taken_in_their_order() -> None:
    seen: list[str] = []
    lock = threading.Lock()

    def slow(messages: Any) -> list[Answer]:
        assert lock.acquire(blocking=False)
        seen.extend(one.record["record_id"] for one in messages)
        lock.release()
        return ["new"]

    async def session(reader: Any, writer: Any) -> None:
        for number in ("17", "18", "19") * 5:
            writer.writeblock(person(number).encode())
        for _ in range(15):
            assert b"MSA|AA" in await reader.readblock()

    converse(slow, session)
    assert seen == ["17", "18", "19"] * 5
