"""``ttp hl7``: ADT messages of a hospital system, from files or as they come, are taken in; again is always safe."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keys.private_files import make_private
from ttp.cli.home import center_of

if TYPE_CHECKING:
    from ttp.cli.hl7_taking import Answer, Receiver, Taker
    from ttp.core.hospital import Message

AT_ONCE = 256
LOOPBACK = "127.0.0.1"

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--source", required=True, help="The system whose messages these are."),
    click.option(
        "--map", "map_file", type=_FILE, help="TOML file: what the system's numbers mean."
    ),
    click.option("--url", envvar="TTP_URL", help="URL of the center; without it the home is used."),
    click.option("--key-file", type=_FILE, help="File with the API key."),
)


def _source_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group()
def hl7() -> None:
    """Take in HL7 v2 ADT messages: registrations, updates, merges."""


@hl7.command("import")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@_source_options
@click.option("--rejects", type=click.Path(path_type=Path), help="List bad messages here, as CSV.")
@click.pass_context
def import_files(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    source: str,
    map_file: Path | None,
    url: str | None,
    key_file: Path | None,
    rejects: Path | None,
) -> None:
    """Take in the messages of FILES: one or many, in batches or MLLP frames.

    Bad messages are named by file and number and end the command with 1; all others are taken. Importing a
    file again changes nothing: older messages never overwrite newer ones.
    """
    from ttp.cli.progress import bar

    receiver = _receiver(ctx, source, map_file, url, key_file)
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for file in files:
        size = file.stat().st_size
        with bar(file.name, "bytes") as progress, file.open("rb") as opened:
            for number, end, answers in _taken(receiver, opened):
                problems = [one for one in answers if not isinstance(one, str)]
                counts.update(one for one in answers if isinstance(one, str))
                counts.update(["ignored"] if not answers else [])
                bad += [f"{file.name},{number},{one.code}" for one in problems[:1]]
                progress(end, size)
    if rejects is not None:
        make_private(rejects).write_text("\n".join(["file,message,problem", *bad]) + "\n", "utf-8")
    else:
        for line in bad:
            click.echo(line, err=True)
    told = ", ".join(f"{counts[name]:,} {name}" for name in sorted(counts)) or "nothing"
    click.echo(f"{told}, {len(bad):,} rejected")
    ctx.exit(1 if bad else 0)


@hl7.command("listen")
@_source_options
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=2575, show_default=True)
@click.option("--tls-cert", type=_FILE, help="Certificate chain (PEM); without it no TLS.")
@click.option("--tls-key", type=_FILE, help="Its key (PEM), if not in the same file.")
@click.option("--client-ca", type=_FILE, help="Only clients certified by this CA (PEM).")
@click.option(
    "--largest",
    type=click.IntRange(1 << 10, 1 << 26),
    default=1 << 20,
    show_default=True,
    help="Bytes of a message at most.",
)
@click.pass_context
def listen_command(
    ctx: click.Context,
    *,
    source: str,
    map_file: Path | None,
    url: str | None,
    key_file: Path | None,
    host: str,
    port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    client_ca: Path | None,
    largest: int,
) -> None:
    """Listen for messages (MLLP) and acknowledge each: AA once it is committed, AE or AR with a code else.

    Beyond this computer only with TLS. Ends with SIGTERM or Ctrl-C.
    """
    from ttp.cli.hl7_listening import Listening, listen, server_tls, stop_on_signals

    if tls_cert is None and (tls_key or client_ca):
        raise click.UsageError("--tls-key and --client-ca go with --tls-cert.")
    if tls_cert is None and host not in {LOOPBACK, "::1", "localhost"}:
        raise click.UsageError("Beyond this computer messages need TLS: --tls-cert.")
    tls = server_tls(tls_cert, tls_key, client_ca) if tls_cert else None
    receiver = _receiver(ctx, source, map_file, url, key_file, largest)

    async def serve() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await listen(
            receiver,
            Listening(host, port, tls),
            ready=lambda bound: click.echo(f"Listening on {host}:{bound}", err=True),
            stop=stop,
        )

    asyncio.run(serve())


def _receiver(
    ctx: click.Context,
    source: str,
    map_file: Path | None,
    url: str | None,
    key_file: Path | None,
    largest: int = 1 << 20,
) -> Receiver:
    from ttp.cli.exchanges import api_key
    from ttp.cli.hl7_taking import Receiver, local_taker, remote_taker, source_map_of

    take: Taker = (
        remote_taker(url, api_key(key_file), source) if url else local_taker(center_of(ctx), source)
    )
    return Receiver(source_map_of(map_file), take, largest)


def _taken(receiver: Receiver, file: Any) -> Iterator[tuple[int, int, list[Answer]]]:
    """The number of each message, the offset of its end and what came of it; many are taken at once."""
    from ttp.core.errors import TTPError
    from ttp.wire.hl7.framing import messages_in

    waiting: list[tuple[int, int, list[Message] | TTPError]] = []
    size = 0
    for number, (end, raw) in enumerate(messages_in(file), start=1):
        said: list[Message] | TTPError
        try:
            said = receiver.read(raw)
        except TTPError as error:
            said = error
        waiting.append((number, end, said))
        size += len(said) if isinstance(said, list) else 0
        if size >= AT_ONCE:
            yield from _answered(receiver, waiting)
            waiting, size = [], 0
    yield from _answered(receiver, waiting)


def _answered(
    receiver: Receiver, waiting: Sequence[tuple[int, int, list[Message] | Any]]
) -> Iterator[tuple[int, int, list[Answer]]]:
    said = [one for _, _, messages in waiting if isinstance(messages, list) for one in messages]
    answers = iter(receiver.take(said) if said else ())
    for number, end, messages in waiting:
        if isinstance(messages, list):
            yield number, end, [next(answers) for _ in messages]
        else:
            yield number, end, [messages]
