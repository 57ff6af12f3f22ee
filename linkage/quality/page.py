"""Page: the report for people, one HTML file that opens offline and loads nothing.

No script, no address to fetch from; light and dark follow the reader's setting, and every chart is
followed by its numbers.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from linkage.quality import charts

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--rule:#d0d7de;
--for:#1a7f5a;--against:#b3452f;--rival:#8a94a0;--sum:#3b5b92}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--paper:#14181d;
--rule:#3a424b;--for:#4cc38a;--against:#ff8f73;--rival:#76808b;--sum:#86a8e8}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:48rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem}p{color:var(--soft)}
svg{width:100%;height:auto;font-size:12px}svg text{fill:var(--soft)}
.links,.for{fill:var(--for)}.rivals{fill:var(--rival)}.against{fill:var(--against)}.sum{fill:var(--sum)}
.line{fill:none;stroke-width:2}.precision{stroke:var(--for)}.recall{stroke:var(--sum)}
.f1{stroke:var(--against)}.share{stroke:var(--for)}
.axis{stroke:var(--rule)}.mark{stroke:var(--ink);stroke-dasharray:4 3}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--rule)}
td+td{overflow-wrap:anywhere}details{margin:.4rem 0}summary{cursor:pointer;color:var(--soft)}
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(document: Mapping[str, Any]) -> str:
    """The report of `report.describe` as a page."""
    parts = [
        _summary(document),
        _quality(document["quality"]),
        _histogram(document),
        _curve(document),
        _pairs(document["pairs"]),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Linkage report</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>Linkage report</h1>{''.join(parts)}</main></body></html>\n"
    )


def _summary(document: Mapping[str, Any]) -> str:
    figures = document["figures"]
    rows = [(name.replace("_", " "), _plain(value)) for name, value in figures.items()]
    return _table(("figure", "value"), rows)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(inner)}" for name, inner in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def _quality(quality: Mapping[str, Any] | None) -> str:
    if quality is None:
        return (
            "<h2>Quality</h2><p>Not estimated: nobody has looked at a sample of the pairs yet. "
            "Only that, or a known truth, tells precision and recall.</p>"
        )
    rows = [
        (name, f"{of['value']:.4f}", f"{of['low']:.4f} – {of['high']:.4f}")
        for name, of in ((name, quality[name]) for name in ("precision", "recall", "f1"))
    ]
    text = f"<p>Estimated from {quality['labels']} pairs that were looked at.</p>"
    return f"<h2>Quality</h2>{text}{_table(('figure', 'estimate', '95 % interval'), rows)}"


def _histogram(document: Mapping[str, Any]) -> str:
    bars, cut = document["histogram"], document["threshold"]
    text = (
        f"Candidates by score. {sum(bars['links'])} are the best for both records, "
        f"{sum(bars['rivals'])} lost to one of those. The threshold is at {cut:.3g}."
    )
    series = [("links", bars["links"]), ("rivals", bars["rivals"])]
    drawn = charts.histogram(bars["edges"], series, cut, "Scores of candidates", text)
    rows = [
        (f"{low:.3g} to {high:.3g}", str(links), str(rivals))
        for low, high, links, rivals in zip(
            bars["edges"], bars["edges"][1:], bars["links"], bars["rivals"], strict=False
        )
    ]
    numbers = _folded(_table(("score", "best for both", "rivals"), rows))
    return (
        f"<h2>Scores</h2><p>{escape(text)} Heights grow with the square root.</p>{drawn}{numbers}"
    )


def _curve(document: Mapping[str, Any]) -> str:
    points, cut = document["curve"], document["threshold"]
    if len(points) < 2:
        return ""
    names = [name for name in ("precision", "recall", "f1") if name in points[0]]
    if names:
        series = [(name, [point[name] for point in points]) for name in names]
        text = "Green: precision, blue: recall, red: F1, against the known truth."
    else:
        most = max(point["links"] for point in points)
        series = [("share", [point["links"] / most for point in points])]
        text = f"Share of the {most} links that each threshold would keep."
    drawn = charts.lines([p["score"] for p in points], series, cut, "Thresholds", text)
    columns = ["score", "links", *names]
    rows = [[str(point[column]) for column in columns] for point in points]
    return f"<h2>Thresholds</h2><p>{text}</p>{drawn}{_folded(_table(columns, rows))}"


def _pairs(pairs: Sequence[Mapping[str, Any]]) -> str:
    drawn = [_pair(number, pair) for number, pair in enumerate(pairs, start=1)]
    text = "<p>What moved each score, for the pairs nearest to the threshold.</p>"
    return f"<h2>Pairs</h2>{text}{''.join(drawn)}" if drawn else ""


def _pair(number: int, pair: Mapping[str, Any]) -> str:
    said = "linked" if pair["linked"] else "not linked"
    name = " and ".join(map(escape, pair.get("records", pair["sources"])))
    title = f"Pair {number}: score {pair['score']:.2f}, {said}"
    parts = [(part["column"], part["weight"]) for part in pair["contributions"]]
    text = ", ".join(f"{column} {weight:+.2f}" for column, weight in parts)
    drawn = charts.waterfall(pair["base"], parts, title, text)
    return f"<details><summary>{escape(title)} ({name})</summary>{drawn}</details>"


def _folded(table: str) -> str:
    return f"<details><summary>Numbers</summary>{table}</details>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
