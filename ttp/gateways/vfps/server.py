"""The gRPC server of Vfps, a process of its own: who calls is admitted as over HTTP, refusals are counted as there.

Nothing of a message is logged: an unexpected error leaves its type and the name of the call.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from werkzeug.datastructures import Authorization

from keys.errors import KeyringUnreachable
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.providers import Providers
from ttp.gateways.vfps.calls import Refused, VfpsCalls
from ttp.gateways.vfps.messages import HEALTH, PACKAGE, message_types
from ttp.gateways.vfps.statuses import Code, code_of
from ttp.http.authentication import actor_of
from ttp.services.log.record_refusals import count_refusal

Run = Callable[[Actor, Any], Any]

NOBODY = "unknown"
MAXIMAL_MESSAGE_BYTES = 1024 * 1024
_SERVING = 1
_REFUSED = frozenset({Code.UNAUTHENTICATED, Code.PERMISSION_DENIED})
_MISSING = "Internal error."

_log = logging.getLogger("ttp.grpc")


def start_server(
    center: Center, providers: Providers, *, address: str, threads: int
) -> tuple[Any, int]:
    """Serve ``vfps.api.v1`` and the health check, without TLS; gives the server and its port (0 asks for a free one).

    Raises:
        RuntimeError: the address cannot be had.
    """
    server = grpc.server(
        ThreadPoolExecutor(threads, thread_name_prefix="grpc"),
        options=[
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", MAXIMAL_MESSAGE_BYTES),
        ],
    )
    server.add_generic_rpc_handlers(_Handlers(center, providers).all())
    port = server.add_insecure_port(address)
    server.start()
    return server, port


class _Handlers:
    """Calls as handlers: authentication before, codes for errors after."""

    def __init__(self, center: Center, providers: Providers) -> None:
        self._center = center
        self._providers = providers
        self._types: Mapping[str, Any] = message_types()

    def all(self) -> list[Any]:
        """The handlers of all services."""
        calls = VfpsCalls(self._center, self._types)
        services: dict[str, dict[str, Run]] = {
            "NamespaceService": {
                "Create": calls.make_namespace,
                "Get": calls.show_namespace,
                "GetAll": calls.list_namespaces,
                "Delete": calls.delete_namespace,
            },
            "PseudonymService": {
                "Create": calls.issue,
                "Get": calls.resolve,
                "List": calls.list_pseudonyms,
            },
        }
        found = [
            grpc.method_handlers_generic_handler(
                f"{PACKAGE}.{service}",
                {name: self._handler(service, name, run) for name, run in methods.items()},
            )
            for service, methods in services.items()
        ]
        return [*found, self._health()]

    def _handler(self, service: str, name: str, run: Run) -> Any:
        place = f"{service}.{name}"

        def answer(request: Any, context: Any) -> Any:
            actor: Actor | None = None
            try:
                actor = self._caller(context)
                return run(actor, request)
            except Exception as error:
                code, detail = _told(error, place)
            if code in _REFUSED:
                self._count(actor.name if actor else NOBODY, f"{code.number}:{place}")
            return context.abort(grpc.StatusCode[code.name], detail)

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=self._types[f"{service}{name}Request"].FromString,
            response_serializer=self._types[f"{service}{name}Response"].SerializeToString,
        )

    def _caller(self, context: Any) -> Actor:
        header = dict(context.invocation_metadata()).get("authorization")
        given = Authorization.from_header(header) if isinstance(header, str) else None
        return actor_of(self._center, self._providers, given)

    def _count(self, actor: str, code: str) -> None:
        with contextlib.suppress(Exception):  # whoever is refused is refused, counted or not
            self._center.work.run(
                lambda tx: count_refusal(self._center, tx, actor=actor, code=code)
            )

    def _health(self) -> Any:
        answer_type = self._types["HealthCheckResponse"]

        def check(_request: Any, _context: Any) -> Any:
            self._center.work.run(lambda tx: tx.audit.newest_at(), write=False)
            return answer_type(status=_SERVING)

        def watch(request: Any, context: Any) -> Iterator[Any]:
            yield check(request, context)

        codecs = {
            "request_deserializer": self._types["HealthCheckRequest"].FromString,
            "response_serializer": answer_type.SerializeToString,
        }
        return grpc.method_handlers_generic_handler(
            f"{HEALTH}.Health",
            {
                "Check": grpc.unary_unary_rpc_method_handler(check, **codecs),
                "Watch": grpc.unary_stream_rpc_method_handler(watch, **codecs),
            },
        )


def _told(error: Exception, place: str) -> tuple[Code, str]:
    """The code and sentence of an error; of an unnamed one its type is logged, nothing else."""
    if isinstance(error, Refused):
        return error.code, error.detail
    if isinstance(error, TTPError):
        return code_of(error), error.detail
    if isinstance(error, KeyringUnreachable):
        return Code.UNAVAILABLE, "The keyring cannot be reached."
    _log.error("%s in %s", type(error).__name__, place)
    return Code.INTERNAL, _MISSING
