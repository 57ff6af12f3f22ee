"""Patients for tests: strategies that draw records as a site might send them."""

from datetime import date

import hypothesis.strategies as st

from linkage.records import RecordTable, table_of

NAMES = ["Anna", "Anna-Maria", "Jürgen", "Ayşe", "Müller", "Mueller", "von Weiß", "Schmidt", "Łuk"]
CITIES = ["Leipzig", "Halle (Saale)", "Köln", "Bad Homburg"]

Record = dict[str, str | None]


def values(options: list[str]) -> st.SearchStrategy[str | None]:
    """One of some values, or missing."""
    return st.sampled_from([None, *options])


def patients() -> st.SearchStrategy[Record]:
    """One record without an ID."""
    dates = st.dates(date(1850, 1, 1), date(2150, 12, 31)).map(lambda day: day.isoformat())
    return st.fixed_dictionaries(
        {
            "given_name": values(NAMES),
            "surname": values(NAMES) | st.text(max_size=12),
            "birth_date": st.none() | dates,
            "sex": values(["m", "f", "w", "d"]),
            "postcode": values(["04109", "04177", "D-10115", "1010"]),
            "city": values(CITIES),
            "kvnr": values(["A123456780", "B987654320"]),
        }
    )


def table(records: list[Record], *, source: str = "a") -> RecordTable:
    """A table with the IDs 0, 1, 2, …"""
    return table_of(
        source, [record | {"record_id": str(place)} for place, record in enumerate(records)]
    )
