"""Several keys per client: one replaces another without a gap, each ends by itself, none does more than its client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from tests.builders import ManualClock, bearer, make_center, make_domain, make_http, make_key
from ttp.core.access import OPERATOR, Actor, ActorKind, Right, Role
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists, InvalidField, NotAllowed, NotAuthenticated, NotFound
from ttp.services.access.admit_client import authenticate_client
from ttp.services.access.end_grant import end_grant, list_grants
from ttp.services.access.issue_api_key import issue_api_key, list_api_keys, revoke_api_key
from ttp.storage import hot_queries
from ttp.storage.driver import fetch
from ttp.storage.migrate import downgrade, upgrade
from ttp.storage.tables import api_key

CLERK = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = replace(make_center(tmp_path), clock=ManualClock(datetime.now(UTC)))
    for name in ("diz", "study"):
        make_domain(made, name)
    return made


def _issue(center: Center, label: str = "second", **more: object) -> str:
    secret, _ = center.work.run(
        lambda tx: issue_api_key(
            center,
            tx,
            OPERATOR,
            client="pipeline",
            label=label,
            **more,  # type: ignore[arg-type] # passed on
        )
    )
    return secret


def _skip(center: Center, **amount: float) -> None:
    assert isinstance(center.clock, ManualClock)
    center.clock.skip(**amount)


def _opens(center: Center, key: str) -> bool:
    try:
        authenticate_client(center, api_key=key)
    except NotAuthenticated:
        return False
    return True


def test_a_key_is_exchanged_without_a_gap(center: Center) -> None:
    old = make_key(center, "diz")
    new = _issue(center)
    assert _opens(center, old)
    assert _opens(center, new)
    center.work.run(
        lambda tx: revoke_api_key(center, tx, OPERATOR, client="pipeline", label="first")
    )
    assert not _opens(center, old)
    assert _opens(center, new)


def test_a_key_ends_by_itself_after_a_year_and_warns_a_month_before(center: Center) -> None:
    key = make_key(center, "diz")
    _skip(center, days=334)
    (listed,) = center.work.run(lambda tx: list_api_keys(tx, OPERATOR), write=False)
    assert listed.key.state(at=center.clock.now()) == "active"
    _skip(center, days=2)
    assert listed.key.state(at=center.clock.now()) == "ends soon"
    assert _opens(center, key)
    _skip(center, days=29)
    assert listed.key.state(at=center.clock.now()) == "expired"
    assert not _opens(center, key)


def test_a_scope_narrows_and_never_widens(center: Center) -> None:
    make_key(center, "diz", "study")
    actor = authenticate_client(
        center, api_key=_issue(center, rights=[Right.LOOKUP], domains=["diz"])
    )
    actor.require(Right.LOOKUP, "diz")
    for right, domain in ((Right.ISSUE, "diz"), (Right.LOOKUP, "study")):
        with pytest.raises(NotAllowed):
            actor.require(right, domain)
    beyond: list[dict[str, object]] = [
        {"rights": [Right.ADMINISTER]},
        {"rights": []},
        {"domains": ["other"]},
    ]
    for wrong in beyond:
        with pytest.raises(InvalidField):
            _issue(center, "wrong", **wrong)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=-1), timedelta(days=3000)])
def test_a_key_ends_in_the_future_and_within_five_years(
    center: Center, lifetime: timedelta
) -> None:
    make_key(center, "diz")
    with pytest.raises(InvalidField):
        _issue(center, expires_at=center.clock.now() + lifetime)


def test_labels_are_unique_among_keys_that_were_not_revoked(center: Center) -> None:
    make_key(center, "diz")
    _issue(center)
    with pytest.raises(AlreadyExists):
        _issue(center)
    center.work.run(
        lambda tx: revoke_api_key(center, tx, OPERATOR, client="pipeline", label="second")
    )
    assert _opens(center, _issue(center))
    with pytest.raises(NotFound):
        center.work.run(
            lambda tx: revoke_api_key(center, tx, OPERATOR, client="pipeline", label="third")
        )


def test_only_who_administers_issues_lists_and_revokes(center: Center) -> None:
    make_key(center, "diz")
    for step in (
        lambda tx: issue_api_key(center, tx, CLERK, client="pipeline", label="x"),
        lambda tx: revoke_api_key(center, tx, CLERK, client="pipeline", label="first"),
        lambda tx: list_api_keys(tx, CLERK),
        lambda tx: list_grants(center, tx, CLERK),
    ):
        with pytest.raises(NotAllowed):
            center.work.run(step)


def test_authentication_is_one_statement_and_the_last_use_is_written_once_a_day(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(center, "diz", "study")
    statements: list[str] = []
    engine = center.work._engine  # type: ignore[attr-defined] # counts below the port
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    def counted(at: Connection, query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        statements.append(query)
        return fetch(at, query, values)

    monkeypatch.setattr(hot_queries, "fetch", counted)  # hot queries go past SQLAlchemy's events
    for _ in range(3):
        authenticate_client(center, api_key=key)
    kinds = [text.split()[0] for text in statements if not text.startswith(("BEGIN", "PRAGMA"))]
    assert kinds == ["SELECT", "UPDATE", "SELECT", "SELECT"]
    _skip(center, days=1)
    statements.clear()
    authenticate_client(center, api_key=key)
    assert any(text.startswith("UPDATE") for text in statements)


def test_a_mistyped_key_is_refused_without_asking_the_database(center: Center) -> None:
    key = make_key(center, "diz")
    engine = center.work._engine  # type: ignore[attr-defined] # counts below the port
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert not _opens(center, key[:-1] + ("a" if key[-1] != "a" else "b"))
    assert statements == []


def test_bearer_and_basic_carry_any_key_of_the_client(center: Center) -> None:
    make_key(center, "diz")
    key, http = _issue(center), make_http(center)
    assert http.get("/api/v1/domains", headers=bearer(key)).status_code == 200
    assert http.get("/api/v1/domains", auth=("pipeline", key)).status_code == 200
    assert http.get("/api/v1/domains", auth=("other", key)).status_code == 401


def test_a_grant_is_listed_with_its_use_and_ends_at_once(center: Center) -> None:
    key, http = make_key(center, "diz"), make_http(center)
    ask = {"pseudonyms": ["0" * 16], "reason": "test"}
    assert (
        http.post("/api/v1/domains/diz/resolve", json=ask, headers=bearer(key)).status_code == 200
    )
    (one,) = center.work.run(lambda tx: list_grants(center, tx, OPERATOR), write=False)
    assert (one.client, one.domain) == ("pipeline", "diz")
    center.work.run(lambda tx: end_grant(center, tx, OPERATOR, grant_id=one.grant.id))
    refused = http.post("/api/v1/domains/diz/resolve", json=ask, headers=bearer(key))
    assert (refused.status_code, (refused.get_json() or {})["code"]) == (403, "no-grant")
    with pytest.raises(NotFound):
        center.work.run(lambda tx: end_grant(center, tx, OPERATOR, grant_id=one.grant.id))


def test_keys_survive_the_migration_down_and_up(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url)
    make_domain(center)
    first, revoked = make_key(center, "diz"), make_key(center, name="gone")
    center.work.run(lambda tx: revoke_api_key(center, tx, OPERATOR, client="gone", label="first"))
    downgrade(database_url, "0009")
    upgrade(database_url)
    assert authenticate_client(center, api_key=first).name == "pipeline"
    assert not _opens(center, revoked)
    ends = center.work.run(
        lambda tx: tx.connection.execute(select(api_key.c.expires_at)).scalars().all(),  # type: ignore[attr-defined] # looks below the port
        write=False,
    )
    assert all(end > datetime.now(UTC) + timedelta(days=364) for end in ends)
