"""``ttp person ask-access`` and ``ttp person access``: a data subject is answered into a file, by two persons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.ports import Transaction


@click.command("ask-access")
@click.argument("source")
@click.argument("record_id")
@click.option("--note", required=True, help="For the person who decides; kept sealed.")
@as_person
@click.pass_context
def ask_access(
    ctx: click.Context, *, source: str, record_id: str, note: str, account: str | None
) -> None:
    """Ask to have everything put together that is held about a person; another person agrees."""
    from ttp.core.access import Right
    from ttp.services.persons.access_subject import request_subject_access
    from ttp.services.persons.look_up_persons import named_person

    center = center_of(ctx)
    actor = acting(center, account)

    def step(tx: Transaction) -> UUID:
        right = Right.MANAGE_PERSON
        found = named_person(center, tx, actor, right, asked=(source, record_id))
        return request_subject_access(center, tx, actor, person=found, note=note).id

    asked = center.work.run(step)
    click.echo("This waits for another person: ttp approval approve ID", err=True)
    click.echo(asked)


@click.command()
@click.option("--approval", type=click.UUID, required=True, help="The approved request.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="FILE"
)
@click.option("--json", "as_data", is_flag=True, help="Write JSON instead of a page.")
@as_person
@click.pass_context
def access(
    ctx: click.Context, *, approval: UUID, output: Path, as_data: bool, account: str | None
) -> None:
    """Write everything held about the person of an approved request to a new file; once."""
    import orjson

    from ttp.services.persons.access_subject import access_subject
    from ttp.wire.subject_access import as_html, as_json

    if output.exists():
        raise click.UsageError(f"{output} exists.")
    center = center_of(ctx)
    report = access_subject(center, acting(center, account), approval_id=approval)
    output.touch(mode=0o600)
    if as_data:
        output.write_bytes(orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2))
    else:
        output.write_text(as_html(report), "utf-8")
