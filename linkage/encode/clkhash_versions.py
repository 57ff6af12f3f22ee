"""clkhash schemas of versions 1 and 2, brought to version 3 the way clkhash itself does it."""

from collections.abc import Mapping

from linkage.errors import SchemaInvalid

_Object = dict[str, object]


def latest(document: Mapping[str, object]) -> Mapping[str, object]:
    """The document as version 3; a version 3 one as it is.

    Raises:
        SchemaInvalid: no version, an unknown one, or parts that are missing.
    """
    version = document.get("version")
    if version not in (1, 2, 3) or isinstance(version, bool):
        raise SchemaInvalid("version", "must be 1, 2 or 3")
    try:
        if version == 1:
            document = _second(document)
        if document["version"] == 2:
            document = _third(document)
    except (KeyError, TypeError, AttributeError):
        raise SchemaInvalid("", f"is no clkhash schema of version {version}") from None
    return document


def _second(document: Mapping[str, object]) -> _Object:
    """Version 1: one k and one hash for all; a feature's weight scales k, weight 0 ignores it."""
    config = _object(document["clkConfig"])
    kept = {key: config[key] for key in ("l", "xor_folds", "xorFolds", "kdf") if key in config}
    k, chosen = config["k"], config["hash"]
    if not isinstance(k, int):
        raise TypeError
    features = [_weighed(_object(feature), k, chosen) for feature in _list(document["features"])]
    return {"version": 2, "clkConfig": kept, "features": features}


def _weighed(feature: _Object, k: int, chosen: object) -> _Object:
    if feature.get("ignored"):
        return feature
    hashing = _object(feature["hashing"])
    weight = hashing.pop("weight", 1.0)
    if not isinstance(weight, int | float):
        raise TypeError
    if weight == 0:
        return {"identifier": feature["identifier"], "ignored": True}
    bits = round(weight * k)
    return feature | {"hashing": hashing | {"strategy": {"k": bits}, "hash": chosen}}


def _third(document: Mapping[str, object]) -> _Object:
    """Version 2: k and numBits renamed; n-grams become a comparison."""
    features = [_compared(_object(feature)) for feature in _list(document["features"])]
    return {"version": 3, "clkConfig": document["clkConfig"], "features": features}


def _compared(feature: _Object) -> _Object:
    if feature.get("ignored"):
        return feature
    hashing = _object(feature["hashing"])
    names = {"k": "bitsPerToken", "numBits": "bitsPerFeature"}
    strategy = {names.get(key, key): bits for key, bits in _object(hashing["strategy"]).items()}
    comparison = {
        "type": "ngram",
        "n": hashing.pop("ngram"),
        "positional": hashing.pop("positional", False),
    }
    return feature | {"hashing": hashing | {"strategy": strategy, "comparison": comparison}}


def _object(value: object) -> _Object:
    if not isinstance(value, Mapping):
        raise TypeError
    return dict(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value
