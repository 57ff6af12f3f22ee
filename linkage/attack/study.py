"""Study: all gates for one schema at one stated size, and the verdict; whatever is missing fails it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from linkage.attack import gates
from linkage.attack.columns import filled
from linkage.attack.comfort import comforts
from linkage.attack.counterparts import counted_once
from linkage.attack.equality import Seen
from linkage.attack.frequency import Deterministic, attack_equality
from linkage.attack.gates import Equalities, Gate, Verdict
from linkage.attack.leakage import Leakage, leakage
from linkage.attack.policy import Policy
from linkage.attack.salts import attack_salts
from linkage.attack.spectrum import BLOCK, Spectrum, blocks_of, spectrum_of
from linkage.attack.trial import STEPS, Trial, attack, memory
from linkage.attack.twin import encoded, make_twin
from linkage.encode import EncodingSet, Words
from linkage.schema import LinkageSchema

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Study:
    """Everything measured about one schema for ``n`` records; ``real``: on encodings, not a twin.

    ``salts``: attacks on the largest group of records under one salt, by view.
    """

    schema: LinkageSchema
    n: int
    policy: Policy
    real: bool
    rank: Spectrum
    leakage: Leakage
    trials: tuple[Trial, ...]
    equality: tuple[Deterministic, ...]
    equalities: Equalities
    salts: Mapping[str, Trial]
    gates: tuple[Gate, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every gate passed."""
        return all(gate.verdict is Verdict.PASSED for gate in self.gates)

    @property
    def comforts(self) -> list[str]:
        """What gives false comfort in the schema, a line each."""
        return comforts(self.schema, self.leakage, self.equalities.largest)

    @property
    def protected(self) -> bool:
        """Whether these parameters may be called protected for ``n`` records."""
        return self.passed and self.policy.certifies


def needed(schema: LinkageSchema, policy: Policy) -> int:
    """Bytes of memory the attacks of a policy take at most."""
    return memory(policy.attack_n, sum(schema.filters.values()))


def examine(
    schema: LinkageSchema,
    n: int,
    policy: Policy,
    *,
    encodings: Sequence[EncodingSet] = (),
    attacks: bool = True,
    seed: int = 1,
    progress: Progress | None = None,
) -> Study:
    """Attack a schema, and the encodings where there are some, and judge by the policy.

    The rank is audited on the encodings of all sources together, for whoever links them holds them
    together, and a patient of several counts once; without encodings on a twin of ``n`` records.
    Without ``attacks`` only what takes seconds is measured, which passes nobody. Deterministic by ``seed``.

    Raises:
        EncodingMismatch: encodings of different schemas or secrets.
        AttackTooSmall, NoTwin: the schema cannot be attacked like this.
    """
    started = time.monotonic()
    for other in encodings[1:]:
        encodings[0].require_comparable(other)
    n = max(n, sum(map(len, encodings)))
    overlaps = policy.overlaps if attacks else ()
    jobs = [(part, seed + turn) for turn in range(policy.seeds) for part in overlaps]
    tick = _ticking(progress, STEPS * len(jobs) + 2 + len(overlaps))
    index = leakage(schema, n, seed=seed)
    tick()
    sources = counted_once(encodings) if encodings else _made(schema, n, seed)
    rank, equal = _audited(sources, seed=seed)
    tick()
    size = policy.attack_n
    equality = tuple(
        _ticked(
            tick, attack_equality(schema, size, part, seed=seed, known_pairs=policy.known_pairs)
        )
        for part in overlaps
    )
    trials = tuple(
        attack(schema, size, part, seed=each, known_pairs=policy.known_pairs, tick=tick)
        for part, each in jobs
    )
    salts = attack_salts(schema, n, policy, largest=equal.largest, seed=seed) if attacks else {}
    judged = (
        gates.rank_gate(rank, policy, n=n, bits=sum(schema.filters.values())),
        gates.leakage_gate(index, policy),
        gates.attack_gate(trials, policy),
        gates.equality_gate(equality, equal, policy, n=n, salts=salts),
    )
    if progress:
        progress(1, 1)
    seconds = time.monotonic() - started
    return Study(
        schema, n, policy, bool(encodings), rank, index,
        trials, equality, equal, salts, judged, seconds,
    )  # fmt: skip


def _audited(sources: Iterable[EncodingSet], *, seed: int) -> tuple[Spectrum, Equalities]:
    """What all sources together show without an attack, in one reading of them."""
    seen = Seen()
    rank = spectrum_of(_watched(sources, seen), seed=seed)
    return rank, gates.equalities(seen)


def _watched(sources: Iterable[EncodingSet], seen: Seen) -> Iterator[Words]:
    """The bits of the sources in blocks, while ``seen`` takes note of what is equal."""
    for source in sources:
        seen.add(source)
        yield from blocks_of(filled(source))


def _made(schema: LinkageSchema, n: int, seed: int) -> Iterator[EncodingSet]:
    """Encodings of made-up persons in blocks, all under one key."""
    left = n
    for number in count():
        size = min(left, BLOCK)
        if size <= 0:
            return
        twin = make_twin(schema, size, 0.0, seed=seed + 7919 * number)
        yield encoded(twin.target, schema, seed=seed, side="target")
        left -= size


def _ticking(progress: Progress | None, total: int) -> Callable[[], None]:
    steps = iter(range(1, total))

    def tick() -> None:
        if progress:
            progress(next(steps, total - 1), total)

    return tick


def _ticked(tick: Callable[[], None], found: Deterministic) -> Deterministic:
    tick()
    return found
