"""The gRPC server of Vfps: bytes as clients send them, codes as they know them, the same rights as over HTTP."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy import func, select

from tests.builders import make_center, make_domain, make_key
from ttp.core.access import Role
from ttp.core.center import Center
from ttp.gateways.vfps.messages import message_types
from ttp.gateways.vfps.server import start_server
from ttp.storage.tables import metadata

URI = "https://diz.example/fhir/sid/patient-id"
TYPES = message_types()


def field(number: int, text: str) -> bytes:
    """A string field as protocol buffers encode it: key, length, bytes (short ones)."""
    held = text.encode()
    assert len(held) < 128
    return bytes([number << 3 | 2, len(held)]) + held


@dataclass(frozen=True)
class Caller:
    """A client that sends raw bytes and gets raw bytes."""

    channel: Any
    authorization: str

    def raw(self, method: str, message: bytes) -> bytes:
        call = self.channel.unary_unary(f"/{method}")
        metadata = (("authorization", self.authorization),) if self.authorization else ()
        return bytes(call(message, timeout=10, metadata=metadata))

    def ask(self, service: str, name: str, /, **fields: Any) -> Any:
        request = TYPES[f"{service}{name}Request"](**fields)
        answer = self.raw(f"vfps.api.v1.{service}/{name}", request.SerializeToString())
        return TYPES[f"{service}{name}Response"].FromString(answer)

    def code(self, service: str, name: str, /, **fields: Any) -> Any:
        with pytest.raises(grpc.RpcError) as refused:
            self.ask(service, name, **fields)
        return refused.value.code()


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    folder: Path = tmp_path_factory.mktemp("center")
    center = make_center(folder)
    make_domain(center, "psn", aliases=(URI,))
    make_domain(center, "foreign")
    return center


@pytest.fixture(scope="module")
def channel(center: Center) -> Iterator[Any]:
    server, port = start_server(center, {}, address="127.0.0.1:0", threads=4)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as found:
        yield found
    server.stop(None).wait()


@pytest.fixture(scope="module")
def caller(center: Center, channel: Any) -> Caller:
    basic = base64.b64encode(f"pipeline:{make_key(center, 'psn')}".encode()).decode()
    return Caller(channel, f"Basic {basic}")


def test_fhir_pseudonymizer_reads_fields_by_their_numbers(caller: Caller) -> None:
    request = field(1, URI) + field(2, "42")
    answer = caller.raw("vfps.api.v1.PseudonymService/Create", request)
    told = TYPES["PseudonymServiceCreateResponse"].FromString(answer).pseudonym
    expected = field(2, URI) + field(3, "42") + field(4, told.pseudonym_value)
    assert expected in answer
    assert told.meta.created_at.seconds > 0
    request = field(1, URI) + field(2, told.pseudonym_value)
    back = caller.raw("vfps.api.v1.PseudonymService/Get", request)
    assert field(3, "42") in back


def test_a_pseudonym_is_made_once(caller: Caller) -> None:
    asked = {"namespace": "psn", "original_value": "17"}
    first, again = (caller.ask("PseudonymService", "Create", **asked) for _ in range(2))
    assert first.pseudonym.pseudonym_value == again.pseudonym.pseudonym_value


def test_lists_have_pages_and_no_originals(caller: Caller) -> None:
    for number in range(5):
        caller.ask("PseudonymService", "Create", namespace="psn", original_value=f"l{number}")
    asked = {"namespace": "psn", "page_size": 3, "include_total_size": True}
    page = caller.ask("PseudonymService", "List", **asked)
    assert len(page.pseudonyms) == 3
    assert page.total_size >= 5
    assert not any(one.original_value for one in page.pseudonyms)
    following = caller.ask("PseudonymService", "List", **asked, page_token=page.next_page_token)
    values = [one.pseudonym_value for one in (*page.pseudonyms, *following.pseudonyms)]
    assert len(set(values)) == len(values) > 3


def test_namespaces_are_told(caller: Caller) -> None:
    (one,) = caller.ask("NamespaceService", "GetAll").namespaces
    assert (one.name, one.pseudonym_length) == ("psn", 16)
    assert caller.ask("NamespaceService", "Get", name=URI).namespace.name == URI


@pytest.mark.parametrize(
    ("service", "name", "fields", "code"),
    [
        (
            "PseudonymService",
            "Create",
            {"namespace": "no", "original_value": "1"},
            grpc.StatusCode.NOT_FOUND,
        ),
        (
            "PseudonymService",
            "Create",
            {"namespace": "psn", "original_value": " "},
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        (
            "PseudonymService",
            "Create",
            {"namespace": "foreign", "original_value": "1"},
            grpc.StatusCode.PERMISSION_DENIED,
        ),
        (
            "PseudonymService",
            "Get",
            {"namespace": "psn", "pseudonym_value": "0" * 16},
            grpc.StatusCode.NOT_FOUND,
        ),
        (
            "PseudonymService",
            "List",
            {"namespace": "psn", "page_size": -1},
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        ("NamespaceService", "Get", {"name": "no"}, grpc.StatusCode.NOT_FOUND),
        ("NamespaceService", "Create", {"name": "x"}, grpc.StatusCode.PERMISSION_DENIED),
        ("NamespaceService", "Delete", {"name": "psn"}, grpc.StatusCode.UNIMPLEMENTED),
    ],
)
def test_what_is_refused_has_its_code(
    caller: Caller, service: str, name: str, fields: dict[str, Any], code: Any
) -> None:
    assert caller.code(service, name, **fields) is code


def test_only_who_may_resolve_gets_originals_back(center: Center, channel: Any) -> None:
    key = make_key(center, "psn", name="looking", role=Role.SITE, resolve=False)
    site = Caller(channel, f"Bearer {key}")
    made = site.ask("PseudonymService", "Create", namespace="psn", original_value="42")
    asked = {"namespace": "psn", "pseudonym_value": made.pseudonym.pseudonym_value}
    assert site.code("PseudonymService", "Get", **asked) is grpc.StatusCode.PERMISSION_DENIED


def test_who_is_nobody_is_refused_and_counted(center: Center, channel: Any) -> None:
    refusal = metadata.tables["refusal"]

    def counted() -> int:
        query = select(func.coalesce(func.sum(refusal.c.count), 0))
        return center.work.run(
            lambda tx: int(tx.connection.execute(query).scalar_one()),  # type: ignore[attr-defined] # looks below the port
            write=False,
        )

    before = counted()
    for authorization in ("", "Bearer ttp_" + "a" * 39, "Basic !!!"):
        code = Caller(channel, authorization).code("NamespaceService", "GetAll")
        assert code is grpc.StatusCode.UNAUTHENTICATED
    assert counted() == before + 3


def test_the_health_check_needs_no_login(channel: Any) -> None:
    answer = Caller(channel, "").raw("grpc.health.v1.Health/Check", b"")
    assert answer == b"\x08\x01"  # SERVING
