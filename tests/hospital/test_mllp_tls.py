"""Over TLS only clients certified by the given CA are served; the command itself listens, as a hospital meets it."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hl7.mllp import open_hl7_connection

from tests.cli.running import made
from tests.coroutines import finished
from tests.hospital.adt import person
from tests.hospital.saying import identities
from tests.services.patients import make_again


def self_signed(file: Path, name: str) -> Path:
    """A certificate of this name and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made_out = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made_out.public_bytes(Encoding.PEM) + secret)
    return file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path / "nord")


@pytest.fixture
def port(home: Path, tmp_path: Path) -> Iterator[int]:
    """The port at which ``ttp hl7 listen`` serves clients with the certificate in client.pem."""
    server = self_signed(tmp_path / "server.pem", "localhost")
    client = self_signed(tmp_path / "client.pem", "kis")
    command = [sys.executable, "-m", "ttp.cli", "--home", str(home), "hl7", "listen"]
    options = ["--source", "kis", "--port", "0", "--tls-cert", str(server)]
    listener = subprocess.Popen(
        [*command, *options, "--client-ca", str(client)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TTP_UNLOCK_FILE": str(tmp_path / "nord.unlock")},
    )
    assert listener.stderr is not None
    try:
        line = listener.stderr.readline()
        assert line.startswith("Listening on 127.0.0.1:"), line
        yield int(line.rsplit(":", 1)[1])
    finally:
        listener.terminate()
        assert listener.wait(20) == 0
        listener.stderr.close()


def say(port: int, server: Path, client: Path | None) -> str:
    """What the listener answers to a message over TLS."""
    context = ssl.create_default_context(cafile=server)
    if client is not None:
        context.load_cert_chain(client)

    async def run() -> str:
        reader: Any
        reader, writer = await open_hl7_connection(
            "127.0.0.1", port, ssl=context, server_hostname="localhost"
        )
        try:
            writer.writeblock(person("17").encode())
            await writer.drain()
            raw: bytes = await reader.readblock()
            return raw.decode("ascii")
        finally:
            writer.close()

    return finished(asyncio.wait_for(run(), 20))


def test_only_clients_with_a_certificate_of_the_ca_are_served(
    home: Path, port: int, tmp_path: Path
) -> None:
    server, client = tmp_path / "server.pem", tmp_path / "client.pem"
    stranger = self_signed(tmp_path / "stranger.pem", "kis")
    for refused in (None, stranger):
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            say(port, server, refused)
    assert "MSA|AA" in say(port, server, client)
    assert len(identities(make_again(home, ""), "17")) == 1
