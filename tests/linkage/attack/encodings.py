"""Schemas to attack: names and date of birth in one filter, with bits per token and hardening as asked."""

from collections.abc import Sequence

from linkage.schema import LinkageSchema, parse

Step = dict[str, object]

_COLUMNS = {"given_name": "given-name", "surname": "surname", "birth_date": "date"}


def composite(
    bits: int, t: int = 0, *, name: str = "composite", steps: Sequence[Step] = ()
) -> LinkageSchema:
    """Bigrams of both names and positional digits of the date in 1024 bits; diffused, or by `steps`."""
    hardening = [{"name": "diffusion", "t": t}] if t else list(steps)
    return parse(_head(name, "record", "keyed-random") | {
        "fields": _fields(bits), **({"hardening": hardening} if hardening else {}),
    })  # fmt: skip


def salted_by_year(bits: int) -> LinkageSchema:
    """The same filter under a key of each year of birth: a salt of few values."""
    year = {"column": "birth_date", "kind": "date", "as": "year"}
    return parse(_head("salted-by-year", "salted", "record-keyed") | {
        "blocks": [{"name": "person", "fields": _fields(bits)}],
        "salted": [{"name": "year", "salt": [year], "blocks": ["person"]}],
    })  # fmt: skip


def _head(name: str, layout: str, family: str) -> dict[str, object]:
    return {
        "schema": 1,
        "name": name,
        "normalization": "german-1",
        "layout": layout,
        "bits": 1024,
        "hash": {"family": family},
    }


def _fields(bits: int) -> list[dict[str, object]]:
    bigrams: dict[str, object] = {"type": "ngrams", "q": 2}
    digits: dict[str, object] = {"type": "ngrams", "q": 1, "positional": True}
    return [
        {
            "name": column,
            "kind": kind,
            "tokens": digits if kind == "date" else bigrams,
            "bits_per_token": bits,
        }
        for column, kind in _COLUMNS.items()
    ]
