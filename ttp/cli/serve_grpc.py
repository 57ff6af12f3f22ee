"""``ttp serve-grpc``: serve the gRPC interface of Vfps beside a center, until it is told to stop."""

from __future__ import annotations

import signal
import threading

import click

from ttp.cli.home import settings_of


@click.command("serve-grpc")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8081, show_default=True, help="0: a free one."
)
@click.pass_context
def serve_grpc(ctx: click.Context, *, host: str, port: int) -> None:
    """Serve vfps.api.v1 over gRPC, without TLS; a proxy in front of it adds that."""
    settings = settings_of(ctx)
    try:
        from ttp.gateways.vfps.server import start_server
    except ImportError as error:
        raise click.UsageError("Install the extra: pip install 'treuhandstelle[grpc]'.") from error
    from ttp.connecting import connect_providers
    from ttp.core_dumps import hide_memory
    from ttp.opening import open_center

    hide_memory()
    center = open_center(settings)
    server, bound = start_server(
        center,
        connect_providers(center, settings.issuer),
        address=f"{host}:{port}",
        threads=settings.threads,
    )
    click.echo(f"{settings.name} serves gRPC at {host}:{bound} (Ctrl-C ends it)", err=True)
    _await_end()
    server.stop(grace=5).wait()
    center.work.close()


def _await_end() -> None:
    ended = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: ended.set())
    ended.wait()
