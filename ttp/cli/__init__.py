"""The command line: every command is one file, imported only when it is called.

To add a command, add its line to ``COMMANDS``: name, where it is, what it does.
"""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import click

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, told from every verdict."""
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
MOST_OF_PEER = 400
"""Characters of a peer's reason that are printed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is (``module:attribute``) and what it does, in one line."""

    target: str
    summary: str


COMMANDS: Final[Mapping[str, Entry]] = {
    "init": Entry("ttp.cli.init:init", "Make a trust center in a directory."),
    "serve": Entry("ttp.cli.serve:serve", "Run the trust center: pages, JSON API, FHIR, worker."),
    "serve-grpc": Entry(
        "ttp.cli.serve_grpc:serve_grpc", "Serve the gRPC interface of Vfps beside a center."
    ),
    "doctor": Entry("ttp.cli.doctor:doctor", "Look a home over; say what is wrong with it."),
    "migrate": Entry("ttp.cli.migrate:migrate", "Bring the database up to date."),
    "domain": Entry("ttp.cli.domain:domain", "Make and list domains."),
    "client": Entry("ttp.cli.client:client", "Admit, list and revoke programs that call the API."),
    "staff": Entry("ttp.cli.staff:staff", "Open, list and end accounts of people."),
    "project": Entry("ttp.cli.project:project", "Propose, approve and end projects."),
    "consent": Entry("ttp.cli.consent:consent", "Import consent statements."),
    "release": Entry(
        "ttp.cli.release:release", "Verify and open releases; ask for and approve them."
    ),
    "demo": Entry("ttp.cli.demo:demo", "Show three trust centers at work, with made-up patients."),
    "pseudonymize": Entry(
        "ttp.cli.pseudonymize:pseudonymize", "Exchange values in a file for pseudonyms."
    ),
    "resolve": Entry("ttp.cli.pseudonymize:resolve", "Exchange pseudonyms in a file back."),
    "pseudonyms": Entry(
        "ttp.cli.pseudonyms:pseudonyms", "Validate, translate, trace and erase pseudonyms."
    ),
    "import": Entry("ttp.cli.import_pairs:bring", "Bring pseudonyms that another system issued."),
    "audit": Entry("ttp.cli.audit:audit", "Export, verify and ask the audit log."),
    "register": Entry(
        "ttp.cli.register:register", "Register the identifying data of a CSV or FHIR file."
    ),
    "person": Entry(
        "ttp.cli.person:person", "Look up, change and delete identities; answer data subjects."
    ),
    "peer": Entry("ttp.cli.peer:peer", "Propose, trust, revoke and list other trust centers."),
    "linkage": Entry(
        "ttp.cli.linkage:linkage", "Share secrets, submit, link and fetch between centers."
    ),
    "keys": Entry("ttp.cli.keys:keys", "List, rotate, back up and destroy keys."),
    "restore": Entry(
        "ttp.cli.restore:restore", "Show and accept that an older state was put back."
    ),
    "unseal": Entry("ttp.cli.unseal:unseal", "Enter one share into the sealed center."),
    "approval": Entry(
        "ttp.cli.approval:approval", "List, show and decide what needs a second person."
    ),
    "re-identify": Entry(
        "ttp.cli.reidentify:reidentify", "Ask for, carry out or force re-identification."
    ),
    "custody": Entry("ttp.cli.custody:custody", "Show, check and reshare who holds the root key."),
    "hl7": Entry("ttp.cli.hl7:hl7", "Take in HL7 v2 messages of a hospital system."),
    "matching": Entry(
        "ttp.cli.matching:matching", "Show, learn, compare and activate matching models."
    ),
    "migrate-persons": Entry(
        "ttp.cli.migrate_persons:migrate_persons", "Take over persons of E-PIX or Mainzelliste."
    ),
    "encode": Entry("ttp.cli.encode:command", "Encode a file of identifying data."),
    "webhook": Entry("ttp.cli.webhook:webhook", "Have events sent to programs, signed."),
    "link": Entry("ttp.cli.link:command", "Link encoded files, or files in clear."),
    "dedupe": Entry(
        "ttp.cli.dedupe:command", "Find the records of one source that are one person."
    ),
    "evaluate": Entry(
        "ttp.cli.evaluate:command", "Say how good links are, by the truth or by a review."
    ),
    "attack": Entry("ttp.cli.attack:command", "Attack a linkage schema or encodings."),
    "advise": Entry("ttp.cli.advise:command", "Say which linkage schema to take."),
}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What was said before the command's name; commands get it as ``ctx.obj``."""

    home: Path | None

    def require_home(self) -> Path:
        """The home directory of the center.

        Raises:
            click.UsageError: none was named.
        """
        if self.home is None:
            raise click.UsageError("Name the center's home: --home DIR or TTP_HOME.")
        return self.home


class Commands(click.Group):
    """A group whose commands are imported when called, and whose known errors are one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None for an unknown name."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands for ``--help`` without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].summary) for name in sorted(COMMANDS)])

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a refusal goes to standard error as one sentence, with exit code 2; after Ctrl-C it is 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Aborted!", err=True)
            ctx.exit(INTERRUPTED)
        except Exception as error:
            sentence = refusal(error)
            if sentence is None:
                raise
            click.echo(f"ttp: {sentence}", err=True)
            ctx.exit(2)


def _said_by_peer(facts: Mapping[str, object]) -> str:
    """Why a peer refused, in its words: a code and a sentence, without what a terminal would obey."""
    said = ": ".join(str(facts[one]) for one in ("peer_code", "peer_detail") if facts.get(one))
    printed = "".join(one for one in said[:MOST_OF_PEER] if one.isprintable())
    return f" {printed}" if printed else ""


def refusal(error: Exception) -> str | None:
    """The sentence of an error raised on purpose or by the file system; None for any other."""
    from keys.errors import KeysError
    from linkage.errors import LinkageError
    from ttp.client.errors import ClientError
    from ttp.core.errors import TTPError

    if isinstance(error, TTPError):
        return f"{error.detail}{_said_by_peer(error.facts)}"
    if isinstance(error, ClientError):
        return error.detail
    if isinstance(error, LinkageError | KeysError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return f"{error.strerror}."
    return None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    envvar="TTP_HOME",
    type=click.Path(file_okay=False, path_type=Path),
    help="The center's directory: settings, sealed keys, database.  [env: TTP_HOME]",
)
@click.version_option(package_name="treuhandstelle", message="%(version)s")
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """Treuhandstelle: pseudonyms, record linkage and federation for medical research."""
    ctx.obj = CommandLine(home)
