"""The calls of the gRPC services of Vfps: the same use cases and rights as over REST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import InvalidField, TTPError
from ttp.core.ports import Transaction
from ttp.gateways.vfps.namespaces import (
    Method,
    Namespace,
    all_namespaces,
    create_namespace,
    get_namespace,
)
from ttp.gateways.vfps.pseudonyms import Told, create_pseudonym, get_pseudonym, page_of_pseudonyms
from ttp.gateways.vfps.statuses import Code

T = TypeVar("T")


class Refused(Exception):
    """A call that is answered by a code."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(code.name)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class VfpsCalls:
    """The calls over one center; ``types`` are the message classes by name. Errors are those of the use cases."""

    center: Center
    types: Mapping[str, Any]

    def make_namespace(self, actor: Actor, request: Any) -> Any:
        """Make a namespace."""
        if request.pseudonym_generation_method not in set(Method):
            raise InvalidField("There is no such method of generation.")
        wanted = Namespace(
            request.name,
            Method(request.pseudonym_generation_method),
            request.pseudonym_length,
            request.pseudonym_prefix,
            request.pseudonym_suffix,
            request.description,
        )
        made = self._write(lambda tx: create_namespace(self.center, tx, actor, wanted))
        return self.types["NamespaceServiceCreateResponse"](namespace=self._namespace(made))

    def show_namespace(self, actor: Actor, request: Any) -> Any:
        """One namespace."""
        found = self.center.work.run(lambda tx: get_namespace(tx, actor, request.name), write=False)
        return self.types["NamespaceServiceGetResponse"](namespace=self._namespace(found))

    def list_namespaces(self, actor: Actor, _request: Any) -> Any:
        """The namespaces of the caller."""
        found = self.center.work.run(lambda tx: all_namespaces(tx, actor), write=False)
        namespaces = [self._namespace(one) for one in found]
        return self.types["NamespaceServiceGetAllResponse"](namespaces=namespaces)

    def delete_namespace(self, _actor: Actor, _request: Any) -> Any:
        """Nobody deletes a namespace alone: keys of domains are destroyed by two persons."""
        raise Refused(
            Code.UNIMPLEMENTED, "A namespace ends when two persons destroy the keys of its domain."
        )

    def issue(self, actor: Actor, request: Any) -> Any:
        """The pseudonym of an original, made if there is none."""
        told = self._write(
            lambda tx: create_pseudonym(
                self.center, tx, actor, request.namespace, request.original_value
            )
        )
        return self.types["PseudonymServiceCreateResponse"](pseudonym=self._pseudonym(told))

    def resolve(self, actor: Actor, request: Any) -> Any:
        """The original behind a pseudonym."""
        told = self._write(
            lambda tx: get_pseudonym(
                self.center, tx, actor, request.namespace, request.pseudonym_value
            )
        )
        if isinstance(told, TTPError):
            raise told
        return self.types["PseudonymServiceGetResponse"](pseudonym=self._pseudonym(told))

    def list_pseudonyms(self, actor: Actor, request: Any) -> Any:
        """Pseudonyms of a namespace page by page, never with originals."""
        page = self._write(
            lambda tx: page_of_pseudonyms(
                self.center,
                tx,
                actor,
                request.namespace,
                size=request.page_size,
                page=request.page_token,
                with_total=request.include_total_size,
            )
        )
        answer = self.types["PseudonymServiceListResponse"](
            namespace=page.namespace,
            next_page_token=page.next,
            pseudonyms=[self._pseudonym(one) for one in page.pseudonyms],
        )
        if page.total is not None:
            answer.total_size = page.total
        return answer

    def _write(self, step: Callable[[Transaction], T]) -> T:
        return self.center.work.run(step)

    def _namespace(self, told: Namespace) -> Any:
        return self.types["Namespace"](
            name=told.name,
            description=told.description,
            pseudonym_generation_method=int(told.method),
            pseudonym_length=told.length,
            pseudonym_prefix=told.prefix,
            pseudonym_suffix=told.suffix,
        )

    def _pseudonym(self, told: Told) -> Any:
        answer = self.types["Pseudonym"](
            namespace=told.namespace,
            original_value=told.original or "",
            pseudonym_value=told.pseudonym,
        )
        if told.created_at is not None:
            answer.meta.created_at.FromDatetime(told.created_at)
            answer.meta.last_updated_at.FromDatetime(told.created_at)
        return answer
