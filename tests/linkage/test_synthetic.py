"""Made-up patients: repeatable, as distinct as real ones, wrong as often and in the ways real ones are."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from linkage import schema
from linkage.normalize import kvnr_is_valid
from linkage.records import accept, read_csv
from linkage.synthetic import COLUMNS, HEAVY, LIGHT, NONE, ErrorProfile, Population, generate

FIELDS = ("given_name", "surname", "birth_date", "sex", "postcode", "city")


@pytest.fixture(scope="module")
def population() -> Population:
    return generate(["nord", "sued"], 10_000, 0.5, seed=1)


def identical(population: Population) -> float:
    """Share of the true pairs that agree in all fields."""
    first, second = (
        {str(row["record_id"]): row for row in population.sites[site]} for site in population.sites
    )
    pairs = population.truth_pairs(*population.sites)
    same = sum(all(first[a][f] == second[b][f] for f in FIELDS) for a, b in pairs)
    return same / len(pairs)


def test_a_seed_means_the_same_patients_for_ever() -> None:
    once, again = (generate(["a", "b"], 50, 0.5, seed=7) for _ in range(2))
    assert once == again
    assert once != generate(["a", "b"], 50, 0.5, seed=8)
    row = once.sites["a"][0]
    assert [row[name] for name in COLUMNS] == [
        "A-000001",
        "Cristina",
        "Wagner",
        "1978-04-19",
        "f",
        "12157",
        "Berlin",
        None,
    ]


def test_every_record_is_acceptable_to_the_default_schema(population: Population) -> None:
    for site in population.sites:
        accept(population.table(site), schema.default())


def test_names_and_dates_are_as_distinct_as_in_a_real_hospital(population: Population) -> None:
    rows = population.sites["nord"]
    surnames = Counter(row["surname"] for row in rows)
    assert len(surnames) >= 2_500
    assert 0.005 < surnames.most_common(1)[0][1] / len(rows) < 0.02
    assert len({row["birth_date"] for row in rows}) > 7_000
    assert len({row["city"] for row in rows}) > 250


def test_about_a_third_of_the_true_pairs_are_identical(population: Population) -> None:
    assert 0.32 < identical(population) < 0.42


@pytest.mark.parametrize(
    ("profile", "low", "high"), [(NONE, 1, 1), (LIGHT, 0.6, 0.9), (HEAVY, 0, 0.2)]
)
def test_error_profiles_do_what_they_are_called(
    profile: ErrorProfile, low: float, high: float
) -> None:
    assert low <= identical(generate(["a", "b"], 1_000, 0.5, seed=2, errors=profile)) <= high


def test_half_of_the_patients_are_known_to_the_other_site(population: Population) -> None:
    nord, sued = (set(population.persons(site).values()) for site in population.sites)
    assert len(nord) == len(sued) == 10_000
    assert len(nord & sued) == 5_000


def test_three_sites_share_patients_pair_by_pair() -> None:
    three = generate(["a", "b", "c"], 600, 0.5, seed=3)
    persons = {site: set(three.persons(site).values()) for site in three.sites}
    assert {len(group) for group in persons.values()} == {600}
    shared = [len(persons[a] & persons[b]) for a, b in combinations(three.sites, 2)]
    assert shared == [150, 150, 150]


def test_some_patients_are_registered_twice_and_some_refuse(population: Population) -> None:
    rows = population.sites["nord"]
    assert 0.005 < len(rows) / 10_000 - 1 < 0.02
    assert 0.06 < sum(row["consent"] == "deny" for row in rows) / len(rows) < 0.1


def test_two_records_of_one_patient_have_one_consent(population: Population) -> None:
    for rows in population.sites.values():
        answers: dict[str | None, set[str | None]] = {}
        for row in rows:
            answers.setdefault(row["person"], set()).add(row["consent"])
        assert {len(found) for found in answers.values()} == {1}


def test_insurance_numbers_are_valid_and_often_missing(population: Population) -> None:
    numbers = [row["kvnr"] for row in population.sites["nord"]]
    known = [number for number in numbers if number]
    assert 0.6 < len(known) / len(numbers) < 0.7
    assert all(map(kvnr_is_valid, known))


def test_there_are_twins_and_newborns(population: Population) -> None:
    rows = population.sites["nord"]
    homes: dict[tuple[str | None, ...], set[str | None]] = {}
    for row in rows:
        key = (row["surname"], row["birth_date"], row["postcode"])
        homes.setdefault(key, set()).add(row["person"])
    assert sum(len(persons) > 1 for persons in homes.values()) > 5
    assert {"Knabe", "Tochter"} & {row["given_name"] for row in rows}


def test_record_ids_tell_nothing_about_the_person(population: Population) -> None:
    """Records that two sites share do not stand at the same places."""
    pairs = population.truth_pairs("nord", "sued")
    assert sum(a.rsplit("-")[-1] == b.rsplit("-")[-1] for a, b in pairs) < 20


def test_the_files_are_read_back_without_the_truth(tmp_path: Path) -> None:
    made = generate(["a", "b"], 30, 0.5, seed=4)
    paths = made.write_csv(tmp_path)
    assert [path.name for path in paths] == ["a.csv", "b.csv"]
    table = read_csv(paths[0])
    assert list(table.columns) == list(COLUMNS[1:])
    assert table.columns == dict(made.table("a").columns)
    assert (tmp_path / "truth.csv").read_text().startswith("site,record_id,person\n")
