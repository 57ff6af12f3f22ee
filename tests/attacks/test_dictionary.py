"""Who steals the database learns no original and no name from it, with every word there is in hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.dictionary import attack, lengths, main, repeated, shared
from tests.attacks.loot import Loot, steal
from tests.builders import bearer, make_center, make_domain, make_http, make_key
from tests.scale import scaled
from tests.services.patients import patient
from ttp.core.center import Center

DOMAINS = ("diz", "study")
SALT = bytes(range(16))


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def filled(center: Center) -> list[str]:
    """A center in use, the same originals in all domains; gives all words that were sent in."""
    for name in DOMAINS:
        make_domain(center, name)
    make_domain(center, "many", multi=True)
    http, headers = make_http(center), bearer(make_key(center, *DOMAINS, "many"))
    originals = [f"{9_000_000_000_000 + number * 7_919}" for number in range(scaled(60, least=20))]
    for name in (*DOMAINS, "many"):
        for start in range(0, len(originals), 10):
            body = {"originals": originals[start : start + 10]} | (
                {"count": 2} if name == "many" else {}
            )
            once = {**headers, "Idempotency-Key": f"{name}-{start}"}
            url = f"/api/v1/domains/{name}/pseudonyms"
            assert http.post(url, json=body, headers=once).status_code == 200
    people = [patient(number) for number in range(scaled(60, least=20))]
    records = {"source": "kis", "records": people}
    assert http.post("/api/v1/identities", json=records, headers=headers).status_code == 200
    return [*originals, *(value for one in people for value in one.values())]


def loot_of(center: Center, database_url: str) -> Loot:
    center.work.close()
    return steal(database_url.removeprefix("sqlite:///"))


def test_no_word_is_found_and_no_two_domains_share_a_value(
    center: Center, database_url: str
) -> None:
    words = filled(center)
    loot = loot_of(center, database_url)
    assert sum(len(one.cells) for one in loot.columns) > 1000
    assert attack(loot, words) == []
    assert shared(loot.columns) == {}
    assert {
        count for title, count in repeated(loot.columns).items() if "identifier" not in title
    } == {1}


def test_the_same_original_has_unrelated_indexes_in_two_domains(
    center: Center, database_url: str
) -> None:
    """Not even the order: sorting the rows of one domain by index tells nothing of the other's."""
    filled(center)
    loot = loot_of(center, database_url)
    (indexes,) = [one.cells for one in loot.columns if one.title == "pseudonym.index_a"]
    assert len(set(indexes)) == len(indexes)
    bits = [cell[0] & 1 for cell in indexes]
    assert 0.2 < sum(bits) / len(bits) < 0.8


def test_envelopes_of_names_have_few_lengths(center: Center, database_url: str) -> None:
    filled(center)
    told = lengths(loot_of(center, database_url).columns)
    assert told["pseudonym.envelope"] == told["original.envelope"] == 1
    assert told["identity_version.envelope"] <= 2


WEAK: dict[str, Callable[[bytes], bytes]] = {
    "clear": lambda word: word,
    "md5": lambda word: hashlib.md5(word).digest(),  # noqa: S324 - weak on purpose
    "sha256": lambda word: hashlib.sha256(word).digest(),
    "sha256 cut to 16": lambda word: hashlib.sha256(word).digest()[:16],
    "sha256 as text": lambda word: hashlib.sha256(word).hexdigest().encode(),
    "sha3": lambda word: hashlib.sha3_256(word).digest(),
    "beside the domain": lambda word: hashlib.sha256(b"diz:" + word).digest(),
    "salted, the salt beside it": lambda word: hashlib.sha256(SALT + word).digest(),
    "keyed by the name of the domain": lambda word: hmac.digest(b"diz", word, "sha256"),
    "a leaf of a tree": lambda word: hashlib.sha256(b"\x00" + word).digest(),
    "base64": base64.b64encode,
}


@pytest.mark.parametrize("form", WEAK)
def test_a_weak_table_is_broken(tmp_path: Path, form: str) -> None:
    place = tmp_path / "weak.db"
    with sqlite3.connect(place) as session:
        session.execute("CREATE TABLE domain (name, salt)")
        session.execute("INSERT INTO domain VALUES ('diz', ?)", (SALT,))
        session.execute("CREATE TABLE pseudonym (value)")
        rows = [(WEAK[form](f"original-{n}".encode()),) for n in range(50)]
        session.executemany("INSERT INTO pseudonym VALUES (?)", rows)
    hits = attack(steal(str(place)), [f"original-{n}" for n in range(45, 55)])
    assert {hit.number for hit in hits} == {0, 1, 2, 3, 4}


def test_values_shared_by_two_domains_are_found(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "weak.db") as session:
        for table in ("one", "two"):
            session.execute(f"CREATE TABLE {table} (index_a)")
            session.execute(f"INSERT INTO {table} VALUES (?)", (bytes(16),))  # noqa: S608 - one of two words
    columns = steal(str(tmp_path / "weak.db")).columns
    assert shared(columns) == {"one.index_a and two.index_a": 1}


def test_the_program_reports_no_word_and_ends_with_1_where_it_found_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dump").write_bytes(b"... Kanarienvogel ...")
    (tmp_path / "words").write_text("Kanarienvogel\nZeisig\n")
    assert main([str(tmp_path / "dump"), str(tmp_path / "words")]) == 1
    shown = capsys.readouterr().out
    assert "word 1 in anywhere by clear" in shown
    assert "Kanarienvogel" not in shown
