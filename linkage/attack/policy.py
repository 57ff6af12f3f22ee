"""Policy: what an attack must show before parameters are called protected; what is not shown fails."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from pathlib import Path
from typing import Final

from linkage.attack.errors import PolicyInvalid


@dataclass(frozen=True, slots=True)
class Policy:
    """Sizes of the attacks and the most they may achieve.

    ``attack_n`` persons a side at each of ``overlaps`` with ``known_pairs`` known, for ``seeds``
    twins; ``rank`` components, ``index`` of leakage, ``recall`` without and ``known`` with known
    pairs, ``precision`` of the guesses the attacker is surest of, ``values`` decoded behind
    anything deterministic. ``certifies``: passing it is called protected.
    """

    name: str
    attack_n: int = 10_000
    overlaps: tuple[float, ...] = (0.05, 0.2, 1.0)
    known_pairs: int = 50
    seeds: int = 1
    rank: int = 3
    index: float = 0.4
    recall: float = 0.01
    known: float = 0.02
    precision: float = 0.05
    values: float = 0.01
    certifies: bool = True


PROTECTED: Final = Policy("protected")
TRIAL: Final = Policy("trial", attack_n=2000, overlaps=(0.2, 1.0), certifies=False)
SHIPPED: Final = {policy.name: policy for policy in (PROTECTED, TRIAL)}


def load_policy(source: str) -> Policy:
    """A shipped policy (`protected`, `trial`) or one from a JSON file with members of `Policy`.

    A policy of one's own certifies only what is at least as strict as `protected`.

    Raises:
        PolicyInvalid: neither a name nor a file, or a member is unknown or out of range.
    """
    if source in SHIPPED:
        return SHIPPED[source]
    try:
        document = json.loads(Path(source).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyInvalid(f"{source!r} is neither a shipped policy nor a file") from None
    except ValueError:
        raise PolicyInvalid("it is not JSON") from None
    return adjusted(Policy(Path(source).stem), _members(document))


def adjusted(policy: Policy, changes: dict[str, object]) -> Policy:
    """The policy with some members changed; one less strict than `protected` certifies nothing.

    Raises:
        PolicyInvalid: a value is out of range.
    """
    try:
        changed = replace(policy, **changes)  # type: ignore[arg-type]  # checked just below
        changed = replace(changed, overlaps=tuple(float(part) for part in changed.overlaps))
        _check(changed)
    except (TypeError, ValueError, OverflowError):
        raise PolicyInvalid("a member has the wrong type or size") from None
    return replace(changed, certifies=policy.certifies and as_strict(changed))


def as_strict(policy: Policy) -> bool:
    """Whether passing ``policy`` shows at least what passing `protected` shows."""
    sizes = (
        policy.attack_n >= PROTECTED.attack_n
        and policy.known_pairs >= PROTECTED.known_pairs
        and set(policy.overlaps) >= set(PROTECTED.overlaps)
    )
    limits = ("rank", "index", "recall", "known", "precision", "values")
    return sizes and all(getattr(policy, name) <= getattr(PROTECTED, name) for name in limits)


def document(policy: Policy) -> dict[str, object]:
    """The policy as JSON."""
    return asdict(policy) | {"overlaps": list(policy.overlaps)}


def told(policy: Policy) -> str:
    """The policy's name and every member in which it differs from `protected`; its size apart."""
    mine, usual = document(policy), document(PROTECTED)
    changed = [
        f"{name} {value}"
        for name, value in mine.items()
        if value != usual[name] and name not in {"name", "attack_n", "certifies"}
    ]
    return f"{policy.name} ({', '.join(changed)})" if changed else policy.name


def _members(document: object) -> dict[str, object]:
    known = {field.name for field in fields(Policy)} - {"name", "certifies"}
    if not isinstance(document, dict) or not set(document) <= known:
        raise PolicyInvalid(f"it may hold {', '.join(sorted(known))} and nothing else")
    return document


def _check(policy: Policy) -> None:
    counts = (policy.attack_n, policy.known_pairs, policy.seeds, policy.rank)
    if not all(type(count) is int for count in counts):
        raise PolicyInvalid("attack_n, known_pairs, seeds and rank must be whole numbers")
    if not isfinite(policy.index):
        raise PolicyInvalid("index must be a finite number")
    if not 200 <= policy.attack_n <= 100_000 or not 1 <= policy.seeds <= 100:
        raise PolicyInvalid("attack_n must be 200 to 100000, seeds 1 to 100")
    if not policy.overlaps or not all(0 < part <= 1 for part in policy.overlaps):
        raise PolicyInvalid("overlaps must be shares above 0, at most 1")
    shares = (policy.recall, policy.known, policy.precision, policy.values)
    if not all(0 <= share <= 1 for share in shares) or policy.rank < 0 or policy.index < 0:
        raise PolicyInvalid("limits must not be negative, shares at most 1")
    if policy.known_pairs < 0:
        raise PolicyInvalid("known_pairs must not be negative")
