"""Rules: which identifiers, resource IDs and elements of FHIR data are exchanged, in which domain, and what is kept.

What no rule speaks of is refused, unless the file of rules says that it is kept: an identifier nobody thought of
must not pass in silence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import orjson

from ttp.client.errors import RulesRefused
from ttp.client.files.selectors import Selector, selector

T = TypeVar("T")


class Action(StrEnum):
    """What happens to what a rule speaks of."""

    EXCHANGE = "exchange"
    MASK = "mask"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class IdentifierRule:
    """Identifiers of a system (``…*``: of all that begin so), a type's code and a resource type; empty: any.

    ``new_system`` stands in the place of the system, ``mark`` adds the type PSEUDED (core data set Person).
    """

    action: Action
    system: str = ""
    type: str = ""
    resource: str = ""
    domain: str = ""
    new_system: str = ""
    mark: bool = True


@dataclass(frozen=True, slots=True)
class IdRule:
    """IDs of resources of a type (``*``: of all others), wherever they are referred to."""

    action: Action
    resource: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class ElementRule:
    """Any other string element: resource type and a selector below it."""

    action: Action
    resource: str
    selector: Selector
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a file, in their order; the first that speaks of something counts."""

    identifiers: tuple[IdentifierRule, ...] = ()
    ids: tuple[IdRule, ...] = ()
    elements: tuple[ElementRule, ...] = ()
    uuid_domain: str = ""
    keep_others: bool = False

    def id_rule(self, resource: str) -> IdRule | None:
        """The rule for IDs of this resource type."""
        return next((rule for rule in self.ids if rule.resource in {resource, "*"}), None)

    def identifier_rule(
        self, *, system: str, types: frozenset[str], resource: str, backward: bool
    ) -> IdentifierRule | None:
        """The rule for an identifier; ``backward``: of one that the rules have made."""
        return next(
            (
                rule
                for rule in self.identifiers
                if _of_system(rule, system, backward=backward)
                and rule.type in {"", *types}
                and rule.resource in {"", resource}
            ),
            None,
        )


def shipped_rules(name: str) -> Path | None:
    """The file of rules that comes with the program under this name, such as ``mii``; None if there is none."""
    known = {path.stem: path for path in (Path(__file__).parent / "shipped").glob("*.toml")}
    return known.get(name)


def load_rules(path: Path) -> Rules:
    """Read rules from a TOML or JSON file.

    Raises:
        RulesRefused: it cannot be read, says something unknown, or could not be reversed.
    """
    data = path.read_bytes()
    try:
        document = (
            orjson.loads(data) if path.suffix == ".json" else tomllib.loads(data.decode("utf-8"))
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise RulesRefused(f"{path.name} cannot be read: {error}.") from None
    return rules_of(document)


def rules_of(document: Any) -> Rules:
    """The rules of a document.

    Raises:
        RulesRefused: as above.
    """
    if not isinstance(document, dict):
        raise RulesRefused("A file of rules is a table.")
    _only(document, {"identifier", "id", "element", "urn_uuid", "others"}, "the file of rules")
    others = document.get("others", "refuse")
    if others not in {"refuse", "keep"}:
        raise RulesRefused("'others' is 'refuse' or 'keep'.")
    uuids = document.get("urn_uuid", {})
    _only(uuids, {"domain"}, "urn_uuid")
    rules = Rules(
        _each(document, "identifier", _identifier_rule),
        _each(document, "id", _id_rule),
        _each(document, "element", _element_rule),
        _text(uuids, "domain", "urn_uuid"),
        others == "keep",
    )
    _require_reversible(rules)
    return rules


def _each(document: dict[str, Any], name: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    found = document.get(name, [])
    if not isinstance(found, list):
        raise RulesRefused(f"'{name}' is a list of tables: [[{name}]].")
    return tuple(read(one, f"{name} {number}") for number, one in enumerate(found, 1))


def _identifier_rule(one: Any, where: str) -> IdentifierRule:
    names = ("system", "type", "resource", "domain", "new_system")
    _only(one, {*names, "action", "mark"}, where)
    text = {name: _text(one, name, where) for name in names}
    mark = one.get("mark", True)
    if not isinstance(mark, bool):
        raise RulesRefused(f"{where}: 'mark' is true or false.")
    if not text["system"] and not text["type"]:
        raise RulesRefused(f"{where}: it needs a system or a type.")
    return IdentifierRule(_action(one, text["domain"], where), **text, mark=mark)


def _id_rule(one: Any, where: str) -> IdRule:
    _only(one, {"resource", "domain", "action"}, where)
    domain, resource = _text(one, "domain", where), _text(one, "resource", where)
    action = _action(one, domain, where)
    if not resource or action is Action.MASK:
        raise RulesRefused(f"{where}: it needs a resource type, and cannot mask.")
    return IdRule(action, resource, domain)


def _element_rule(one: Any, where: str) -> ElementRule:
    _only(one, {"path", "domain", "action"}, where)
    domain = _text(one, "domain", where)
    resource, _, path = _text(one, "path", where).partition(".")
    if not resource or not path:
        raise RulesRefused(f"{where}: a path begins with a resource type: Coverage.subscriberId.")
    return ElementRule(_action(one, domain, where), resource, selector(path), domain)


def _action(one: Mapping[str, Any], domain: str, where: str) -> Action:
    """What is said, or ``exchange`` where a domain is named; one of both, never neither."""
    try:
        action = Action(one.get("action", Action.EXCHANGE))
    except ValueError:
        raise RulesRefused(f"{where}: 'action' is one of {', '.join(Action)}.") from None
    if (action is Action.EXCHANGE) != bool(domain):
        raise RulesRefused(f"{where}: it needs a domain, or the action 'mask' or 'keep'.")
    return action


def _text(one: Mapping[str, Any], name: str, where: str) -> str:
    value = one.get(name, "")
    if not isinstance(value, str):
        raise RulesRefused(f"{where}: '{name}' is a text.")
    return value


def _only(one: Any, known: set[str], where: str) -> None:
    if not isinstance(one, dict):
        raise RulesRefused(f"{where} is no table.")
    unknown = sorted(set(one) - known)
    if unknown:
        raise RulesRefused(
            f"{where}: '{unknown[0]}' is unknown; known are {', '.join(sorted(known))}."
        )


def _require_reversible(rules: Rules) -> None:
    """A new system leads back to one system."""
    made: dict[str, str] = {}
    for rule in rules.identifiers:
        if rule.new_system and (not rule.system or rule.system.endswith("*")):
            raise RulesRefused("A rule with 'new_system' needs a whole 'system', to lead back to.")
        if rule.new_system and made.setdefault(rule.new_system, rule.system) != rule.system:
            raise RulesRefused(f"Two systems become '{rule.new_system}'; nothing leads back.")


def _of_system(rule: IdentifierRule, system: str, *, backward: bool) -> bool:
    known = rule.new_system if backward and rule.new_system else rule.system
    return not known or (system.startswith(known[:-1]) if known.endswith("*") else system == known)
