"""``ttp serve``: run the trust center of a home until it is told to stop."""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import replace

import click

from ttp.cli.home import settings_of


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port, instead of the setting.")
@click.option("--host", help="Address to listen on, instead of the setting.")
@click.pass_context
def serve(ctx: click.Context, *, port: int | None, host: str | None) -> None:
    """Serve web pages, JSON API and FHIR, with the worker beside them."""
    settings = settings_of(ctx)
    settings = replace(
        settings,
        home=settings.home.absolute(),
        port=port or settings.port,
        host=host or settings.host,
    )
    _refuse_taken_port(settings.host, settings.port, "--port")
    if settings.custody_uri.startswith("quorum:"):
        _refuse_taken_port(settings.admin_host, settings.admin_port, "the setting admin_port")
        unseal = f"http://{settings.admin_host}:{settings.admin_port}/unseal"
        click.echo(f"Its custodians open it at {unseal}, or with 'ttp unseal'.", err=True)
    # Web processes and worker read the settings themselves.
    os.environ.update(TTP_PORT=str(settings.port), TTP_HOST=settings.host)
    from ttp import supervisor

    click.echo(
        f"{settings.name} starts on http://{settings.host}:{settings.port} (Ctrl-C ends it)",
        err=True,
    )
    supervisor.serve(settings)


def _refuse_taken_port(host: str, port: int, choice: str) -> None:
    """Refuse a port that another program has, before keys are opened."""
    with contextlib.closing(socket.socket(_family(host))) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.UsageError(
                f"Port {port} of {host} cannot be used ({error.strerror});"
                f" choose another with {choice}."
            ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
