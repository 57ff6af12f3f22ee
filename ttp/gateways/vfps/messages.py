"""Messages of the gRPC interface ``vfps.api.v1``: names, types and field numbers are its wire format.

Described here and built at the start; no code is generated. A line of a message: ``name type number``; ``optional`` as
in proto3, ``repeated`` as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

from ttp.gateways.vfps.namespaces import Method
from ttp.gateways.vfps.written import METHODS

PACKAGE = "vfps.api.v1"
HEALTH = "grpc.health.v1"

_MESSAGES = {
    "Meta": ("created_at Timestamp 1", "last_updated_at Timestamp 2"),
    "Namespace": (
        "meta Meta 1",
        "name string 2",
        "description string 3",
        "pseudonym_generation_method Method 4",
        "pseudonym_length uint32 5",
        "optional pseudonym_prefix string 6",
        "optional pseudonym_suffix string 7",
    ),
    "NamespaceServiceCreateRequest": (
        "name string 1",
        "pseudonym_generation_method Method 2",
        "pseudonym_length uint32 3",
        "optional pseudonym_prefix string 4",
        "optional pseudonym_suffix string 5",
        "description string 6",
    ),
    "NamespaceServiceCreateResponse": ("namespace Namespace 1",),
    "NamespaceServiceGetRequest": ("name string 1",),
    "NamespaceServiceGetResponse": ("namespace Namespace 1",),
    "NamespaceServiceGetAllRequest": (),
    "NamespaceServiceGetAllResponse": ("repeated namespaces Namespace 1",),
    "NamespaceServiceDeleteRequest": ("name string 1",),
    "NamespaceServiceDeleteResponse": (),
    "Pseudonym": (
        "meta Meta 1",
        "namespace string 2",
        "original_value string 3",
        "pseudonym_value string 4",
    ),
    "PseudonymServiceCreateRequest": ("namespace string 1", "original_value string 2"),
    "PseudonymServiceCreateResponse": ("pseudonym Pseudonym 1",),
    "PseudonymServiceGetRequest": ("namespace string 1", "pseudonym_value string 2"),
    "PseudonymServiceGetResponse": ("pseudonym Pseudonym 1",),
    "PseudonymServiceListRequest": (
        "namespace string 1",
        "page_size int32 2",
        "page_token string 3",
        "include_total_size bool 4",
    ),
    "PseudonymServiceListResponse": (
        "namespace string 1",
        "optional total_size int64 2",
        "next_page_token string 3",
        "repeated pseudonyms Pseudonym 4",
    ),
}
_HEALTH_MESSAGES = {
    "HealthCheckRequest": ("service string 1",),
    "HealthCheckResponse": ("status Method 1",),
}
_HEALTH_STATES = {"UNKNOWN": 0, "SERVING": 1, "NOT_SERVING": 2, "SERVICE_UNKNOWN": 3}

_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "string": _Field.TYPE_STRING,
    "uint32": _Field.TYPE_UINT32,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "bool": _Field.TYPE_BOOL,
}


def message_types() -> Mapping[str, Any]:
    """The classes of all messages by their names, those of the health check included."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    methods = {f"{METHODS}{one.name}": one.value for one in Method}
    files = (
        _file(PACKAGE, "PseudonymGenerationMethod", methods, _MESSAGES),
        _file(HEALTH, "ServingStatus", _HEALTH_STATES, _HEALTH_MESSAGES),
    )
    types = {}
    for one in files:
        pool.Add(one)
        for message in one.message_type:
            found = pool.FindMessageTypeByName(f"{one.package}.{message.name}")
            types[message.name] = message_factory.GetMessageClass(found)
    return types


def _file(
    package: str,
    enum: str,
    numbers: Mapping[str, int],
    messages: Mapping[str, tuple[str, ...]],
) -> Any:
    described = descriptor_pb2.FileDescriptorProto(
        name=f"{package.replace('.', '/')}.proto", package=package, syntax="proto3"
    )
    described.dependency.append("google/protobuf/timestamp.proto")
    choices = described.enum_type.add(name=enum)
    for name, number in numbers.items():
        choices.value.add(name=name, number=number)
    for name, lines in messages.items():
        message = described.message_type.add(name=name)
        for line in lines:
            _add_field(message, line, package=package, enum=enum)
    return described


def _add_field(message: Any, line: str, *, package: str, enum: str) -> None:
    *how, name, kind, number = line.split()
    field = message.field.add(name=name, number=int(number), label=_Field.LABEL_OPTIONAL)
    if how == ["repeated"]:
        field.label = _Field.LABEL_REPEATED
    if how == ["optional"]:
        field.proto3_optional = True
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{name}")
    if kind in _TYPES:
        field.type = _TYPES[kind]
    elif kind == "Method":
        field.type, field.type_name = _Field.TYPE_ENUM, f".{package}.{enum}"
    elif kind == "Timestamp":
        field.type, field.type_name = _Field.TYPE_MESSAGE, ".google.protobuf.Timestamp"
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{package}.{kind}"
