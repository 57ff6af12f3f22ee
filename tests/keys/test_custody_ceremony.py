"""The rehearsal does what the guide says, and notices when it does not."""

import ast
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from keys.custody import ceremony, pkcs11, quorum
from keys.custody.ceremony import main, rehearse
from keys.custody.errors import RehearsalFailed
from keys.errors import KeysError
from tests.keys.softhsm import PIN, SoftHSM
from tests.keys.test_custody_pkcs11 import needs_hsm

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "key-ceremony.md").read_text()
STEPS = ("1. Dealing", "2. Reading back", "3. Unsealing", "4. The paper of", "complete")


def test_the_rehearsal_plays_every_step(tmp_path: Path) -> None:
    said: list[str] = []
    sheets: list[str] = []
    rehearse(tmp_path, say=said.append, show=sheets.append)
    transcript = "\n".join(said)
    assert [step in transcript for step in STEPS] == [True] * 5
    assert transcript.count("   refused ") == 7
    assert transcript.count("   proven ") == 6
    assert len(sheets) == 5


def test_no_share_stands_in_the_transcript(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    sheets: list[str] = []
    rehearse(tmp_path, say=said.append, show=sheets.append)
    transcript = "\n".join(said)
    groups = [g for sheet in sheets for line in sheet.splitlines()[7:10] for g in line.split()[5:]]
    assert len(groups) == 5 * 6
    assert [group for group in groups if len(group) == 4 and group in transcript] == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("threshold", "count"), [(2, 3), (4, 7), (2, 9)])
def test_it_can_be_rehearsed_in_the_size_of_the_center(
    tmp_path: Path, threshold: int, count: int
) -> None:
    rehearse(tmp_path, threshold=threshold, count=count, say=lambda _: None, show=lambda _: None)
    statement = quorum.Statement.read(tmp_path / "quorum.json")
    assert (statement.threshold, len(statement.custodians)) == (threshold, count)


@pytest.mark.parametrize(("threshold", "count"), [(3, 3), (1, 5), (4, 3)])
def test_a_quorum_that_loses_all_with_one_paper_is_not_rehearsed(
    tmp_path: Path, threshold: int, count: int
) -> None:
    with pytest.raises(KeysError):
        rehearse(
            tmp_path, threshold=threshold, count=count, say=lambda _: None, show=lambda _: None
        )


def test_the_command_ends_with_0_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["--sheets"]) == 0
    printed = capsys.readouterr().out
    assert "SHARE 5 OF 5" in printed
    assert "this root protects nothing" in printed
    assert list(tmp_path.iterdir()) == []


def test_the_command_ends_with_1_where_a_claim_does_not_hold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--threshold", "5"]) == 1
    assert "failed" in capsys.readouterr().err


def test_a_claim_that_does_not_hold_ends_the_rehearsal(tmp_path: Path) -> None:
    run = ceremony.Rehearsal(tmp_path, 2, ("Anders", "Brandt"), lambda _: None)
    with pytest.raises(RehearsalFailed, match="black is white"):
        run.claim("black is white", holds=False)
    with pytest.raises(RehearsalFailed, match="not refused"):
        run.refused(KeysError, "a mistake", lambda: None)


def test_the_names_are_all_different() -> None:
    names = [*ceremony.PEOPLE, *ceremony.SUCCESSORS]
    assert all(one != other for one, other in combinations(names, 2))


def sentences() -> Iterator[str]:
    """What the quorum can say, as patterns: a field may stand for anything."""
    for path in (ROOT / "keys" / "custody" / "quorum").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (getattr(part, "value", None) for part in node.values)
                yield "".join(re.escape(p) if isinstance(p, str) else ".+" for p in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)


def test_the_guide_explains_what_the_quorum_really_says() -> None:
    table = GUIDE.split("| what it says |")[1].split("\n\n")[0].splitlines()[2:]
    said = [row.split("|")[1].strip() for row in table]
    patterns = list(sentences())
    assert len(said) == 7
    assert [s for s in said if not any(re.fullmatch(p, s) for p in patterns)] == []


def test_every_call_and_option_the_guide_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    calls = set(re.findall(r"(?:quorum|pkcs11)\.[a-zA-Z]+(?=\()", GUIDE))
    found = {"quorum": quorum, "pkcs11": pkcs11}
    assert calls
    assert [c for c in calls if not hasattr(found[c.split(".")[0]], c.split(".")[1])] == []
    with pytest.raises(SystemExit):
        main(["--help"])
    known = capsys.readouterr().out
    assert [o for o in re.findall(r"(?<=ceremony) +(--[a-z]+)", GUIDE) if o not in known] == []


@needs_hsm
def test_the_variant_with_an_hsm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hsm = SoftHSM(tmp_path)
    monkeypatch.setenv("SOFTHSM2_CONF", str(hsm.configuration))
    (tmp_path / "pin").write_bytes(PIN)
    uri = f"{hsm.uri()}&pin-source=file:{tmp_path / 'pin'}"
    assert main(["--hsm", uri]) == 0
    assert "the HSM opens what it wrapped" in capsys.readouterr().out
    assert main(["--hsm", uri]) == 1, "the file of the first rehearsal is still there"
