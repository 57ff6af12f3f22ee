"""``ttp domain``: make and list domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ttp.cli.columns import print_columns
from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.core.domains import Domain

NAMED = ("digits", "hex", "base32")


@click.group()
def domain() -> None:
    """Domains: named spaces in which an original has its pseudonyms."""


@domain.command()
@click.argument("name")
@click.option("--multi", is_flag=True, help="Several pseudonyms per original.")
@click.option(
    "--alphabet",
    default="base32",
    show_default=True,
    help=f"One of {', '.join(NAMED)}, or the characters themselves (2 to 64).",
)
@click.option("--length", type=int, default=16, show_default=True, help="Random characters.")
@click.option("--prefix", default="", help="Text before every pseudonym.")
@click.option("--check-character", is_flag=True, help="End with a check character (ISO 7064).")
@click.option("--deletable", is_flag=True, help="Originals may be deleted.")
@click.option("--person", is_flag=True, help="Originals are persons of this center.")
@click.option("--alias", multiple=True, help="Other name or URI of the domain; repeatable.")
@click.pass_context
def create(
    ctx: click.Context,
    *,
    name: str,
    multi: bool,
    alphabet: str,
    length: int,
    prefix: str,
    check_character: bool,
    deletable: bool,
    person: bool,
    alias: tuple[str, ...],
) -> None:
    """Make the domain NAME. What its pseudonyms look like is fixed for good."""
    from ttp.core.access import OPERATOR
    from ttp.core.domains import DomainKind, NewDomain, PseudonymForm, alphabet_named
    from ttp.core.names import DomainName
    from ttp.services.create_domain import create_domain

    new = NewDomain(
        DomainName(name),
        PseudonymForm(alphabet_named(alphabet), length, prefix, "iso7064" if check_character else "none"),
        kind=DomainKind.PERSON if person else DomainKind.VALUE,
        multi=multi,
        deletable=deletable,
        aliases=alias,
    )
    center = center_of(ctx)
    made = center.work.run(lambda tx: create_domain(center, tx, OPERATOR, new))
    click.echo(f"Domain '{made.name}' made: {made.form.capacity:,} possible pseudonyms.")


@domain.command("list")
@click.pass_context
def list_domains(ctx: click.Context) -> None:
    """List all domains with what they have issued."""
    center = center_of(ctx)
    with center.work.begin(write=False) as tx:
        rows = [_row(each, tx.pseudonyms.count(each)) for each in tx.domains.all()]
    print_columns(("name", "kind", "pseudonyms", "form", "issued", "capacity", "deletable"), rows)


def _row(each: Domain, issued: int) -> tuple[object, ...]:
    form = each.form
    return (
        each.name,
        each.kind.value,
        "several" if each.multi else "one",
        f"{form.prefix}{'x' * form.length}{'c' * form.check_length}",
        issued,
        form.capacity,
        "yes" if each.deletable else "no",
    )
