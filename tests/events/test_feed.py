"""The feed is one order, that of the log: pages of any size put together are all events, while new ones are written."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from tests.builders import bearer, make_http
from tests.events.newsroom import Newsroom, make_newsroom
from ttp.core.access import OPERATOR
from ttp.core.errors import InvalidField, NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.events import Cursor, FeedKind
from ttp.services.events.announce_event import announce
from ttp.services.events.read_events import Page, read_events
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf


@pytest.fixture
def newsroom(tmp_path: Path, database_url: str) -> Newsroom:
    return make_newsroom(tmp_path, database_url)


@pytest.fixture(scope="module")
def one_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    return make_newsroom(tmp_path_factory.mktemp("feed"))


class Reader:
    """Follows the feed."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.actor = newsroom.reader
        self.after = Cursor()
        self.seen: list[str] = []

    def read(self, limit: int) -> int:
        """Take the next page."""
        page = read_events(self.newsroom.center, self.actor, Page(self.after, limit))
        self.seen += [str(one.cursor) for one in page.events]
        self.after = page.next
        return len(page.events)


written = st.sampled_from(["end", "delete", "foreign", "other", "sequence"])
steps = st.lists(st.one_of(st.integers(1, 4), written))


@given(steps=steps)
def test_pages_put_together_are_all_events_in_order(
    one_newsroom: Newsroom, steps: list[int | str]
) -> None:
    reader, whole = Reader(one_newsroom), Reader(one_newsroom)
    for number, step in enumerate(steps):
        if isinstance(step, int):
            reader.read(step)
        elif step == "sequence":
            one_newsroom.sequence()
        elif step == "foreign":
            _announce(one_newsroom, recipients=frozenset({"client:somebody"}))
        elif step == "other":
            one_newsroom.end(f"{number}-{one_newsroom.clock.now()}", domain="other")
        else:
            one_newsroom.end(f"{number}-{one_newsroom.clock.now()}", delete=step == "delete")
            one_newsroom.clock.skip(seconds=1)
    one_newsroom.sequence()
    while reader.read(3):
        pass
    while whole.read(1000):
        pass
    assert reader.seen == whole.seen
    assert len(set(whole.seen)) == len(whole.seen)


def test_nothing_is_missed_while_others_write(newsroom: Newsroom) -> None:
    real = replace(newsroom.center, clock=_RealClock())
    newsroom = replace(newsroom, center=real)
    done = threading.Event()

    def write(name: str) -> None:
        for number in range(15):
            newsroom.end(f"{name}{number}")
            _announce(newsroom, recipients=frozenset({"client:somebody"}))

    def sequence() -> None:
        while not done.is_set():
            newsroom.sequence()

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    sequencer = threading.Thread(target=sequence)
    reader = Reader(newsroom)
    for thread in [*writers, sequencer]:
        thread.start()
    while any(thread.is_alive() for thread in writers):
        reader.read(2)
    done.set()
    sequencer.join()
    newsroom.sequence()
    while reader.read(7):
        pass
    assert len(reader.seen) == len(set(reader.seen)) == 45


def test_an_unsequenced_event_is_not_told(newsroom: Newsroom) -> None:
    newsroom.end("a")
    assert read_events(newsroom.center, newsroom.reader, Page()).events == []
    newsroom.sequence()
    (event,) = read_events(newsroom.center, newsroom.reader, Page()).events
    assert (event.kind, event.domain, len(event.items)) == (FeedKind.ANONYMIZED, "diz", 1)


def test_readers_see_their_domains_and_what_they_were_given(newsroom: Newsroom) -> None:
    newsroom.end("a")
    newsroom.end("b", domain="other")
    _announce(newsroom, recipients=frozenset({"client:somebody"}))
    _announce(newsroom, recipients=frozenset({"client:reader"}), project="herz")
    newsroom.sequence()
    found = read_events(newsroom.center, newsroom.reader, Page()).events
    assert [one.kind for one in found] == [FeedKind.ANONYMIZED, FeedKind.SUPERSEDED]
    bound = replace(newsroom.reader, projects=frozenset({"lunge"}))
    assert len(read_events(newsroom.center, bound, Page()).events) == 1
    with pytest.raises(NotAllowed):
        read_events(newsroom.center, newsroom.reader, Page(domain="other"))


def test_a_large_act_is_several_events_of_one_position(newsroom: Newsroom) -> None:
    items = [{"pseudonym": str(number)} for number in range(2_500)]
    _announce(newsroom, items=items, kind=FeedKind.EXPIRED)
    newsroom.sequence()
    found = read_events(newsroom.center, newsroom.reader, Page()).events
    assert [len(one.items) for one in found] == [1000, 1000, 500]
    assert [one.cursor.number for one in found] == [0, 1, 2]
    assert len({one.position for one in found}) == 1
    behind = read_events(newsroom.center, newsroom.reader, Page(found[1].cursor)).events
    assert behind == found[2:]


def test_waiting_ends_when_time_is_up(newsroom: Newsroom) -> None:
    before = newsroom.clock.now()
    assert read_events(newsroom.center, newsroom.reader, Page(), wait=5).events == []
    assert 5 <= (newsroom.clock.now() - before).total_seconds() < 6


@pytest.mark.parametrize("wait", [0, 1])
def test_the_cursor_moves_over_what_concerns_others(newsroom: Newsroom, wait: float) -> None:
    newsroom.end("a")
    for _ in range(3):
        _announce(newsroom, recipients=frozenset({"client:somebody"}))
    newsroom.end("b", domain="other")
    newsroom.sequence()
    first = read_events(newsroom.center, newsroom.reader, Page(limit=1))
    assert first.next == first.events[0].cursor
    empty = read_events(newsroom.center, newsroom.reader, Page(first.next), wait=wait)
    assert empty.events == []
    assert empty.next == newsroom.center.work.run(lambda tx: tx.events.newest(), write=False)
    newsroom.end("c")
    newsroom.sequence()
    then = read_events(newsroom.center, newsroom.reader, Page(empty.next))
    assert [one.kind for one in then.events] == [FeedKind.ANONYMIZED]


def test_the_cursor_never_goes_back(newsroom: Newsroom) -> None:
    newsroom.end("a")
    newsroom.sequence()
    ahead = Cursor.read("999")
    assert read_events(newsroom.center, newsroom.reader, Page(ahead)).next == ahead


def test_who_waits_looks_only_once_at_what_concerns_others(newsroom: Newsroom) -> None:
    for _ in range(3):
        _announce(newsroom, recipients=frozenset({"client:somebody"}))
    newsroom.sequence()
    statements: list[str] = []

    def noted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sqlalchemy.event.listen(Engine, "before_cursor_execute", noted)
    try:
        read_events(newsroom.center, newsroom.reader, Page(), wait=5)
    finally:
        sqlalchemy.event.remove(Engine, "before_cursor_execute", noted)
    assert sum("event.recipients" in one for one in statements) == 1


@pytest.mark.parametrize("text", ["-1", "1.", ".1", "x", "1.2.3", "9" * 30, "1 2"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidField):
        Cursor.read(text)


def test_the_api_gives_envelopes_and_the_next_cursor(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path)
    newsroom.end("a", "b")
    newsroom.end("c", delete=True)
    newsroom.sequence()
    http = make_http(newsroom.center)
    first = http.get("/api/v1/events?limit=1", headers=bearer(newsroom.key)).get_json()
    (event,) = first["events"]
    assert (event["kind"], len(event["data"]["items"])) == ("anonymized", 2)
    rest = f"/api/v1/events?after={first['next']}&kinds=deleted,expired"
    assert len(http.get(rest, headers=bearer(newsroom.key)).get_json()["events"]) == 1
    empty = http.get("/api/v1/events?after=999", headers=bearer(newsroom.key)).get_json()
    assert (empty["events"], empty["next"]) == ([], "999.999999999")
    _announce(newsroom, recipients=frozenset({"client:somebody"}))
    newsroom.sequence()
    moved = http.get(
        f"/api/v1/events?after={first['next']}&kinds=expired", headers=bearer(newsroom.key)
    )
    newest = newsroom.center.work.run(lambda tx: tx.events.newest(), write=False)
    assert moved.get_json() == {"events": [], "next": str(newest)}
    assert http.get("/api/v1/events?kinds=x", headers=bearer(newsroom.key)).status_code == 422


class _RealClock:
    """Threads need time that goes on by itself."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return datetime.now(UTC).timestamp()

    def sleep(self, seconds: float) -> None:
        threading.Event().wait(seconds)


def _announce(
    newsroom: Newsroom,
    *,
    recipients: frozenset[str] | None = None,
    project: str | None = None,
    kind: FeedKind = FeedKind.SUPERSEDED,
    items: list[dict[str, str]] | None = None,
) -> None:
    center = newsroom.center

    def step(tx: object) -> None:
        leaf = new_leaf_id(center)
        record_leaf(center, tx, OPERATOR, Act(EventKind.PSEUDONYMS_SUCCEEDED), leaf_id=leaf)  # type: ignore[arg-type] # a transaction
        announce(
            center,
            tx,  # type: ignore[arg-type] # likewise
            leaf,
            kind,
            domain="diz",
            items=items or [{"old": "A", "new": "B"}],
            project=project,
            recipients=recipients,
        )

    center.work.run(step)
