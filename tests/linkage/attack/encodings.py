"""Schemas to attack: names and date of birth in one filter, with bits per token and diffusion as asked."""

from linkage.schema import LinkageSchema, parse


def composite(bits: int, t: int = 0, *, name: str = "composite") -> LinkageSchema:
    """Bigrams of both names and positional digits of the date in 1024 bits."""
    bigrams = {"type": "ngrams", "q": 2}
    digits = {"type": "ngrams", "q": 1, "positional": True}
    columns = [("given_name", "given-name"), ("surname", "surname"), ("birth_date", "date")]
    document: dict[str, object] = {
        "schema": 1,
        "name": name,
        "normalization": "german-1",
        "layout": "record",
        "bits": 1024,
        "hash": {"family": "keyed-random"},
        "fields": [
            {
                "name": column,
                "kind": kind,
                "tokens": digits if kind == "date" else bigrams,
                "bits_per_token": bits,
            }
            for column, kind in columns
        ],
    }
    if t:
        document["hardening"] = [{"name": "diffusion", "t": t}]
    return parse(document)
