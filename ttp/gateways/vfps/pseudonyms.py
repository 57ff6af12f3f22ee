"""Pseudonyms as Vfps tells them: one at a time, with the namespace as it was called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import InvalidField, TTPError
from ttp.core.ports import Transaction
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.list_pseudonyms import list_pseudonyms
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms


@dataclass(frozen=True, slots=True)
class Told:
    """A pseudonym in an answer. ``created_at`` is None where it is not known, ``original`` in lists."""

    namespace: str
    pseudonym: str
    original: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldPage:
    """Some pseudonyms of a namespace, and how to ask for the following ones."""

    namespace: str
    pseudonyms: tuple[Told, ...]
    next: str
    total: int | None


def create_pseudonym(
    center: Center, tx: Transaction, actor: Actor, namespace: str, original: str
) -> Told:
    """The pseudonym of an original, made if there is none.

    Raises:
        InvalidField: one of the two is blank. TTPError: as ``issue_pseudonyms``, for the item too.
    """
    _require_given(namespace, original)
    (answer,) = issue_pseudonyms(center, tx, actor, domain_name=namespace, originals=[original])
    if isinstance(answer, TTPError):
        raise answer
    at = center.clock.now() if answer.created else None
    return Told(namespace, answer.pseudonym, original, at)


def get_pseudonym(
    center: Center, tx: Transaction, actor: Actor, namespace: str, pseudonym: str
) -> Told | TTPError:
    """A pseudonym with its original, to those who may resolve; or why there is none, which leaves its leaf too.

    Raises:
        InvalidField: one of the two is blank. TTPError: as ``resolve_pseudonyms``, for the whole request.
    """
    _require_given(namespace, pseudonym)
    (answer,) = resolve_pseudonyms(
        center, tx, actor, domain_name=namespace, pseudonyms=[pseudonym], reason=None
    )
    return answer if isinstance(answer, TTPError) else Told(namespace, pseudonym, answer[0])


def page_of_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    namespace: str,
    *,
    size: int = 0,
    page: str = "",
    with_total: bool = False,
) -> ToldPage:
    """Pseudonyms of a namespace, without originals.

    Raises:
        UnknownDomain, NotAllowed, InvalidField: as ``list_pseudonyms``.
    """
    found = list_pseudonyms(
        center, tx, actor, domain_name=namespace, size=size, page=page, with_total=with_total
    )
    told = (Told(namespace, one.pseudonym, None, one.created_at) for one in found.pseudonyms)
    return ToldPage(namespace, tuple(told), found.next, found.total)


def _require_given(*values: str) -> None:
    if not all(value.strip() for value in values):
        raise InvalidField("Namespace, original and pseudonym are not blank.")
