"""``ttp pseudonyms``: validate, translate, trace and erase."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.core.pseudonym_tree import Tree

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.group()
def pseudonyms() -> None:
    """Pseudonyms: validate, translate, trace and erase them."""


@pseudonyms.command()
@click.argument("domain")
@click.argument("file", type=_FILE)
@click.option("--exists", is_flag=True, help="Also tell which exist and what became of them.")
@click.pass_context
def validate(ctx: click.Context, *, domain: str, file: Path, exists: bool) -> None:
    """Say of each line of FILE whether it has the form of DOMAIN; one word a line. Ends with 1 if one has not."""
    from ttp.core.access import OPERATOR
    from ttp.services.judge_pseudonyms import judge_pseudonyms

    center, texts = center_of(ctx), _lines(file)
    judged = center.work.run(
        lambda tx: judge_pseudonyms(
            center, tx, OPERATOR, domain_name=domain, pseudonyms=texts, exists=exists
        )
    )
    for one in judged:
        state = one.standing.state.name.lower() if one.standing else "unknown"
        click.echo(one.flaw.value if one.flaw else state if exists else "valid")
    ctx.exit(1 if any(one.flaw for one in judged) else 0)


@pseudonyms.command()
@click.argument("domain")
@click.argument("into")
@click.argument("file", type=_FILE)
@click.option("--reason", required=True, help="Stands in the audit log; name no person in it.")
@click.option("--no-create", is_flag=True, help="Only look up in the other domain.")
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
    account: str | None,
) -> None:
    """Exchange the pseudonyms of DOMAIN in FILE, one a line, for those of the domain INTO; originals stay hidden.

    An empty line stands where there is no answer; its number and code go to standard error; exit code 1.
    """
    from ttp.core.errors import TTPError
    from ttp.services.translate_pseudonyms import translate_pseudonyms

    center = center_of(ctx)
    actor, texts = acting(center, account), _lines(file)
    answers = center.work.run(
        lambda tx: translate_pseudonyms(
            center,
            tx,
            actor,
            domain_name=domain,
            into=into,
            pseudonyms=texts,
            reason=reason,
            create=not no_create,
        )
    )
    bad = 0
    for number, one in enumerate(answers, 1):
        if isinstance(one, TTPError):
            bad += 1
            click.echo(f"line {number}: {one.code}", err=True)
        click.echo("" if isinstance(one, TTPError) else one.pseudonym)
    ctx.exit(1 if bad else 0)


@pseudonyms.command()
@click.argument("domain")
@click.option("--original", is_flag=True, help="The value is an original, not a pseudonym.")
@click.option("--reason", help="Stands in the audit log; without it nothing above is resolved.")
@as_person
@click.pass_context
def tree(
    ctx: click.Context, *, domain: str, original: bool, reason: str | None, account: str | None
) -> None:
    """Show everything above and below a pseudonym of DOMAIN, which is read from standard input."""
    from ttp.services.trace_pseudonyms import trace_pseudonyms

    center = center_of(ctx)
    actor = acting(center, account)
    value = sys.stdin.readline().rstrip("\r\n")
    asked = {"original": value} if original else {"pseudonym": value}
    found = center.work.run(
        lambda tx: trace_pseudonyms(center, tx, actor, domain_name=domain, reason=reason, **asked)
    )
    _print_tree(found)


@pseudonyms.command()
@click.argument("file", type=_FILE, required=False)
@click.option(
    "--everywhere", is_flag=True, help="One original, from standard input, in all domains."
)
@click.option("--person", is_flag=True, help="With --everywhere: it is the ID of a person.")
@click.option("--below", is_flag=True, help="Also what hangs below, in child domains.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the receipt here.")
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
    account: str | None,
) -> None:
    """End the links of the originals in FILE, lines of JSON [domain, original], in one transaction; give a receipt."""
    from ttp.services import erase_originals as erasing

    center = center_of(ctx)
    actor = acting(center, account)
    if everywhere == (file is not None) or (person and not everywhere):
        raise click.UsageError("Give a FILE, or --everywhere, with --person if it is one.")
    if everywhere:
        value = sys.stdin.readline().rstrip("\r\n")
        done = center.work.run(
            lambda tx: erasing.erase_everywhere(center, tx, actor, original=value, person=person)
        )
    else:
        pairs = _pairs(file)
        done = center.work.run(
            lambda tx: erasing.erase_originals(center, tx, actor, pairs=pairs, below=below)
        )
    receipt = erasing.complete_receipt(center, done.statement)
    _give(receipt, output)
    bad = sum(not isinstance(one, tuple) for one in done.answers)
    click.echo(f"{len(receipt['ended']):,} links ended, {bad:,} originals unknown.", err=True)
    ctx.exit(1 if bad else 0)


def _give(receipt: dict[str, Any], output: Path | None) -> None:
    from ttp.cli.output import write

    text = json.dumps(receipt, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        write(output, lambda path: path.write_text(f"{text}\n", "utf-8"))


def _lines(file: Path) -> list[str]:
    with click.open_file(str(file), encoding="utf-8") as stream:
        return [line.rstrip("\r\n") for line in stream]


def _pairs(file: Path | None) -> list[tuple[str, object]]:
    pairs = []
    for number, line in enumerate(_lines(file) if file else [], 1):
        try:
            domain, original = json.loads(line)
        except ValueError:
            raise click.UsageError(f"Line {number} is not [domain, original].") from None
        pairs.append((str(domain), original))
    return pairs


def _print_tree(found: Tree) -> None:
    if found.original is not None:
        click.echo(found.original)
    waiting = [(1, node) for node in reversed(found.top)]
    while waiting:
        depth, node = waiting.pop()
        mark = "  <-" if node.asked else ""
        click.echo(f"{'  ' * depth}{node.domain}: {node.pseudonym}{mark}")
        waiting += [(depth + 1, one) for one in reversed(node.below)]
    if found.hidden:
        click.echo(f"{found.hidden} more in domains of others.", err=True)
    if found.open_above:
        click.echo("There may be more above; nothing there was resolved.", err=True)
