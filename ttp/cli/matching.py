"""``ttp matching``: show, learn, compare and activate versions of the weights that registration matches with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.services.matching.compare_models import Comparison
    from ttp.services.matching.read_models import ModelView


@click.group()
def matching() -> None:
    """Matching models: with what weights registration finds out who somebody is."""


@matching.command()
@click.argument("name", required=False)
@click.pass_context
def show(ctx: click.Context, *, name: str | None) -> None:
    """List the models, or show the weights of the model NAME in bits."""
    from ttp.core.access import OPERATOR
    from ttp.services.matching import read_models

    work = center_of(ctx).work
    if name is not None:
        view = work.run(lambda tx: read_models.show_model(tx, OPERATOR, name=name), write=False)
        _print_weights(view)
        return
    views = work.run(lambda tx: read_models.list_models(tx, OPERATOR), write=False)
    titles = ("name", "state", "records", "pairs", "made by", "made at", "activated at")
    print_columns(titles, [_row(one) for one in views])


@matching.command()
@click.option("--later", is_flag=True, help="Let the worker do it.")
@as_person
@click.pass_context
def learn(ctx: click.Context, *, later: bool, account: str | None) -> None:
    """Learn a version from the center's own stock; it is a draft until activated."""
    from ttp.cli.stages import stages
    from ttp.services.matching.learn_model import learn_model, request_learning

    center = center_of(ctx)
    actor = acting(center, account)
    if later:
        task = center.work.run(lambda tx: request_learning(center, tx, actor))
        click.echo(f"A worker will learn it: task {task.id}.")
        return
    with stages() as progress:
        version = learn_model(center, actor, progress=progress)
    click.echo(f"Version '{version.name}' learned from {version.records:,} records; it is a draft.")


@matching.command()
@click.argument("name")
@as_person
@click.pass_context
def compare(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Tell on a sample what the model NAME would change; nothing is linked."""
    from ttp.services.matching.compare_models import compare_models
    from ttp.services.persons.load_index import load_index

    center = center_of(ctx)
    actor = acting(center, account)
    load_index(center)
    found = center.work.run(lambda tx: compare_models(center, tx, actor, name=name))
    for line in _told(found):
        click.echo(line)


@matching.command()
@click.argument("name")
@as_person
@click.pass_context
def activate(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Ask for the model NAME to be used; a second person approves it with 'ttp approval approve'."""
    from ttp.services.approvals.settle_approval import at_once_if_alone
    from ttp.services.matching.activate_model import activate_model, request_activation

    center = center_of(ctx)
    actor = acting(center, account)
    asked = center.work.run(lambda tx: request_activation(center, tx, actor, name=name))
    if at_once_if_alone(center, actor):
        center.work.run(lambda tx: activate_model(center, tx, actor, asked))
        click.echo(f"Model '{name}' is in use.")
    else:
        click.echo(f"Asked for as {asked.id}. A second person has to approve it.")


def _row(view: ModelView) -> tuple[str, ...]:
    version = view.version
    if version is None:
        return (view.name, view.state, "-", "-", "-", "-", "-")
    activated = f"{version.activated_at:%Y-%m-%d %H:%M}" if version.activated_at else "-"
    made = f"{version.made_at:%Y-%m-%d %H:%M}"
    counts = f"{version.records:,}", f"{version.pairs:,}"
    return (view.name, view.state, *counts, version.made_by, made, activated)


def _print_weights(view: ModelView) -> None:
    model = view.parameters
    click.echo(
        f"{view.name}: match from {model.match_at:g}, possible from {model.possible_at:g} bits"
    )
    rows = [
        (field, level, f"{bits:+.2f}" + (" + bits of the value" if by_value else ""))
        for field, level, bits, by_value in view.weights()
    ]
    rows += [(of, "per record", f"{many:g}") for of, many in model.kin.items()]
    print_columns(("field", "agreement", "bits"), rows)


def _told(found: Comparison) -> list[str]:
    from linkage.classify import Outcome

    linked, asked, neither = Outcome.MATCH, Outcome.POSSIBLE, Outcome.NON_MATCH
    lines = [
        f"{found.records:,} records drawn; '{found.present}' is in use, '{found.other}' is not."
    ]
    for outcome, word in ((linked, "links"), (asked, "possible matches")):
        now, then = found.total(outcome, after=False), found.total(outcome, after=True)
        lines.append(f"{word}: {now:,} now, {then:,} then")
    for before, after in ((asked, linked), (neither, linked), (linked, asked), (linked, neither)):
        many = found.changed(before, after)
        lines.append(f"{many:,} pairs from {before.value} to {after.value}")
    return lines
