"""Document: a study as JSON, complete enough to be judged again and drawn without the program."""

from __future__ import annotations

import json
from collections.abc import Mapping

from linkage.attack import policy
from linkage.attack.frequency import Deterministic
from linkage.attack.gates import Equalities, Gate
from linkage.attack.intervals import Share
from linkage.attack.leakage import FORMULA, Leakage
from linkage.attack.spectrum import ABOVE_NOISE, Spectrum
from linkage.attack.study import Study
from linkage.attack.trial import Trial

VERSION = 1


def document(study: Study) -> dict[str, object]:
    """The study as JSON: verdict, gates, and every measurement with its interval."""
    return {
        "attack": VERSION,
        "schema": study.schema.name,
        "schema_fingerprint": study.schema.fingerprint,
        "layout": str(study.schema.layout),
        "bits": sum(study.schema.filters.values()),
        "n": study.n,
        "measured_on": "encodings" if study.real else "twin",
        "policy": policy.document(study.policy),
        "passed": study.passed,
        "protected": study.protected,
        "gates": [_gate(gate) for gate in study.gates],
        "false_comfort": study.comforts,
        "rank": _rank(study.rank),
        "leakage": _leakage(study.leakage),
        "attacks": [_trial(trial) for trial in study.trials],
        "equality": [_equality(found) for found in study.equality],
        "equal": _equal(study.equalities),
        "salts": {name: _trial(found) for name, found in study.salts.items()},
        "seconds": round(study.seconds, 1),
    }


def as_json(study: Study) -> str:
    """`document` as indented JSON."""
    return json.dumps(document(study), indent=2) + "\n"


def _gate(gate: Gate) -> dict[str, str]:
    return {
        "name": gate.name,
        "verdict": str(gate.verdict),
        "measured": gate.measured,
        "limit": gate.limit,
    }


def _rank(found: Spectrum) -> dict[str, object]:
    return {
        "records": found.records,
        "rank": found.rank,
        "noise": round(found.noise, 6),
        "edge": round(ABOVE_NOISE * found.noise, 6),
        "variances": [round(float(value), 6) for value in found.variances],
    }


def _leakage(found: Leakage) -> dict[str, object]:
    return {
        "formula": FORMULA,
        "n": found.n,
        "index": found.index,
        "bits_per_field_fixed": found.uniform,
        "views": [
            {"name": view.name, "fill": round(view.fill, 6), "t": view.t} for view in found.views
        ],
    }


def _trial(trial: Trial) -> dict[str, object]:
    shares = {
        name: getattr(trial, name).document() for name in ("recall", "known", "own", "surest")
    }
    return {
        "n": trial.n,
        "overlap": trial.overlap,
        "seed": trial.seed,
        "rank": trial.rank,
        "known_pairs": trial.known_pairs,
        **shares,
    }


def _equality(found: Deterministic) -> dict[str, object]:
    return {
        "n": found.n,
        "overlap": found.overlap,
        "seed": found.seed,
        "by_rank": _shares(found.by_rank),
        "by_alignment": _shares(found.by_alignment),
        "refined": found.refined.document(),
        "known": found.known.document(),
        "unique": found.unique.document(),
        "largest_component": found.component,
    }


def _equal(found: Equalities) -> dict[str, object]:
    return {
        "n": found.n,
        "shared": _shares(found.shared),
        "largest": found.largest,
        "unique": found.unique.document(),
    }


def _shares(shares: Mapping[str, Share]) -> dict[str, object]:
    return {name: share.document() for name, share in shares.items()}
