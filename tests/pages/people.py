"""People with accounts, and the browser they use: it keeps cookies and sends the token of each form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from werkzeug.test import TestResponse

from tests.builders import make_http
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.services.access.open_account import open_account
from ttp.services.persons.register_identities import register_identities

PASSWORD = "correct horse battery"
_TOKEN = re.compile(r'name="token" value="([^"]+)"')

NORTH: tuple[dict[str, str], ...] = (
    {
        "record_id": "n-1",
        "given_name": "Lea",
        "surname": "Petersen",
        "birth_date": "2015-09-17",
        "sex": "female",
        "postcode": "24937",
        "city": "Flensburg",
    },
    {
        "record_id": "n-2",
        "given_name": "Tim",
        "surname": "Brandt",
        "birth_date": "2009-04-21",
        "sex": "male",
        "postcode": "24103",
        "city": "Kiel",
    },
)
SOUTH: tuple[dict[str, str], ...] = (
    NORTH[0] | {"record_id": "s-1", "given_name": "Lena"},
    NORTH[1] | {"record_id": "s-2", "given_name": "Tom"},
)
"""Twice what could be twins: two review cases under any model."""


def make_person(center: Center, role: Role, name: str | None = None) -> str:
    """An account of this role, by default named after it; its password is ``PASSWORD``."""
    name = name or role.value
    center.work.run(
        lambda tx: open_account(
            center, tx, OPERATOR, name=name, role=role, password=PASSWORD, display_name="K. Muster"
        )
    )
    return name


def make_cases(center: Center, north: Sequence[Any] = NORTH, south: Sequence[Any] = SOUTH) -> None:
    """Two sources register records that need a person's judgment."""
    for source, records in (("klinik-nord", north), ("klinik-sued", south)):
        _register(center, source, records)


def _register(center: Center, source: str, records: Sequence[Any]) -> None:
    center.work.run(
        lambda tx: register_identities(center, tx, OPERATOR, source=source, records=records)
    )


class Browser:
    """One person's browser."""

    def __init__(self, center: Center, name: str | None = None) -> None:
        self._http = make_http(center)
        self._url = center.public_url
        self.last: TestResponse | None = None
        if name:
            self.log_in(name)

    def get(self, path: str, **query: str) -> TestResponse:
        """Open a page."""
        self.last = self._http.get(path, base_url=self._url, query_string=query or None)
        return self.last

    def post(self, path: str, *, token: str | None = None, **fields: Any) -> TestResponse:
        """Send a form with the token of a page this browser may open."""
        form = {"token": self.token() if token is None else token, **fields}
        self.last = self._http.post(path, base_url=self._url, data=form)
        return self.last

    def token(self) -> str:
        """The form token of this browser's session."""
        return token_in(self._http.get("/help", base_url=self._url))

    def log_in(self, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
        """Fill in the login form."""
        return self.post("/login", name=name, password=password, **more)

    def cookies(self) -> dict[str, str]:
        """Names and values of all cookies."""
        host = self._url.split("//")[1]
        found = self._http._cookies or {}
        return {key[2]: cookie.value for key, cookie in found.items() if key[0] == host}


def token_in(response: TestResponse) -> str:
    """The form token on a page."""
    found = _TOKEN.search(response.text)
    assert found, "the page has no form"
    return found.group(1)
