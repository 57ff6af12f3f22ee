"""``ttp person``: look up, rest, prefer and delete identities, match the stock again, answer a data subject."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person
from ttp.cli.subject_access import access, ask_access

if TYPE_CHECKING:
    from ttp.core.access import Actor
    from ttp.core.center import Center
    from ttp.core.names import IdentityId
    from ttp.core.ports import Transaction

REASONS = (
    "duplicate",
    "test-record",
    "wrong-patient",
    "source-ended",
    "wish",
    "retention",
    "mistake",
    "other",
)
_SOURCE = click.argument("source")
_RECORDS = click.argument("records", metavar="RECORD_ID...", nargs=-1, required=True)
_REASON = click.option("--reason", type=click.Choice(REASONS), required=True, help="Why.")
_NOTE = click.option("--note", required=True, help="For the person who decides; kept sealed.")


@click.group()
def person() -> None:
    """Persons and their identities; a record is named by its source and what that calls it."""


person.add_command(ask_access)
person.add_command(access)


@person.command()
@_SOURCE
@_RECORDS
@click.pass_context
def lookup(ctx: click.Context, *, source: str, records: tuple[str, ...]) -> None:
    """List the identities of the persons behind records, without values."""
    from ttp.core.access import OPERATOR
    from ttp.services.persons.look_up_persons import look_up_persons

    center = center_of(ctx)
    asked = [(source, one) for one in records]
    found = center.work.run(lambda tx: look_up_persons(center, tx, OPERATOR, asked=asked))
    rows = [
        (record, one.person, each.id, each.source, each.state.value, each.version)
        for record, persons in zip(records, found, strict=True)
        for one in persons
        for each in one.identities
    ]
    print_columns(("record", "person", "identity", "source", "state", "version"), rows)


@person.command()
@_SOURCE
@_RECORDS
@_REASON
@click.option("--end-links", is_flag=True, help="Let their automatic links end, too.")
@as_person
@click.pass_context
def deactivate(
    ctx: click.Context,
    *,
    source: str,
    records: tuple[str, ...],
    reason: str,
    end_links: bool,
    account: str | None,
) -> None:
    """Match records no more; they are found and shown as before."""
    from ttp.core.identity_life import ChangeReason
    from ttp.services.persons.change_identities import deactivate_identities

    center = center_of(ctx)
    actor = acting(center, account)
    count = center.work.run(
        lambda tx: deactivate_identities(
            center,
            tx,
            actor,
            identities=_named(center, tx, actor, source, records),
            reason=ChangeReason(reason),
            end_links=end_links,
        )
    )
    click.echo(f"{count} deactivated")


@person.command()
@_SOURCE
@_RECORDS
@_REASON
@as_person
@click.pass_context
def reactivate(
    ctx: click.Context, *, source: str, records: tuple[str, ...], reason: str, account: str | None
) -> None:
    """Match records again, as if they had just come."""
    from ttp.core.identity_life import ChangeReason
    from ttp.services.persons.change_identities import reactivate_identities
    from ttp.services.persons.load_index import load_index

    center = center_of(ctx)
    actor = acting(center, account)
    load_index(center)
    count = center.work.run(
        lambda tx: reactivate_identities(
            center,
            tx,
            actor,
            identities=_named(center, tx, actor, source, records),
            reason=ChangeReason(reason),
        )
    )
    click.echo(f"{count} reactivated")


@person.command()
@_SOURCE
@click.argument("record_id")
@click.option("--no-longer", is_flag=True, help="Let the order of sources decide again.")
@as_person
@click.pass_context
def prefer(
    ctx: click.Context, *, source: str, record_id: str, no_longer: bool, account: str | None
) -> None:
    """Let a record speak for its person, whatever the order of sources says."""
    from ttp.services.persons.change_identities import prefer_identity

    center = center_of(ctx)
    actor = acting(center, account)

    def step(tx: Transaction) -> int:
        (one,) = _named(center, tx, actor, source, (record_id,))
        return prefer_identity(center, tx, actor, identity=one, pinned=not no_longer)

    click.echo(f"{center.work.run(step)} changed")


@person.command()
@click.argument("order", metavar="[SOURCE...]", nargs=-1)
@as_person
@click.pass_context
def sources(ctx: click.Context, *, order: tuple[str, ...], account: str | None) -> None:
    """List sources in the order in which they speak for a person, or set that order."""
    from ttp.services.persons.change_identities import order_sources
    from ttp.services.persons.read_sources import read_sources

    center = center_of(ctx)
    actor = acting(center, account)
    if order:
        center.work.run(lambda tx: order_sources(center, tx, actor, sources=order))
    ranked, known = center.work.run(lambda tx: read_sources(center, tx, actor), write=False)
    names = [*ranked, *(name for name in known if name not in ranked)]
    rows = [
        (ranked.index(name) + 1 if name in ranked else "-", name, known.get(name, 0))
        for name in names
    ]
    print_columns(("rank", "source", "identities"), rows)


@person.command()
@_SOURCE
@_RECORDS
@_REASON
@_NOTE
@click.option(
    "--with",
    "named",
    type=click.Choice(("decisions", "consents")),
    multiple=True,
    help="What may hang on them and goes with them.",
)
@as_person
@click.pass_context
def delete(
    ctx: click.Context,
    *,
    source: str,
    records: tuple[str, ...],
    reason: str,
    note: str,
    named: tuple[str, ...],
    account: str | None,
) -> None:
    """Ask that records are deleted for good; another person agrees."""
    from ttp.core.identity_life import ChangeReason
    from ttp.services.persons.delete_identities import Hanging, request_deletion

    center = center_of(ctx)
    actor = acting(center, account)
    asked = center.work.run(
        lambda tx: request_deletion(
            center,
            tx,
            actor,
            identities=_named(center, tx, actor, source, records),
            reason=ChangeReason(reason),
            note=note,
            named=[Hanging(one) for one in named],
        )
    )
    click.echo(f"{asked.state.value}; receipt: ttp person receipt {asked.id}", err=True)
    click.echo(asked.id)


@person.command()
@click.argument("approval_id", metavar="ID", type=click.UUID)
@as_person
@click.pass_context
def receipt(ctx: click.Context, *, approval_id: UUID, account: str | None) -> None:
    """Print the signed receipt of the deletion that the request ID asked for."""
    import json

    from ttp.services.persons.delete_identities import deletion_receipt

    center = center_of(ctx)
    found = deletion_receipt(center, acting(center, account), approval_id=approval_id)
    click.echo(json.dumps(found, indent=2))


@person.command()
@click.option("--after", type=click.IntRange(0), default=0, help="Go on behind this place.")
@click.option("--later", is_flag=True, help="Let the worker do it.")
@as_person
@click.pass_context
def dedupe(ctx: click.Context, *, after: int, later: bool, account: str | None) -> None:
    """Match the whole stock again: duplicates are linked or become cases."""
    from ttp.cli.progress import bar
    from ttp.services.persons.rematch_stock import rematch_stock, request_rematching

    center = center_of(ctx)
    actor = acting(center, account)
    if later:
        task = center.work.run(lambda tx: request_rematching(center, tx, actor))
        click.echo(f"A worker will do it: task {task.id}.")
        return
    place = after

    with bar("Matching", "records") as progress:

        def told(_stage: str, done: int, total: int) -> None:
            nonlocal place
            place = done
            progress(done, total)

        try:
            counts = rematch_stock(center, actor, after=after, progress=told)
        except KeyboardInterrupt:
            click.echo(f"Go on with --after {place}.", err=True)
            raise
    click.echo(
        f"{counts['records']:,} records: {counts['linked']:,} linked, {counts['asked']:,} questions"
    )


def _named(
    center: Center, tx: Transaction, actor: Actor, source: str, records: tuple[str, ...]
) -> list[IdentityId]:
    from ttp.core.access import Right
    from ttp.services.persons.look_up_persons import named_identities

    asked = [(source, one) for one in records]
    return named_identities(center, tx, actor, Right.MANAGE_PERSON, asked=asked)
