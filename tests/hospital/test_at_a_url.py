"""Registration and HL7 messages at a center's URL, as a program beside the hospital's system brings them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import made, run, served
from tests.hospital.adt import merge, person
from tests.services.patients import patient


def test_files_and_messages_are_brought_over_http(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    created = run(home, "client", "create", "kis", "--role", "pipeline")
    assert created.exit_code == 0, created.output
    key = created.stdout.split()[-1]
    record = patient(7)
    line = {
        "resourceType": "Patient",
        "id": "7",
        "name": [{"family": record["surname"], "given": [record["given_name"]]}],
        "birthDate": record["birth_date"],
    }
    bundle, day = tmp_path / "patients.json", tmp_path / "day.hl7"
    bundle.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": line}]}))
    day.write_text("".join([person("17"), person("18"), merge("18", "17"), merge("17", "17")]))
    with served(home) as (url, _):
        place = ["--source", "kis", "--url", url]
        done = run(None, "register", bundle, *place, TTP_KEY=key)
        assert "1 rows: 1 new, 0 rejected" in done.stdout, done.output
        for told in ("1 joined, 2 new, 1 rejected\n", "3 known, 1 rejected\n"):
            done = run(None, "hl7", "import", day, *place, TTP_KEY=key)
            assert done.stdout == told, done.output
            assert "day.hl7,4,same-record" in done.stderr
