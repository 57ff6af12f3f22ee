"""Clinical resources: what a trust center must not see. Of a body only Parameters and Bundles of them are looked at.

Separation of duties is why there is a trust center at all: it knows identifiers, never findings. A pipeline that sends
a Patient or an Observation here is set up wrongly; it is told so, and nothing of the resource is kept or logged.
"""

from __future__ import annotations

import re
from typing import Any

from ttp.core.errors import InvalidField, MalformedBody
from ttp.wire.negotiation import Format
from ttp.wire.parameters import read_json
from ttp.wire.xml_reading import read_xml

Json = dict[str, Any]

TAKEN = frozenset({"Parameters", "Bundle"})

_ROOT = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,64})"')
_INNER = frozenset({"parameter", "part", "resource"})
_KIND = re.compile(r"[A-Z][A-Za-z]{1,63}\Z")


class ClinicalResource(InvalidField):
    """A trust center takes no resources of patients: replace identifiers at your site, send Parameters alone."""

    code = "clinical-resource"


def read_taken(body: bytes, form: Format) -> Json:
    """The Parameters or the Bundle in a body. Another resource is not even parsed where its first bytes name it.

    Raises:
        MalformedBody: neither FHIR JSON nor FHIR XML, as ``form`` says. TooManyItems: XML above its limits.
        ClinicalResource: another resource, also as the value of a parameter.
    """
    if form is Format.XML:
        document = read_xml(body)
    else:
        root = _ROOT.match(body)
        if root is not None and root[1].decode() not in TAKEN:
            raise ClinicalResource
        document = read_json(body)
    kind = document.get("resourceType")
    if not isinstance(kind, str) or not _KIND.match(kind):
        raise MalformedBody("The body is not a FHIR resource.")
    if kind not in TAKEN or (kind == "Parameters" and is_clinical(document)):
        raise ClinicalResource
    return document


def is_clinical(resource: object) -> bool:
    """Whether this is, or holds in a parameter, another resource than Parameters."""
    waiting = [resource]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        kind = one.get("resourceType", "Parameters")
        if kind != "Parameters" and isinstance(kind, str):
            return True
        for name in _INNER & one.keys():
            inner = one[name]
            waiting.extend(inner if isinstance(inner, list) else [inner])
    return False
