"""``ttp unseal``: enter one share into the sealed center of this home."""

from __future__ import annotations

import sys

import click

from ttp.cli.home import home_of


@click.command()
@click.pass_context
def unseal(ctx: click.Context) -> None:
    """Enter one share, from a prompt or from standard input, into the center that waits in this home."""
    import httpx

    from ttp.config import UNSEAL_SOCKET
    from ttp.core.errors import TTPError, Unavailable

    path = home_of(ctx) / UNSEAL_SOCKET
    if not path.exists():
        raise Unavailable(
            "No sealed center waits in this home: 'ttp serve' has not begun, or it is open."
        )
    share = asked_for_share("Share")
    transport = httpx.HTTPTransport(uds=str(path))
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        try:
            answer = client.post(
                "/unseal", data={"share": share}, headers={"Accept": "application/json"}
            )
        except httpx.TransportError:
            raise Unavailable("The sealed center does not answer.") from None
    told = answer.json()
    if answer.status_code != 200:
        raise TTPError(told["detail"])
    what = f"{told['missing']} missing" if told["missing"] else "the center is unsealed"
    click.echo(f"The share of {told['custodian']} is counted; {what}.")


def asked_for_share(prompt: str) -> str:
    """One share, typed unseen at a terminal, else the next line of standard input.

    Raises:
        click.UsageError: standard input is at its end.
    """
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, err=True))
    line = sys.stdin.readline()
    if not line.strip():
        raise click.UsageError("A share is missing: one stands on each line of standard input.")
    return line
