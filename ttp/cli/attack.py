"""``ttp attack``: attack a linkage schema, or encodings, before anybody else does; 0 means every gate passed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from linkage import schema
from linkage.attack import document, report
from linkage.attack.policy import adjusted, load_policy
from linkage.attack.study import Study, examine, needed
from linkage.encode import EncodingSet
from linkage.encode.container import MAGIC, MAGIC_2
from linkage.schema import LinkageSchema
from ttp.cli import output
from ttp.cli.columns import print_columns
from ttp.cli.progress import bar


@click.command()
@click.argument("inputs", metavar="SCHEMA|ENCODINGS…", nargs=-1, required=True)
@click.option(
    "--n",
    type=click.IntRange(200, 1_000_000),
    default=10_000,
    show_default=True,
    help="Records to be linked; with encodings at least as many as they hold.",
)
@click.option(
    "--policy",
    "policy_name",
    default="protected",
    show_default=True,
    metavar="NAME|FILE",
    help="What must hold: protected, trial, or a JSON file.",
)
@click.option(
    "--attack-n",
    type=click.IntRange(200, 100_000),
    help="Persons a side of the attacks; fewer than the policy's certify nothing.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Gets attack.json and attack.html.",
)
@click.pass_context
def command(
    ctx: click.Context,
    inputs: Sequence[str],
    n: int,
    policy_name: str,
    attack_n: int | None,
    seed: int,
    folder: Path | None,
) -> None:
    """Attack a linkage schema, or files of encodings, and judge by a policy.

    Exit code 0: every gate passed; 1: one failed or was not measured; 2: refused.
    """
    if folder is not None:
        targets = folder / "attack.json", folder / "attack.html"
        output.require_targets(targets, read=[*map(Path, inputs), Path(policy_name)], made=folder)
    chosen, encodings = _inputs(inputs)
    policy = load_policy(policy_name)
    if attack_n is not None:
        policy = adjusted(policy, {"attack_n": attack_n})
    memory = needed(chosen, policy) / 2**30
    click.echo(f"Attacks of {policy.attack_n:,} persons take up to {memory:.1f} GiB.", err=True)
    with bar(f"Attacking {chosen.name}") as progress:
        study = examine(chosen, n, policy, encodings=encodings, seed=seed, progress=progress)
    _tell(study)
    if folder is not None:
        written = {"attack.json": document.as_json(study), "attack.html": report.as_html(study)}
        output.write_all(folder, written)
    if not study.passed:
        ctx.exit(1)


def _inputs(inputs: Sequence[str]) -> tuple[LinkageSchema, list[EncodingSet]]:
    """A schema alone, or encodings with the schema they were made with."""
    if len(inputs) == 1 and not _holds_encodings(Path(inputs[0])):
        return schema.load(inputs[0]), []
    sets = [EncodingSet.load(Path(name)).renamed(Path(name).stem) for name in inputs]
    return sets[0].schema, sets


def _holds_encodings(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) in {MAGIC, MAGIC_2}


def _tell(study: Study) -> None:
    print_columns(
        ("gate", "verdict", "measured", "allowed"),
        [(gate.name, gate.verdict.value, gate.measured, gate.limit) for gate in study.gates],
    )
    for line in study.comforts:
        click.echo(f"false comfort, {line}", err=True)
    if study.protected:
        click.echo(f"{study.schema.name} is protected for {study.n:,} records.")
    elif study.passed:
        click.echo(
            f"{study.schema.name} passed; policy {study.policy.name} certifies nothing, being less strict."
        )
    else:
        click.echo(f"{study.schema.name} is not shown to be protected for {study.n:,} records.")
