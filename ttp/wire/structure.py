"""Structure: the elements of the few FHIR R4 types that are written as XML, in their order (FHIR R4, 4.0.1).

One line per type: ``name:type``, with ``*`` behind the type where an element repeats. ``[x]`` stands for every
type a value may have. XML needs this table: it tells lists from single values and numbers from strings only by type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_STRINGS = (
    "base64Binary canonical code date dateTime id instant markdown oid string time uri url uuid"
)
INTEGERS: Final = frozenset({"integer", "positiveInt", "unsignedInt"})
PRIMITIVES: Final = frozenset({*_STRINGS.split(), *INTEGERS, "boolean", "decimal"})
RESOURCE: Final = "Resource"
XHTML: Final = "xhtml"
DROPPED: Final = frozenset({XHTML, "Narrative"})
"""Types for human eyes, of which nothing is read or written."""

_ELEMENT = "extension:Extension*"
_BACKBONE = f"{_ELEMENT} modifierExtension:Extension*"
_BASE = "id:id meta:Meta implicitRules:uri language:code"
_DOMAIN = f"{_BASE} text:Narrative contained:Resource* {_BACKBONE}"
_CANONICAL = (
    "publisher:string contact:ContactDetail* description:markdown useContext:UsageContext*"
    " jurisdiction:CodeableConcept* purpose:markdown"
)

_DATATYPES = {
    "Attachment": "contentType:code language:code data:base64Binary url:url size:unsignedInt hash:base64Binary"
    " title:string creation:dateTime",
    "CodeableConcept": "coding:Coding* text:string",
    "Coding": "system:uri version:string code:code display:string userSelected:boolean",
    "ContactDetail": "name:string telecom:ContactPoint*",
    "ContactPoint": "system:code value:string use:code rank:positiveInt period:Period",
    "Duration": "value:decimal comparator:code unit:string system:uri code:code",
    "Extension": "value[x]",
    "Identifier": "use:code type:CodeableConcept system:uri value:string period:Period assigner:Reference",
    "Meta": "versionId:id lastUpdated:instant source:uri profile:canonical* security:Coding* tag:Coding*",
    "Narrative": "status:code div:xhtml",
    "Period": "start:dateTime end:dateTime",
    "Quantity": "value:decimal comparator:code unit:string system:uri code:code",
    "Range": "low:Quantity high:Quantity",
    "Ratio": "numerator:Quantity denominator:Quantity",
    "Reference": "reference:string type:uri identifier:Identifier display:string",
    "UsageContext": "code:Coding valueCodeableConcept:CodeableConcept valueQuantity:Quantity valueRange:Range"
    " valueReference:Reference",
}

_BACKBONES = {
    "Bundle.link": "relation:string url:uri",
    "Bundle.entry": "link:Bundle.link* fullUrl:uri resource:Resource search:Bundle.search request:Bundle.request"
    " response:Bundle.response",
    "Bundle.search": "mode:code score:decimal",
    "Bundle.request": "method:code url:uri ifNoneMatch:string ifModifiedSince:instant ifMatch:string"
    " ifNoneExist:string",
    "Bundle.response": "status:string location:uri etag:string lastModified:instant outcome:Resource",
    "Parameters.parameter": "name:string value[x] resource:Resource part:Parameters.parameter*",
    "OperationOutcome.issue": "severity:code code:code details:CodeableConcept diagnostics:string"
    " location:string* expression:string*",
    "CapabilityStatement.software": "name:string version:string releaseDate:dateTime",
    "CapabilityStatement.implementation": "description:string url:url custodian:Reference",
    "CapabilityStatement.rest": "mode:code documentation:markdown security:CapabilityStatement.security"
    " resource:CapabilityStatement.resource* interaction:CapabilityStatement.interaction*"
    " searchParam:CapabilityStatement.searchParam* operation:CapabilityStatement.operation* compartment:canonical*",
    "CapabilityStatement.security": "cors:boolean service:CodeableConcept* description:markdown",
    "CapabilityStatement.resource": "type:code profile:canonical supportedProfile:canonical* documentation:markdown"
    " interaction:CapabilityStatement.interaction* versioning:code readHistory:boolean updateCreate:boolean"
    " conditionalCreate:boolean conditionalRead:code conditionalUpdate:boolean conditionalDelete:code"
    " referencePolicy:code* searchInclude:string* searchRevInclude:string*"
    " searchParam:CapabilityStatement.searchParam* operation:CapabilityStatement.operation*",
    "CapabilityStatement.interaction": "code:code documentation:markdown",
    "CapabilityStatement.searchParam": "name:string definition:canonical type:code documentation:markdown",
    "CapabilityStatement.operation": "name:string definition:canonical documentation:markdown",
    "OperationDefinition.parameter": "name:code use:code min:integer max:string documentation:string type:code"
    " targetProfile:canonical* searchType:code binding:OperationDefinition.binding"
    " referencedFrom:OperationDefinition.referencedFrom* part:OperationDefinition.parameter*",
    "OperationDefinition.binding": "strength:code valueSet:canonical",
    "OperationDefinition.referencedFrom": "source:string sourceId:string",
    "OperationDefinition.overload": "parameterName:string* comment:string",
}

_RESOURCES = {
    "Bundle": f"{_BASE} identifier:Identifier type:code timestamp:instant total:unsignedInt link:Bundle.link*"
    " entry:Bundle.entry*",
    "Parameters": f"{_BASE} parameter:Parameters.parameter*",
    "OperationOutcome": f"{_DOMAIN} issue:OperationOutcome.issue*",
    "CapabilityStatement": f"{_DOMAIN} url:uri version:string name:string title:string status:code"
    f" experimental:boolean date:dateTime {_CANONICAL} copyright:markdown kind:code instantiates:canonical*"
    " imports:canonical* software:CapabilityStatement.software implementation:CapabilityStatement.implementation"
    " fhirVersion:code format:code* patchFormat:code* implementationGuide:canonical* rest:CapabilityStatement.rest*",
    "OperationDefinition": f"{_DOMAIN} url:uri version:string name:string title:string status:code kind:code"
    f" experimental:boolean date:dateTime {_CANONICAL} affectsState:boolean code:code comment:markdown"
    " base:canonical resource:code* system:boolean type:boolean instance:boolean inputProfile:canonical"
    " outputProfile:canonical parameter:OperationDefinition.parameter* overload:OperationDefinition.overload*",
}

RESOURCES: Final = frozenset(_RESOURCES)
"""The resources whose elements are known; of every other one nothing but its type is read."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a type: its name in XML and JSON, its own type, and whether it repeats (a list in JSON)."""

    name: str
    type: str
    many: bool


def _read(line: str) -> Mapping[str, Element]:
    elements = (word.partition(":") for word in line.replace("value[x]", _values()).split())
    return {
        name: Element(name, kind.removesuffix("*"), kind.endswith("*"))
        for name, _, kind in elements
    }


def _values() -> str:
    kinds = sorted(PRIMITIVES | (_DATATYPES.keys() - {"Extension", "Narrative"}))
    return " ".join(f"value{kind[0].upper()}{kind[1:]}:{kind}" for kind in kinds)


STRUCTURE: Final[Mapping[str, Mapping[str, Element]]] = {
    **{name: _read(f"{_ELEMENT} {line}") for name, line in _DATATYPES.items()},
    **{name: _read(f"{_BACKBONE} {line}") for name, line in _BACKBONES.items()},
    **{name: _read(line) for name, line in _RESOURCES.items()},
    **{name: _read(_ELEMENT) for name in PRIMITIVES},
}
"""The elements of each type by their names, in the order XML wants them; a primitive has extensions only."""
