"""Languages: every text a page shows stands in both catalogs under the same key; numbers and times follow the reader.

A catalog is nested JSON; a key is the path joined by dots. An entry is a text with ``{facts}``, or one text for each
plural category of the language (CLDR), chosen by the fact ``n``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask import g

LANGUAGES = ("de", "en")
DEFAULT = "de"
FOLDER = Path(__file__).parent / "translations"
_PLURALS = frozenset({"one", "other"})

Entry = str | dict[str, str]


def speak(language: str | None) -> None:
    """Answer this request in the language, or in German if it is none of ours."""
    g.language = language if language in LANGUAGES else DEFAULT


def spoken() -> str:
    """The language of this request."""
    return str(g.get("language", DEFAULT))


def t(key: str, **facts: object) -> str:
    """The text of a key in the language of this request.

    Raises:
        KeyError: no catalog has the key, which a test rules out for every key in use.
    """
    entry = catalog(spoken())[key]
    if isinstance(entry, dict):
        amount = facts.get("n", 0)
        entry = entry[_plural(amount if isinstance(amount, int) else 0)]
    shown = {name: number(fact) if _countable(fact) else fact for name, fact in facts.items()}
    return entry.format(**shown) if facts else entry


def known(key: str) -> bool:
    """Whether the catalogs have this key, for texts that name a code others may extend."""
    return key in catalog(spoken())


def number(value: Any) -> str:
    """A number as the reader writes it: 1.234,5 or 1,234.5."""
    return format_decimal(value, locale=spoken())


def signed(value: float) -> str:
    """A weight with its sign and one or two decimals, with a true minus."""
    text = format_decimal(abs(value), format="0.0#", locale=spoken())
    return f"{'+' if value >= 0 else '−'}{text}"


def share(value: float) -> str:
    """A share of one as percent with a decimal: 97,8 % or 97.8%."""
    return format_percent(
        value, format="0.0\u202f%" if spoken() == "de" else "0.0%", locale=spoken()
    )


def when(moment: datetime) -> str:
    """A time on the clock of this machine, which stands where the center stands."""
    return format_datetime(moment.astimezone().replace(tzinfo=None), "medium", locale=spoken())


def day(value: date) -> str:
    """A date as the reader writes it."""
    return format_date(value, "medium", locale=spoken())


@cache
def catalog(language: str) -> dict[str, Entry]:
    """All texts of a language by key."""
    text = (FOLDER / f"{language}.json").read_text("utf-8")
    return dict(_flat(json.loads(text), ""))


def _flat(branch: Mapping[str, Any], path: str) -> list[tuple[str, Entry]]:
    found: list[tuple[str, Entry]] = []
    for name, value in branch.items():
        key = f"{path}{name}"
        if isinstance(value, dict) and not set(value) <= _PLURALS:
            found.extend(_flat(value, f"{key}."))
        else:
            found.append((key, value))
    return found


def _plural(amount: int) -> str:
    return str(Locale(spoken()).plural_form(amount))


def _countable(fact: object) -> bool:
    return isinstance(fact, int) and not isinstance(fact, bool)
