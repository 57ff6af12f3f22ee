"""Planning: a resource is walked once; what the rules speak of is asked for, and what they forget is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ttp.client.fhir import identifiers
from ttp.client.fhir.references import Piece, Pieces, References, Unruled, new_system
from ttp.client.fhir.rules import Action, ElementRule, IdentifierRule, Rules
from ttp.client.files.json_text import Kind, Node, Slot, Splice
from ttp.client.files.ndjson import NOT_A_STRING, Plan, Unplannable
from ttp.client.files.units import Asked

ALREADY = "already-pseudonymized"
NO_RESOURCE = "no-resource"
_Reader = Callable[[str], Pieces]
TWICE = "ruled-twice"


@dataclass(frozen=True, slots=True)
class Planner:
    """The rules in one direction; ``backward`` puts originals in the place of pseudonyms."""

    rules: Rules
    backward: bool = False

    def resource(self, text: str, root: Node) -> Plan:
        """The plan of a whole resource.

        Raises:
            Unplannable: it is none, or holds what no rule speaks of.
        """
        if root.says("resourceType") is None:
            raise Unplannable(NO_RESOURCE, "")
        return self._plan(text, root, "", "")

    def entry(self, text: str, root: Node) -> Plan:
        """The plan of an entry of a Bundle, whose place in the Bundle is not part of its path."""
        return self._plan(text, root, "Bundle", "entry")

    def frame(self, text: str, root: Node) -> Plan:
        """The plan of a Bundle's own members."""
        return self._plan(text, root, "Bundle", "")

    def _plan(self, text: str, root: Node, resource: str, path: str) -> Plan:
        walk = _Walk(text, self.rules, References(self.rules, self.backward))
        if resource and not path:
            walk.resource(root, resource, {})
        elif resource:
            walk.node(root, _Place(resource, path, {}, "entry"))
        else:
            walk.node(root, _Place("", "", {}, ""))
        starts = [(one.start, one.end) for one in walk.splices if one.end > one.start]
        if len(set(starts)) < len(starts):
            raise Unplannable(TWICE, path)
        return Plan(tuple(walk.asked), tuple(walk.splices))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: resource type, path, types of the contained resources by ID, and the member's name."""

    resource: str
    path: str
    contained: Mapping[str, str]
    name: str

    def below(self, name: str) -> _Place:
        return _Place(self.resource, f"{self.path}.{name}", self.contained, name)

    def item(self, number: int) -> _Place:
        return _Place(self.resource, f"{self.path}[{number}]", self.contained, self.name)


@dataclass(slots=True)
class _Walk:
    text: str
    rules: Rules
    references: References
    asked: list[Asked] = field(default_factory=list)
    splices: list[Splice] = field(default_factory=list)

    def node(self, node: Node, place: _Place) -> None:
        """Plan a value and all below it."""
        if node.kind is Kind.ARRAY:
            for number, item in enumerate(node.items):
                if item.kind is not Kind.OTHER and item.kind is not Kind.STRING:
                    self.node(item, place.item(number))
        elif node.kind is Kind.OBJECT:
            resource = node.says("resourceType")
            if resource is not None:
                self.resource(node, resource, place.contained)
            else:
                self._object(node, place)

    def resource(self, node: Node, resource: str, outer: Mapping[str, str]) -> None:
        """Plan a resource; contained ones are known to those that contain them."""
        contained = {**outer, **dict(_contained(node))}
        place = _Place(resource, resource, contained, "")
        own = node.at("id")
        if own is not None and own.kind is Kind.STRING:
            self._string(own, place.below("id"), lambda text: self.references.of_id(resource, text))
        for rule in self.rules.elements:
            if rule.resource in {resource, "*"}:
                self._element(node, rule, place)
        self._object(node, place)

    def _object(self, node: Node, place: _Place) -> None:
        self._references_of(node, place)
        if place.name in identifiers.MEMBERS or (
            "system" in node.members and "value" in node.members
        ):
            self._identifier(node, place)
        for name, member in node.members.items():
            if member.kind is Kind.OBJECT or member.kind is Kind.ARRAY:
                self.node(member, place.below(name))

    def _references_of(self, node: Node, place: _Place) -> None:
        """References among an object's own strings."""
        members, of = node.members, self.references
        if "reference" in members:
            self._string(
                members["reference"],
                place.below("reference"),
                lambda text: _local(of, place, text) if text[:1] == "#" else of.of_reference(text),
            )
        if place.resource == "Bundle" and place.name in {"entry", "request", "response", "link"}:
            for name in {"fullUrl", "url", "location"} & set(members):
                self._string(members[name], place.below(name), of.of_reference)
            if "ifNoneExist" in members:
                kind = (node.says("url") or "").rpartition("/")[2].partition("?")[0]
                self._string(
                    members["ifNoneExist"],
                    place.below("ifNoneExist"),
                    lambda text: of.of_query(kind, text),
                )
        elif "url" in members and "contentType" in members:
            self._string(members["url"], place.below("url"), of.of_reference)

    def _identifier(self, node: Node, place: _Place) -> None:
        system, types = node.says("system") or "", identifiers.type_codes(node)
        rule = self.rules.identifier_rule(
            system=system,
            types=types,
            resource=place.resource,
            backward=self.references.backward,
        )
        value, named = node.at("value"), place.name in identifiers.MEMBERS
        exactly = rule is not None and rule.system != "" and not rule.system.endswith("*")
        if value is None or not (named or exactly):
            return  # a phone number has a system too
        if rule is None:
            if not self.rules.keep_others:
                raise Unplannable("no-rule-for-identifier", place.path)
        elif value.kind is not Kind.STRING:
            if named:
                raise Unplannable(NOT_A_STRING, place.path)
        elif rule.action is Action.MASK and not self.references.backward:
            self._mask(node, system, types)
        elif rule.action is Action.EXCHANGE:
            self._exchange(node, value, rule, place)

    def _mask(self, node: Node, system: str, types: frozenset[str]) -> None:
        self.splices += identifiers.masked(node, "value")
        if system == identifiers.KVID_SYSTEM and identifiers.KVZ10 not in types:
            self.splices.append(identifiers.with_coding(node, identifiers.KVZ10_CODING))

    def _exchange(self, node: Node, value: Node, rule: IdentifierRule, place: _Place) -> None:
        backward = self.references.backward
        marked = identifiers.PSEUDED in identifiers.type_codes(node)
        if rule.mark and marked and not backward:
            raise Unplannable(ALREADY, place.path)
        if rule.mark and backward and not marked:
            return  # the rules did not make this one
        self._put(value, place.below("value"), [Piece(rule.domain, value.string or "", str)])
        system = node.at("system")
        if rule.new_system and system is not None:
            new = new_system(rule, system.string or "", backward=backward)
            self.splices.append(Splice(system.start, system.end, (new,)))
        if rule.mark and backward:
            self.splices += identifiers.without_coding(self.text, node, identifiers.PSEUDED_CODING)
        elif rule.mark:
            self.splices.append(identifiers.with_coding(node, identifiers.PSEUDED_CODING))

    def _element(self, root: Node, rule: ElementRule, place: _Place) -> None:
        for node, path in rule.selector.find(root):
            where = place.below(path)
            if node.kind is not Kind.STRING:
                raise Unplannable(NOT_A_STRING, where.path)
            if rule.action is Action.EXCHANGE:
                self._put(node, where, [Piece(rule.domain, node.string or "", str)])
            elif rule.action is Action.MASK and not self.references.backward:
                self._mask_element(root, node, where)

    def _mask_element(self, root: Node, node: Node, place: _Place) -> None:
        owner, name = _owner(root, node)
        if not name:
            raise Unplannable("cannot-mask-here", place.path)
        self.splices += identifiers.masked(owner, name)

    def _string(self, node: Node, place: _Place, read: _Reader) -> None:
        text = node.string
        if not text:
            return
        try:
            self._put(node, place, read(text))
        except Unruled as error:
            raise Unplannable(error.code, place.path) from None

    def _put(self, node: Node, place: _Place, pieces: Pieces) -> None:
        """Ask for the values in a string, and let the answers stand in their places."""
        if not any(isinstance(piece, Piece) for piece in pieces):
            return
        parts: list[str | Slot] = []
        for piece in pieces:
            if isinstance(piece, Piece):
                parts.append(Slot(len(self.asked), piece.form))
                self.asked.append(Asked(place.path, piece.domain, piece.value))
            else:
                parts.append(piece)
        self.splices.append(Splice(node.start, node.end, tuple(parts)))


def _contained(node: Node) -> Iterable[tuple[str, str]]:
    contained = node.at("contained")
    for one in contained.items if contained else ():
        own, kind = one.says("id"), one.says("resourceType")
        if own and kind:
            yield own, kind


def _local(of: References, place: _Place, text: str) -> Pieces:
    """``#id`` of a contained resource; ``#`` alone means what contains it."""
    kind = place.contained.get(text[1:])
    return ["#", *of.of_id(kind, text[1:])] if kind else [text]


def _owner(root: Node, node: Node) -> tuple[Node, str]:
    """The object whose member a node is, and its name; no name when it stands in a list."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        for name, member in one.members.items():
            if member is node:
                return one, name
        waiting += [*one.members.values(), *one.items]
    return root, ""
