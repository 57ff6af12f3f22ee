"""``ttp custody``: who holds the root key; shares are typed in, never given as arguments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ttp.cli.home import check_database, settings_of
from ttp.cli.sheets import custodians_of, emptied, quorum_options
from ttp.cli.unseal import asked_for_share

if TYPE_CHECKING:
    from keys.custody.quorum import Collector, Statement
    from ttp.config import Settings
    from ttp.core.center import Center


@click.group()
def custody() -> None:
    """Custody: where the root key lives and who opens it."""


@custody.command()
@click.pass_context
def show(ctx: click.Context) -> None:
    """Show where the root key lives and who opens it; needs no key."""
    from keys.custody.pkcs11 import HSMKey
    from keys.custody.quorum import Statement
    from ttp.services.custody.reshare_custody import pending_statement
    from ttp.unlocking import quorum_file

    settings = settings_of(ctx)
    path = quorum_file(settings)
    if path is not None:
        click.echo(_described(Statement.read(path), "in force"))
        if pending_statement(path).exists():
            click.echo(_described(Statement.read(pending_statement(path)), "not yet confirmed"))
    elif settings.custody_uri.startswith("pkcs11:"):
        place = HSMKey.parse(settings.custody_uri)
        source = place.pin_source or "asked for"
        click.echo(f"HSM: token {place.token}, key {place.object}, module {place.module}")
        click.echo(f"wrapped root: {place.wrapped}\nPIN: {source}")
    else:
        click.echo(f"file: {settings.custody_uri.partition(':')[2]}, opened by a passphrase")


@custody.command()
@click.option("--pending", is_flag=True, help="Of a resharing that is not yet confirmed.")
@click.pass_context
def check(ctx: click.Context, *, pending: bool) -> None:
    """Read one share back from its paper and say whose it is; opens nothing."""
    from keys.custody.quorum import Collector, Statement
    from ttp.services.custody.reshare_custody import pending_statement

    path = _quorum_file(settings_of(ctx))
    statement = Statement.read(pending_statement(path) if pending else path)
    with Collector(statement) as collector:
        name = collector.add(asked_for_share("Share")).custodian
    click.echo(f"This is the share of {name}, epoch {statement.epoch}, and it is true.")


@custody.command()
@quorum_options(required=True)
@click.pass_context
def reshare(
    ctx: click.Context, *, threshold: int, custodian: tuple[str, ...], shares_dir: Path | None
) -> None:
    """Deal the same root to new custodians; the present ones type their shares, in force until 'confirm'."""
    from keys.custody.quorum import Statement
    from ttp.core.access import OPERATOR
    from ttp.making_root import sheets_of
    from ttp.services.custody.reshare_custody import deal_anew

    settings = settings_of(ctx)
    path, given = _quorum_file(settings), custodians_of(threshold, custodian)
    statement = Statement.read(path)
    with emptied(shares_dir) as hand_out:
        present, center = _opened(settings, statement, statement.threshold)
        with center.work.begin() as tx:
            shares, dealt = deal_anew(
                center,
                tx,
                OPERATOR,
                path=path,
                present=present,
                threshold=threshold,
                custodians=given.names if given else (),
            )
        hand_out(sheets_of(shares, dealt, center=settings.name))
    click.echo(
        f"Epoch {dealt.epoch} is dealt. Every new custodian reads back: ttp custody confirm",
        err=True,
    )


@custody.command()
@click.pass_context
def confirm(ctx: click.Context) -> None:
    """Put dealt shares in force: every new custodian types the own share; the old ones are refused from then on."""
    from keys.custody.errors import NoResharing
    from keys.custody.quorum import Statement
    from ttp.core.access import OPERATOR
    from ttp.services.custody.reshare_custody import pending_statement, put_in_force

    settings = settings_of(ctx)
    path = _quorum_file(settings)
    if not pending_statement(path).exists():
        raise NoResharing("no resharing of this quorum is under way")
    statement = Statement.read(pending_statement(path))
    shares, center = _opened(settings, statement, len(statement.custodians))
    with center.work.begin() as tx:
        put_in_force(center, tx, OPERATOR, path=path, shares=shares)
    click.echo(f"Epoch {statement.epoch} is in force. Shred the papers of older epochs together.")


def _quorum_file(settings: Settings) -> Path:
    from ttp.unlocking import quorum_file

    path = quorum_file(settings)
    if path is None:
        raise click.UsageError("The root key of this home is not held by a quorum.")
    return path


def _opened(settings: Settings, statement: Statement, count: int) -> tuple[list[str], Center]:
    """So many shares as typed, each checked at once, and the center they open."""
    from keys.custody.quorum import Collector
    from ttp.opening import open_center

    check_database(settings)
    shares: list[str] = []
    with Collector(statement) as collector:
        while len(shares) < count:
            _add(collector, shares, f"Share ({count - len(shares)} missing)")
        root = collector.root()
        try:
            return shares, open_center(settings, root=root)
        finally:
            root.wipe()


def _add(collector: Collector, shares: list[str], prompt: str) -> None:
    from keys.errors import CannotUnseal

    text = asked_for_share(prompt)
    try:
        click.echo(f"The share of {collector.add(text).custodian} is counted.", err=True)
        shares.append(text)
    except CannotUnseal as error:
        click.echo(f"ttp: {error}", err=True)


def _described(statement: Statement, state: str) -> str:
    names = ", ".join(custodian.name for custodian in statement.custodians)
    return (
        f"quorum {statement.quorum}, epoch {statement.epoch} ({state}):"
        f" any {statement.threshold} of {names}"
    )
