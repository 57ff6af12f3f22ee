"""Resharing by command: new custodians open the same center, the old ones no more, and both steps leave entries."""

from pathlib import Path

import pytest
from click.testing import Result

from keys.custody import open_custody, quorum
from tests.cli.running import free_port, made, run
from tests.custody.quorum_home import QuorumHome, papers_in

NEW = ("Brandt", "Dorn", "Eriksen")


def reshare(home: QuorumHome, *typed: str, sheets: str = "new") -> Result:
    custodians = [word for name in NEW for word in ("--custodian", name)]
    folder = str(home.path.with_name(sheets))
    options = ["--threshold", "2", *custodians, "--shares-dir", folder]
    return run(home.path, "custody", "reshare", *options, input="\n".join(typed) + "\n")


def confirm(home: QuorumHome, *typed: str) -> Result:
    return run(home.path, "custody", "confirm", input="\n".join(typed) + "\n")


def new_papers(home: QuorumHome) -> dict[str, str]:
    return papers_in(home.path.with_name("new"))


def test_new_custodians_take_over_in_two_steps(home: QuorumHome) -> None:
    root, old = home.root(), home.papers
    dealt = reshare(home, old["Anders"], old["Celik"])
    assert dealt.exit_code == 0, dealt.output
    assert home.root() == root  # the old ones are in force until the new ones are confirmed
    shown = run(home.path, "custody", "show").stdout
    assert "epoch 1 (in force): any 2 of Anders, Brandt, Celik" in shown
    assert "epoch 2 (not yet confirmed): any 2 of Brandt, Dorn, Eriksen" in shown
    papers = new_papers(home)
    read_back = run(home.path, "custody", "check", "--pending", input=papers["Dorn"] + "\n")
    assert "share of Dorn, epoch 2, and it is true" in read_back.stdout
    done = confirm(home, *papers.values())
    assert done.exit_code == 0, done.output
    new = [papers["Dorn"], papers["Eriksen"]]
    assert quorum.unseal(home.statement, shares=new) == root
    assert open_custody(f"quorum:{home.statement}", passphrase="\n".join(new).encode()) == root
    outdated = run(home.path, "custody", "check", input=old["Anders"] + "\n")
    assert outdated.exit_code == 2
    assert "epoch 2 is in force" in outdated.stderr


def test_both_steps_leave_entries_that_hold_no_share(home: QuorumHome) -> None:
    old = home.papers
    reshare(home, old["Anders"], old["Celik"])
    papers = new_papers(home)
    confirm(home, *papers.values())
    database = b"".join(file.read_bytes() for file in home.path.glob("ttp.db*"))
    assert b'"custody.dealt-anew"' in database
    assert b'"custody.reshared"' in database
    for paper in (*old.values(), *papers.values()):
        assert paper.replace(" ", "").encode() not in database
        assert not any(group.encode() in database for group in paper.split()[6:12])


def test_a_mistake_while_typing_is_named_and_the_next_line_is_taken(home: QuorumHome) -> None:
    old = home.papers
    done = reshare(home, old["Anders"][:-1], old["Anders"], old["Anders"], old["Celik"])
    assert done.exit_code == 0
    assert "a share has 72 characters" in done.stderr
    assert "the share of Anders is already counted" in done.stderr


def test_without_all_new_shares_nothing_is_confirmed(home: QuorumHome) -> None:
    old = home.papers
    reshare(home, old["Anders"], old["Celik"])
    short = list(new_papers(home).values())[:2]
    assert confirm(home, *short).exit_code == 2
    assert "epoch 1 (in force)" in run(home.path, "custody", "show").stdout
    assert home.root()


def test_confirming_nothing_is_refused(home: QuorumHome) -> None:
    done = confirm(home, "x")
    assert done.exit_code == 2
    assert "no resharing of this quorum is under way" in done.stderr


def test_too_few_present_custodians_deal_nothing(home: QuorumHome) -> None:
    assert reshare(home, home.papers["Anders"]).exit_code == 2
    assert not home.statement.with_name("quorum.json.next").exists()


def test_sheets_are_private_and_never_mixed_with_other_files(home: QuorumHome) -> None:
    sheets = home.path.with_name("sheets")
    assert {path.stat().st_mode & 0o777 for path in sheets.iterdir()} == {0o600}
    done = reshare(home, home.papers["Anders"], home.papers["Celik"], sheets="sheets")
    assert done.exit_code == 2
    assert "is not empty" in done.stderr


def test_sheets_are_printed_where_no_folder_is_named(tmp_path: Path) -> None:
    options = ["--threshold", "2", "--custodian", "Anders", "--custodian", "Brandt"]
    done = run(tmp_path / "h", "init", "--custody", "quorum:", *options)
    assert done.exit_code == 0
    assert done.stdout.count("OF THE ROOT KEY") == 2
    assert sorted(path.name for path in (tmp_path / "h").iterdir() if "share" in path.name) == []


IMPOSSIBLE = {
    "a quorum of nobody": (["--custody", "quorum:"], "A quorum needs custodians"),
    "a threshold without names": (
        ["--custody", "quorum:", "--threshold", "2"],
        "every --custodian",
    ),
    "one custodian of two": (
        ["--custody", "quorum:", "--threshold", "2", "--custodian", "A"],
        "2 ≤ threshold ≤ custodians",
    ),
    "the same custodian twice": (
        ["--custody", "quorum:", "--threshold", "2", "--custodian", "A", "--custodian", "a"],
        "different names",
    ),
    "custodians of a file": (["--threshold", "2", "--custodian", "A"], "no other custody"),
    "an unknown custody": (["--custody", "cloud:x"], "custody 'cloud' is not known here"),
}


@pytest.mark.parametrize("sentence", IMPOSSIBLE)
def test_an_impossible_custody_is_refused_in_one_sentence(tmp_path: Path, sentence: str) -> None:
    options, told = IMPOSSIBLE[sentence]
    done = run(tmp_path / "h", "init", *options)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tmp_path / "h" / "ttp.toml").exists()


def test_a_home_without_custodians_has_none_to_show_or_replace(tmp_path: Path) -> None:
    home = made(tmp_path / "h")
    assert "opened by a passphrase" in run(home, "custody", "show").stdout
    done = run(home, "custody", "check", input="x\n")
    assert done.exit_code == 2
    assert "not held by a quorum" in done.stderr


def test_a_taken_admin_port_is_said_before_anything_waits(home: QuorumHome) -> None:
    port = str(free_port())
    done = run(home.path, "serve", "--port", port, TTP_ADMIN_PORT="1", TTP_ADMIN_HOST="192.0.2.1")
    assert done.exit_code == 2
    assert "the setting admin_port" in done.stderr
