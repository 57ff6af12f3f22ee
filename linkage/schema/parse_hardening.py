"""Linkage schema, reading of hardening steps: name and parameters, nothing else."""

from linkage.errors import SchemaInvalid
from linkage.schema.hardening import Diffusion, Hardening
from linkage.schema.reader import Reader


def hardening(reader: Reader, key: str = "hardening") -> tuple[Hardening, ...]:
    """The steps of a list, in order; absent is none."""
    return tuple(_hardening(Reader(item, at)) for item, at in reader.items(key, required=False))


def _hardening(reader: Reader) -> Hardening:
    if reader.text("name") != "diffusion":
        raise SchemaInvalid(reader.at("name"), "must be diffusion")
    step = Diffusion(t=reader.number("t", 2, 64))
    reader.done()
    return step
