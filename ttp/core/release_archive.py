"""Release archive: a tar of ``manifest.json``, ``manifest.sig`` and ``payload.age``, checked without any secret.

``manifest.sig`` holds an Ed25519 signature over a fixed context line and the exact bytes of the manifest.
The manifest names the SHA-256 digest of the payload, so a valid signature vouches for all three files.
"""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from keys.digests import canonical_json, sha256
from keys.signatures import SigningKey, VerifyKey
from ttp.core.errors import BadRequest

MANIFEST, SIGNATURE, PAYLOAD = "manifest.json", "manifest.sig", "payload.age"
CONTEXT = b"treuhandstelle release v1\n"
MAXIMAL_MEMBER_BYTES = 1 << 30


class ReleaseInvalid(BadRequest):
    """The release is incomplete, damaged, altered, or not signed by a trusted center."""

    code = "release-invalid"


@dataclass(frozen=True, slots=True)
class Archive:
    """The content of a release that was read, and verified where ``trusted`` says by whom."""

    manifest: Mapping[str, Any]
    payload: bytes
    signed_by: str
    trusted: bool


def build_archive(manifest: Mapping[str, Any], payload: bytes, *, key: SigningKey) -> bytes:
    """The tar of a release; the same input gives the same bytes. The payload's digest is added to the manifest."""
    text = canonical_json(
        {**manifest, "files": {PAYLOAD: {"sha256": sha256(payload).hex(), "bytes": len(payload)}}}
    )
    signature = _signature_text(key.key_id, key.sign(CONTEXT + text))
    return _tar({MANIFEST: text, SIGNATURE: signature, PAYLOAD: payload})


def key_statements(data: bytes) -> list[object]:
    """The statements in a release that lead from keys of older trust files to the one that signed it.

    They prove themselves; nothing else in the release is believed for reading them.

    Raises:
        ReleaseInvalid: the file is not a release archive.
    """
    statements = _json(_untar(data), MANIFEST).get("key_statements", [])
    return statements if isinstance(statements, list) else []


def read_archive(data: bytes, trusted: Mapping[str, VerifyKey]) -> Archive:
    """Read and check a release. ``trusted`` maps key IDs to keys of centers; empty checks only consistency.

    Raises:
        ReleaseInvalid: naming what is wrong.
    """
    files = _untar(data)
    manifest, signature = _json(files, MANIFEST), _json(files, SIGNATURE)
    stated = manifest.get("files", {}).get(PAYLOAD, {})
    if stated.get("sha256") != sha256(files[PAYLOAD]).hex():
        raise ReleaseInvalid("The payload is not the one that the manifest names.")
    key_id = str(signature.get("key_id"))
    if trusted:
        _verify(files[MANIFEST], signature, files[SIGNATURE], trusted)
    return Archive(manifest, files[PAYLOAD], key_id, bool(trusted))


def _verify(
    manifest: bytes, signature: Mapping[str, Any], stored: bytes, trusted: Mapping[str, VerifyKey]
) -> None:
    key = trusted.get(str(signature.get("key_id")))
    if key is None:
        raise ReleaseInvalid("The release is signed by a key that the trust file does not hold.")
    try:
        raw = base64.b64decode(str(signature.get("signature")), validate=True)
    except ValueError as error:
        raise ReleaseInvalid("The signature is malformed.") from error
    if stored != _signature_text(key.key_id, raw):
        raise ReleaseInvalid("The signature is not in its one form.")
    if not key.verify(raw, CONTEXT + manifest):
        raise ReleaseInvalid("The signature does not fit the manifest.")


def _signature_text(key_id: str, raw: bytes) -> bytes:
    return canonical_json(
        {"alg": "Ed25519", "key_id": key_id, "signature": base64.b64encode(raw).decode()}
    )


def _json(files: Mapping[str, bytes], name: str) -> Mapping[str, Any]:
    try:
        document = orjson.loads(files[name])
    except orjson.JSONDecodeError as error:
        raise ReleaseInvalid(f"{name} is not JSON.") from error
    if not isinstance(document, dict):
        raise ReleaseInvalid(f"{name} is not an object.")
    return document


def _tar(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def _untar(data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.isfile() else None
                if content is None or entry.name in files or entry.size > MAXIMAL_MEMBER_BYTES:
                    raise ReleaseInvalid("The archive holds something that does not belong there.")
                files[entry.name] = content.read()
    except (tarfile.TarError, EOFError) as error:
        raise ReleaseInvalid("The file is not a release archive.") from error
    if set(files) != {MANIFEST, SIGNATURE, PAYLOAD}:
        raise ReleaseInvalid("The archive is incomplete or holds more than it should.")
    return files
