"""The guide "From gPAS to Treuhandstelle in an hour" is a script that works, beside one that answers like gPAS."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.cli.running import VARIABLES, free_port
from tests.gateways.clients import SYSTEM

GUIDE = Path(__file__).parents[2] / "docs" / "from-gpas.md"
PAIRS = {
    "1001000000022": "mrcm_T0TYNV21A",
    "1001000000033": "mrcm_8NE3KQ2XZ",
    "00042": "another-form",
}


def _script() -> str:
    """All commands of the guide in their order."""
    blocks = re.findall(r"```console\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return "\n".join(re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in blocks)


class _OldService(BaseHTTPRequestHandler):
    """Answers ``$pseudonymize`` from the exported pairs, as gPAS does: the domain first, then the rest."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["parameter"]
        target, *originals = [one["valueString"] for one in asked]
        body = {
            "resourceType": "Parameters",
            "parameter": [_told(target, one) for one in originals],
        }
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


def _told(target: str, original: str) -> dict[str, object]:
    values = {"target": target, "original": original, "pseudonym": PAIRS[original]}
    parts = [
        {"name": name, "valueIdentifier": {"system": SYSTEM, "value": value}}
        for name, value in values.items()
    ]
    return {"name": "pseudonym", "part": parts}


@contextlib.contextmanager
def _old_service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _OldService)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def test_the_guide_leads_from_gpas_here_and_back(tmp_path: Path) -> None:
    rows = "".join(f"{original};{pseudonym}\n" for original, pseudonym in PAIRS.items())
    (tmp_path / "miracum.csv").write_text(f"original;pseudonym\n{rows}")
    port = str(free_port())
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    script = "trap 'kill $(jobs -p); wait' EXIT\n" + _script().replace("8080", port)
    with _old_service() as old:
        environment = {**kept, "PATH": path, "GPAS": old, "TTP_PORT": port}
        done = subprocess.run(
            ["bash", "-e", "-u", "-o", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert "both give the same" in done.stdout
    assert "every pair came over" in done.stdout
    assert json.loads((tmp_path / "issued.json").read_text())["parameter"][0]["name"] == "pseudonym"
    made = (tmp_path / "pairs-for-gpas.csv").read_text().splitlines()[1]
    assert re.fullmatch(r"1001000000099;mrcm_\w{10}", made)
