"""The page of webhooks: what is sent where, why not further; add, try, pause, go on and remove."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.events.newsroom import Newsroom, make_newsroom, make_webhook
from tests.events.receiver import Receiver, receiving
from tests.pages.people import Browser, make_person
from ttp.app import create_app
from ttp.core.access import OPERATOR, Role
from ttp.core.webhooks import Targets, Webhook
from ttp.peering.webhooks import HttpWebhookSender
from ttp.services.events.deliver_webhooks import deliver_webhooks
from ttp.services.events.manage_webhooks import list_webhooks

SENDER = HttpWebhookSender(Targets.PRIVATE)


@dataclass(frozen=True)
class Desk:
    """A steward at the page, the center behind it, and a receiver."""

    room: Newsroom
    receiver: Receiver
    browser: Browser

    def webhooks(self) -> list[Webhook]:
        return self.room.center.work.run(lambda tx: list_webhooks(tx, OPERATOR), write=False)

    def add(self, url: str | None = None) -> Webhook:
        return make_webhook(self.room.center, client="reader", url=url or self.receiver.url)

    def deliver(self) -> int:
        self.room.sequence()
        return deliver_webhooks(self.room.center, SENDER, holder="test")

    def page(self, **query: str) -> str:
        answer = self.browser.get("/webhooks", **query)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    room = make_newsroom(tmp_path)
    browser = Browser(room.center)
    browser._http = create_app(room.center, sender=SENDER).test_client()
    browser.log_in(make_person(room.center, Role.STEWARD))
    with receiving() as receiver:
        yield Desk(room, receiver, browser)


def test_a_webhook_is_added_and_its_secret_shown_once(desk: Desk) -> None:
    desk.page()
    answer = desk.browser.post(
        "/webhooks", client="reader", url=desk.receiver.url, kind="anonymized", domain="diz"
    )
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert secret
    assert answer.headers["Cache-Control"] == "no-store"
    (made,) = desk.webhooks()
    assert (made.client, made.domains) == ("reader", frozenset({"diz"}))
    assert secret[0] not in desk.page()


def test_a_test_message_arrives_or_the_page_says_why_not(desk: Desk) -> None:
    here, nowhere = desk.add(), desk.add("http://127.0.0.1:9/hook")
    desk.page()
    assert "ist angekommen: <code>" in _squeezed(
        desk.browser.post(f"/webhooks/{here.id}/test").text
    )
    assert [body["kind"] for _, body in desk.receiver.got] == ["test"]
    answer = desk.browser.post(f"/webhooks/{nowhere.id}/test").text
    assert "nicht angekommen: <code>unreachable" in _squeezed(answer)


def test_a_paused_webhook_gets_nothing_until_it_is_resumed_and_then_everything(desk: Desk) -> None:
    webhook = desk.add()
    desk.page()
    desk.browser.post(f"/webhooks/{webhook.id}", act="pause")
    assert "angehalten" in desk.page()
    desk.room.end("1", "2")
    desk.room.end("3")
    assert desk.deliver() == 0
    assert "Ereignisse warten" in desk.page()
    desk.browser.post(f"/webhooks/{webhook.id}", act="resume")
    assert desk.deliver() == 2
    assert [body["kind"] for _, body in desk.receiver.got] == ["anonymized", "anonymized"]


def test_failures_are_shown_with_their_reason_and_the_next_try(desk: Desk) -> None:
    desk.receiver.answer = lambda _: 500
    desk.add()
    desk.room.end("1")
    assert desk.deliver() == 1
    text = _squeezed(desk.page())
    assert "1 Fehlversuch" in text
    assert "500</code>" in text
    assert "wieder <time" in text


def test_the_list_is_filtered_by_client_and_state(desk: Desk) -> None:
    first, second = desk.add(), desk.add("http://127.0.0.1:9/other")
    desk.page()
    desk.browser.post(f"/webhooks/{second.id}", act="pause")
    assert first.url in desk.page(state="active")
    assert second.url not in desk.page(state="active")
    assert second.url in desk.page(state="paused", client="reader")
    assert first.url not in desk.page(client="nobody")


def test_a_webhook_is_removed_only_when_that_is_confirmed(desk: Desk) -> None:
    webhook = desk.add()
    desk.page()
    assert desk.browser.post(f"/webhooks/{webhook.id}", act="remove").status_code == 422
    desk.page()
    assert desk.browser.post(f"/webhooks/{webhook.id}", act="explode").status_code == 422
    assert desk.webhooks() == [webhook]
    desk.page()
    desk.browser.post(f"/webhooks/{webhook.id}", act="remove", sure="on")
    assert desk.webhooks() == []


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)
