"""``ttp advise``: which linkage schema to take for so many records, these columns and such errors."""

from __future__ import annotations

from pathlib import Path

import click

from linkage.attack import advice, advice_report
from linkage.attack.adviser import COLUMNS, ERRORS, advise
from linkage.attack.policy import adjusted, load_policy, told
from ttp.cli import output
from ttp.cli.columns import print_columns


@click.command()
@click.option("--n", type=click.IntRange(200, 1_000_000), default=10_000, show_default=True)
@click.option("--fields", default=",".join(COLUMNS), show_default=True, help="Columns at hand.")
@click.option("--errors", type=click.Choice(list(ERRORS)), default="moderate", show_default=True)
@click.option(
    "--policy", "policy_name", default="protected", show_default=True, metavar="NAME|FILE"
)
@click.option(
    "--attack-n", type=click.IntRange(200, 100_000), help="Persons a side of the attacks."
)
@click.option(
    "--quality-n",
    type=click.IntRange(300, 200_000),
    default=5000,
    show_default=True,
    help="Persons a site on which quality is measured.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--budget",
    type=click.FloatRange(0.01),
    default=30.0,
    show_default=True,
    metavar="MINUTES",
    help="No measurement begins after that.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Gets advice.json and advice.html; what is in advice.json is not measured again.",
)
@click.pass_context
def command(
    ctx: click.Context,
    n: int,
    fields: str,
    errors: str,
    policy_name: str,
    attack_n: int | None,
    quality_n: int,
    seed: int,
    budget: float,
    folder: Path,
) -> None:
    """Measure quality, safety, bits and speed of layouts and say which to take.

    Exit code 0: one passed every gate; 1: none did, or the time was too short; 2: refused.
    """
    targets = folder / "advice.json", folder / "advice.html"
    output.require_targets(targets, read=[Path(policy_name)], made=folder)
    policy = load_policy(policy_name)
    if attack_n is not None:
        policy = adjusted(policy, {"attack_n": attack_n})
    columns = tuple(sorted(part.strip() for part in fields.split(",")))
    asked = advice.Question(n, columns, errors, told(policy), policy.attack_n, quality_n, seed)
    known = advice.reopened(folder / "advice.json", asked)

    def keep(found: advice.Advice) -> None:
        pages = {"advice.json": advice.as_json(found), "advice.html": advice_report.as_html(found)}
        output.write_all(folder, pages)
        click.echo(f"{len(found.findings)} measured", err=True)

    found = advise(asked, policy, budget=60 * budget, known=known, keep=keep)
    print_columns(advice_report.HEAD, advice_report.rows(found))
    click.echo(advice_report.verdict(found))
    if found.choice is None or not policy.certifies:
        ctx.exit(1)
