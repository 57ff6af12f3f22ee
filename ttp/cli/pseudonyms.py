"""``ttp pseudonyms``: validate, translate, trace and erase."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person
from ttp.cli.pseudonym_desks import at_a_desk, desk_of

if TYPE_CHECKING:
    from ttp.client.answers import Tree as ClientTree
    from ttp.core.pseudonym_tree import Tree

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.group()
def pseudonyms() -> None:
    """Pseudonyms: validate, translate, trace and erase them."""


@pseudonyms.command()
@click.argument("domain")
@click.argument("file", type=_FILE)
@click.option("--exists", is_flag=True, help="Also tell which exist and what became of them.")
@at_a_desk
@click.pass_context
def validate(
    ctx: click.Context,
    *,
    domain: str,
    file: Path,
    exists: bool,
    url: str | None,
    key_file: Path | None,
) -> None:
    """Say of each line of FILE whether it has the form of DOMAIN; one word a line. Ends with 1 if one has not."""
    judged = desk_of(ctx, url, key_file).validate(domain, _lines(file), exists=exists)
    for _, word in judged:
        click.echo(word)
    ctx.exit(0 if all(fits for fits, _ in judged) else 1)


@pseudonyms.command()
@click.argument("domain")
@click.argument("into")
@click.argument("file", type=_FILE)
@click.option("--reason", required=True, help="Stands in the audit log; name no person in it.")
@click.option("--no-create", is_flag=True, help="Only look up in the other domain.")
@at_a_desk
@as_person
@click.pass_context
def translate(
    ctx: click.Context,
    *,
    domain: str,
    into: str,
    file: Path,
    reason: str,
    no_create: bool,
    url: str | None,
    key_file: Path | None,
    account: str | None,
) -> None:
    """Exchange the pseudonyms of DOMAIN in FILE, one a line, for those of the domain INTO; originals stay hidden.

    An empty line stands where there is no answer; its number and code go to standard error; exit code 1.
    """
    desk = desk_of(ctx, url, key_file, account)
    told = desk.translate(domain, into, _lines(file), reason=reason, create=not no_create)
    for number, (answered, word) in enumerate(told, 1):
        if not answered:
            click.echo(f"line {number}: {word}", err=True)
        click.echo(word if answered else "")
    ctx.exit(0 if all(answered for answered, _ in told) else 1)


@pseudonyms.command()
@click.argument("domain")
@click.option("--original", is_flag=True, help="The value is an original, not a pseudonym.")
@click.option("--reason", help="Stands in the audit log; without it nothing above is resolved.")
@at_a_desk
@as_person
@click.pass_context
def tree(
    ctx: click.Context,
    *,
    domain: str,
    original: bool,
    reason: str | None,
    url: str | None,
    key_file: Path | None,
    account: str | None,
) -> None:
    """Show everything above and below a pseudonym of DOMAIN, which is read from standard input."""
    desk = desk_of(ctx, url, key_file, account)
    value = sys.stdin.readline().rstrip("\r\n")
    _print_tree(desk.tree(domain, value, original=original, reason=reason))


@pseudonyms.command()
@click.argument("file", type=_FILE, required=False)
@click.option(
    "--everywhere", is_flag=True, help="One original, from standard input, in all domains."
)
@click.option("--person", is_flag=True, help="With --everywhere: it is the ID of a person.")
@click.option("--below", is_flag=True, help="Also what hangs below, in child domains.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the receipt here.")
@at_a_desk
@as_person
@click.pass_context
def erase(
    ctx: click.Context,
    *,
    file: Path | None,
    everywhere: bool,
    person: bool,
    below: bool,
    output: Path | None,
    url: str | None,
    key_file: Path | None,
    account: str | None,
) -> None:
    """End the links of the originals in FILE, lines of JSON [domain, original], in one transaction; give a receipt."""
    if everywhere == (file is not None) or (person and not everywhere):
        raise click.UsageError("Give a FILE, or --everywhere, with --person if it is one.")
    if file is not None:
        desk = desk_of(ctx, url, key_file, account)
        receipt, bad = desk.erase(_pairs(file), below=below)
    else:
        receipt, bad = _erased_everywhere(ctx, account, person=person)
    _give(receipt, output)
    click.echo(f"{len(receipt['ended']):,} links ended, {bad:,} originals unknown.", err=True)
    ctx.exit(1 if bad else 0)


def _erased_everywhere(
    ctx: click.Context, account: str | None, *, person: bool
) -> tuple[dict[str, Any], int]:
    """The receipt for one original, read from standard input, in all domains of the home's center."""
    from ttp.services.pseudonyms.erase_originals import complete_receipt, erase_everywhere

    center = center_of(ctx)
    actor = acting(center, account)
    value = sys.stdin.readline().rstrip("\r\n")
    done = center.work.run(
        lambda tx: erase_everywhere(center, tx, actor, original=value, person=person)
    )
    bad = sum(not isinstance(one, tuple) for one in done.answers)
    return complete_receipt(center, done.statement), bad


def _give(receipt: dict[str, Any], output: Path | None) -> None:
    from ttp.cli.output import write

    text = json.dumps(receipt, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        write(output, lambda path: path.write_text(f"{text}\n", "utf-8"))


def _lines(file: Path) -> list[str]:
    try:
        with click.open_file(str(file), encoding="utf-8-sig") as stream:
            return [line.rstrip("\r\n") for line in stream]
    except UnicodeDecodeError:
        raise click.UsageError(f"{file.name} is not text in UTF-8.") from None


def _pairs(file: Path) -> list[tuple[str, str]]:
    pairs = []
    for number, line in enumerate(_lines(file), 1):
        try:
            domain, original = json.loads(line)
        except (ValueError, TypeError):
            raise click.UsageError(f"Line {number} is not [domain, original].") from None
        pairs.append((str(domain), original))
    return pairs


def _print_tree(found: Tree | ClientTree) -> None:
    if found.original is not None:
        click.echo(found.original)
    waiting: list[tuple[int, Any]] = [(1, node) for node in reversed(found.top)]
    while waiting:
        depth, node = waiting.pop()
        mark = "  <-" if node.asked else ""
        click.echo(f"{'  ' * depth}{node.domain}: {node.pseudonym}{mark}")
        waiting += [(depth + 1, one) for one in reversed(node.below)]
    if found.hidden:
        click.echo(f"{found.hidden} more in domains of others.", err=True)
    if found.open_above:
        click.echo("There may be more above; nothing there was resolved.", err=True)
