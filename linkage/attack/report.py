"""Report: a study as one HTML file that opens offline; every drawing repeats a table beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from html import escape
from operator import add

from linkage.attack import chart
from linkage.attack.intervals import Share
from linkage.attack.leakage import FORMULA
from linkage.attack.spectrum import ABOVE_NOISE
from linkage.attack.study import Study
from linkage.attack.trial import Trial

_STYLE = f"""{chart.STYLE}
body{{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:56rem;
margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}
th,td{{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line)}}
svg{{width:100%;height:auto;font-size:12px}}
@media(max-width:36rem){{table{{font-size:.75rem}}th,td{{padding:.2rem}}}}
.passed{{color:var(--good);font-weight:bold}}.failed,.not{{color:var(--bad);font-weight:bold}}
"""


def as_html(study: Study) -> str:
    """The study as a page: verdict, gates, and drawings with their numbers."""
    verdict = "protected" if study.protected else "not shown to be protected"
    body = [
        f"<h1>{escape(study.schema.name)}: {verdict}</h1>",
        (
            f"<p>{study.n:,} records, policy {escape(study.policy.name)}, "
            f"{sum(study.schema.filters.values()):,} bits a record, {study.seconds:,.0f} s.</p>"
        ),
        "<h2>Gates</h2>",
        table(
            ("Gate", "Verdict", "Measured", "Allowed"),
            [(gate.name, str(gate.verdict), gate.measured, gate.limit) for gate in study.gates],
        ),
        *(f"<p><strong>False comfort</strong>, {escape(line)}.</p>" for line in study.comforts),
        "<h2>Attacks on a twin</h2>",
        *_attacks(study),
        "<h2>Components above noise</h2>",
        _scree(study),
        "<h2>What equal encodings tell</h2>",
        *_equality(study),
        "<h2>Leakage index</h2>",
        (
            f"<p><code>{escape(FORMULA)}</code>; the sparsest view decides. The rule comes from eleven "
            "measured cells, it is no proof.</p>"
        ),
        table(
            ("View", "Fill before hardening", "t"),
            [(view.name, f"{view.fill:.3f}", str(view.t)) for view in study.leakage.views],
        ),
        "<h2>What this does not show</h2>",
        (
            "<p>Attackers at work here are linear components with signatures, known pairs, frequencies and "
            "groups. Held means held against these. The persons are made up.</p>"
        ),
    ]
    return page(f"Attack on {study.schema.name}", body)


def page(title: str, body: Iterable[str]) -> str:
    """A whole HTML document without anything from outside."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main>{''.join(body)}</main></html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table; a verdict gets its color and keeps its word."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(text: str) -> str:
    words = {"passed", "failed", "not measured"}
    kind = f' class="{text.split(maxsplit=1)[0]}"' if text in words else ""
    return f"<td{kind}>{escape(text)}</td>"


def _attacks(study: Study) -> Iterable[str]:
    if not study.trials:
        yield "<p>No attack was run.</p>"
        return
    limits = {"recall": study.policy.recall, "known": study.policy.known}
    rows = []
    for overlap in sorted({trial.overlap for trial in study.trials}):
        group = [trial for trial in study.trials if trial.overlap == overlap]
        rows += [(overlap, name, pooled(group, name), limits[name]) for name in limits]
    yield chart.bars(
        "Share of the persons on both sides found again, by overlap",
        [
            chart.Bar(f"{overlap:.0%} {name}", share.value, share.low, share.high, limit)
            for overlap, name, share, limit in rows
            if share.tries
        ],
    )
    yield table(
        ("Overlap", "Attack", "Found", "Persons", "Share", "95 % interval"),
        [
            (f"{overlap:.0%}", name, str(share.right), f"{share.tries:,}", *_numbers(share))
            for overlap, name, share, _ in rows
        ],
    )


def pooled(trials: Sequence[Trial], name: str) -> Share:
    """The shares of several attacks of one kind taken together."""
    return reduce(add, (getattr(trial, name) for trial in trials), Share(0, 0))


def _numbers(share: Share) -> tuple[str, str]:
    if not share.tries:
        return "not measured", "–"
    return f"{share.value:.4f}", f"{share.low:.4f} to {share.high:.4f}"


def _scree(study: Study) -> str:
    found = study.rank
    edge = ABOVE_NOISE * found.noise
    drawn = chart.scree("Variances of the leading components", found.variances.tolist(), edge)
    return (
        f"{drawn}<p>Rank {found.rank} on {found.records:,} "
        f"{'encodings' if study.real else 'made-up persons'}; edge of noise {edge:.4g}.</p>"
    )


def _equality(study: Study) -> Iterable[str]:
    rows = []
    for found in study.equality:
        named = [
            *((f"{name}: value by frequency", share) for name, share in found.by_rank.items()),
            *((f"{name}: value by alignment", share) for name, share in found.by_alignment.items()),
            ("persons by groups", found.refined),
            ("persons by groups, known pairs", found.known),
        ]
        rows += [(f"{found.overlap:.0%}", name, *_numbers(share)) for name, share in named]
    yield table(("Overlap", "What", "Share", "95 % interval"), rows)
    seen = study.equalities
    shown = [(name, share) for name, share in seen.shared.items() if share.right]
    yield table(
        (f"Of {seen.n:,} records", "Share", "95 % interval"),
        [
            *((f"{name} shared with others", *_numbers(share)) for name, share in shown),
            ("told apart by the graph alone", *_numbers(seen.unique)),
        ],
    )
    if study.salts:
        yield table(
            ("Largest group of a salt", "Persons", "Found", "95 % interval", "With known pairs"),
            [
                (name, f"{found.n:,}", *_numbers(found.recall), _numbers(found.known)[0])
                for name, found in study.salts.items()
            ],
        )
