"""Webhooks deliver at least once and in order; what fails is tried again, and dies where nobody receives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import orjson
import pytest

from keys.webhooks import new_webhook_secret, sign_webhook
from tests.builders import bearer, make_http
from tests.events.newsroom import Newsroom, make_newsroom
from tests.events.receiver import Receiver, receiving
from ttp.core.access import OPERATOR
from ttp.core.webhooks import (
    MOST_ATTEMPTS,
    InvalidWebhookUrl,
    Outcome,
    Targets,
    UnknownWebhook,
    Webhook,
    WebhookState,
    checked_url,
    pause_after,
)
from ttp.peering.webhooks import HttpWebhookSender, may_be_sent_to
from ttp.services.access.admit_client import revoke_client
from ttp.services.events.deliver_webhooks import deliver_webhooks, try_webhook
from ttp.services.events.manage_webhooks import add_webhook, remove_webhook, resume_webhook

VECTOR = orjson.loads(
    (Path(__file__).parents[1] / "vectors" / "webhooks" / "standard.json").read_bytes()
)
SENDER = HttpWebhookSender(Targets.PRIVATE, timeout=httpx.Timeout(0.5))


@pytest.fixture
def newsroom(tmp_path: Path, database_url: str) -> Newsroom:
    return make_newsroom(tmp_path, database_url)


def _add(newsroom: Newsroom, receiver: Receiver) -> tuple[Webhook, str]:
    center, reader = newsroom.center, newsroom.reader
    return center.work.run(lambda tx: add_webhook(center, tx, reader, url=receiver.url))


def _state(newsroom: Newsroom, webhook: Webhook) -> Webhook:
    return newsroom.center.work.run(lambda tx: tx.webhooks.get(webhook.id), write=False)


def _deliver(newsroom: Newsroom) -> int:
    return deliver_webhooks(newsroom.center, SENDER, holder="test")


def _news(newsroom: Newsroom, count: int) -> None:
    for number in range(count):
        newsroom.end(f"{newsroom.clock.now()}-{number}")
    newsroom.sequence()


def test_the_published_signature() -> None:
    made = sign_webhook(
        VECTOR["secret"],
        message_id=VECTOR["id"],
        timestamp=VECTOR["timestamp"],
        body=VECTOR["body"].encode(),
    )
    assert made == VECTOR["signature"]


def test_events_arrive_in_order_signed_and_once(newsroom: Newsroom) -> None:
    with receiving() as receiver:
        _news(newsroom, 1)  # before the subscription
        webhook, secret = _add(newsroom, receiver)
        _news(newsroom, 5)
        assert (_deliver(newsroom), _deliver(newsroom)) == (5, 0)
    positions = [body["position"] for _, body in receiver.got]
    assert positions == sorted(positions)
    assert len(set(receiver.ids())) == 5
    for (headers, _), raw in zip(receiver.got, receiver.raw, strict=True):
        assert headers["webhook-signature"] == sign_webhook(
            secret,
            message_id=headers["webhook-id"],
            timestamp=int(headers["webhook-timestamp"]),
            body=raw,
        )
    assert _state(newsroom, webhook).delivered == 5


def test_a_failed_event_holds_back_those_behind_it(newsroom: Newsroom) -> None:
    with receiving() as receiver:
        receiver.answer = lambda count: 500 if count in {2, 3} else 200
        webhook, _ = _add(newsroom, receiver)
        _news(newsroom, 3)
        assert _deliver(newsroom) == 2
        assert _deliver(newsroom) == 0  # not before the pause is over
        newsroom.clock.skip(seconds=5)
        assert _deliver(newsroom) == 1
        assert (_state(newsroom, webhook).attempts, _state(newsroom, webhook).outcome) == (
            2,
            "status-500",
        )
        newsroom.clock.skip(seconds=10)
        assert _deliver(newsroom) == 2
    ids = receiver.ids()
    assert ids[1] == ids[2] == ids[3]
    assert len(set(ids)) == 3


def test_who_is_killed_before_the_bookkeeping_sends_the_same_message_again(
    newsroom: Newsroom,
) -> None:
    class Killed(BaseException):
        """What ends the process between the answer and the commit."""

    class DyingSender(HttpWebhookSender):
        def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
            super().send(url, body, headers)
            raise Killed

    with receiving() as receiver:
        _add(newsroom, receiver)
        _news(newsroom, 2)
        with pytest.raises(Killed):
            deliver_webhooks(newsroom.center, DyingSender(Targets.PRIVATE), holder="test")
        newsroom.clock.skip(minutes=3)  # the dead worker's lease ends
        assert deliver_webhooks(newsroom.center, SENDER, holder="another") == 2
    assert receiver.ids()[0] == receiver.ids()[1] != receiver.ids()[2]


@pytest.mark.parametrize(
    ("status", "delay", "outcome"),
    [(302, 0, "redirect"), (503, 0, "status-503"), (200, 1.5, "timeout")],
    ids=["redirects", "fails", "is slow"],
)
def test_a_receiver_that_does_not_receive(
    tmp_path: Path, status: int, delay: float, outcome: str
) -> None:
    newsroom = make_newsroom(tmp_path)
    with receiving() as receiver:
        receiver.answer, receiver.delay = lambda _: status, delay
        webhook, _ = _add(newsroom, receiver)
        _news(newsroom, 1)
        assert _deliver(newsroom) == 1
    assert len(receiver.got) == 1
    assert _state(newsroom, webhook).outcome == outcome


def test_a_webhook_dies_and_is_resumed_by_hand(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path)
    with receiving() as receiver:
        receiver.answer = lambda _: 500
        webhook, _ = _add(newsroom, receiver)
        _news(newsroom, 1)
        start = newsroom.clock.now()
        while _state(newsroom, webhook).state is WebhookState.ACTIVE:
            newsroom.clock.skip(hours=24)
            _deliver(newsroom)
        assert len(receiver.got) == MOST_ATTEMPTS
        assert newsroom.clock.now() - start > timedelta(days=7)
        newsroom.clock.skip(days=2)
        assert _deliver(newsroom) == 0
        receiver.answer = lambda _: 200
        center, reader = newsroom.center, newsroom.reader
        center.work.run(lambda tx: resume_webhook(center, tx, reader, webhook_id=webhook.id))
        assert _deliver(newsroom) == 1
    assert len(set(receiver.ids())) == 1


def test_a_receiver_that_is_gone_ends_the_webhook(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path)
    with receiving() as receiver:
        receiver.answer = lambda _: 410
        webhook, _ = _add(newsroom, receiver)
        _news(newsroom, 1)
        _deliver(newsroom)
    assert _state(newsroom, webhook).state is WebhookState.DEAD


def test_a_revoked_client_gets_nothing(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path)
    with receiving() as receiver:
        _add(newsroom, receiver)
        _news(newsroom, 1)
        center = newsroom.center
        center.work.run(lambda tx: revoke_client(center, tx, OPERATOR, name="reader"))
        assert _deliver(newsroom) == 0
    assert receiver.got == []


def test_pauses_double_up_to_a_day() -> None:
    for attempts in range(1, MOST_ATTEMPTS + 1):
        whole = min(5 * 2 ** (attempts - 1), 86_400)
        assert 0.75 * whole <= pause_after(attempts).total_seconds() <= whole


def test_a_test_message_is_sent_at_once_and_a_stranger_sees_no_webhook(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path)
    center = newsroom.center
    with receiving() as receiver:
        webhook, _ = _add(newsroom, receiver)
        assert try_webhook(center, SENDER, newsroom.reader, webhook_id=webhook.id).delivered
    assert receiver.got[0][1]["kind"] == "test"
    stranger = replace(newsroom.reader, name="stranger")
    with pytest.raises(UnknownWebhook):
        center.work.run(lambda tx: remove_webhook(center, tx, stranger, webhook_id=webhook.id))


@pytest.mark.parametrize(
    "url",
    [
        "http://hospital.example/hook",
        "ftp://127.0.0.1/",
        "https://user:secret@hospital.example/",
        "https://",
        "https://hospital.example/#part",
        "https://hospital.example:port/",
        "https://hospital.example/a b",
    ],
    ids=["plain", "ftp", "credentials", "no host", "fragment", "port", "blank"],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(InvalidWebhookUrl):
        checked_url(url)


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("8.8.8.8", True, True),
        ("10.1.2.3", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:10.1.2.3", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("224.0.0.1", False, False),
        ("0.0.0.0", False, False),  # noqa: S104 - refused
    ],
)
def test_where_webhooks_may_lead(address: str, public: bool, private: bool) -> None:
    found = ip_address(address)
    assert may_be_sent_to(found, Targets.PUBLIC) is public
    assert may_be_sent_to(found, Targets.PRIVATE) is private
    assert not may_be_sent_to(found, Targets.NONE)


def test_a_refused_address_is_not_asked() -> None:
    with receiving() as receiver:
        outcome = HttpWebhookSender(Targets.PUBLIC).send(receiver.url, b"{}", {})
    assert (outcome.reason, receiver.got) == ("address-refused", [])


def test_the_api_manages_webhooks_and_shows_the_secret_once(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path)
    http, headers = make_http(newsroom.center), bearer(newsroom.key)
    body = {"url": "https://hospital.example/hook", "kinds": ["deleted"], "domains": ["diz"]}
    made = http.post("/api/v1/webhooks", json=body, headers=headers).get_json()
    assert len(made.pop("secret")) == len(new_webhook_secret())
    assert http.get("/api/v1/webhooks", headers=headers).get_json() == {"webhooks": [made]}
    resumed = http.post(f"/api/v1/webhooks/{made['id']}/resume", headers=headers)
    assert resumed.get_json()["state"] == "active"
    assert http.delete(f"/api/v1/webhooks/{made['id']}", headers=headers).status_code == 200
    assert http.delete(f"/api/v1/webhooks/{made['id']}", headers=headers).status_code == 404
    foreign = {**body, "domains": ["other"]}
    assert http.post("/api/v1/webhooks", json=foreign, headers=headers).status_code == 403
