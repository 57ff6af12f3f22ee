"""``ttp doctor``: look a home over and say what is wrong with it; red findings make the exit code 1."""

from __future__ import annotations

import resource
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ttp.cli.home import check_database, settings_of

if TYPE_CHECKING:
    from ttp.config import Settings

RED_DISK_BYTES = 500 * 1024**2
YELLOW_DISK_BYTES = 2 * 1024**3
LATEST_SEQUENCING = timedelta(minutes=1)


class Level(StrEnum):
    """How bad a finding is."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at and how it is."""

    level: Level
    sentence: str


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check permissions, keys, database, clock, disk and audit log of this home."""
    settings = settings_of(ctx)
    findings = [_looked(check, settings) for check in CHECKS]
    for finding in findings:
        color = finding.level.value
        click.echo(f"{click.style(f'{finding.level:6}', fg=color)}  {finding.sentence}")
    ctx.exit(1 if any(finding.level is Level.RED for finding in findings) else 0)


def _looked(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    from ttp.cli import refusal

    try:
        return check(settings)
    except Exception as error:
        sentence = refusal(error)
        if sentence is None:
            sentence = f"{check.__name__.lstrip('_')}: {type(error).__name__}"
        return Finding(Level.RED, sentence)


def _permissions(settings: Settings) -> Finding:
    from ttp.config import KEYRING_FILE, ROOT_FILE

    private = [settings.home, settings.home / ROOT_FILE, settings.home / KEYRING_FILE]
    open_ones = [path.name for path in private if path.exists() and _others_may(path)]
    if open_ones:
        return Finding(Level.RED, f"Other users may enter or read: {', '.join(open_ones)}.")
    return Finding(Level.GREEN, "Only this user may read the home and its keys.")


def _unlock_file(settings: Settings) -> Finding:
    from ttp.config import UNLOCK_FILE

    if (settings.home / UNLOCK_FILE).exists():
        return Finding(
            Level.RED,
            "The passphrase lies beside the keys (file 'unlock'): the home is only as safe as its disk.",
        )
    return Finding(Level.GREEN, "The passphrase does not lie beside the keys.")


def _self_test(_settings: Settings) -> Finding:
    from keys.self_test import run

    run()
    return Finding(Level.GREEN, "Cryptography gives the published answers.")


def _keyring(settings: Settings) -> Finding:
    from ttp.keeping_keyring import keyring_shares_server, open_keyring
    from ttp.unlocking import root_of

    root = root_of(settings)
    try:
        keyring = open_keyring(settings, root=root)
    finally:
        root.wipe()
    if keyring_shares_server(settings):
        return Finding(
            Level.YELLOW,
            "Keyring and database lie on one server: its physical backups and log archive hold both,"
            " and bring destroyed keys back.",
        )
    return Finding(Level.GREEN, f"The keyring opens (generation {keyring.generation()}).")


def _database(settings: Settings) -> Finding:
    check_database(settings)
    return Finding(Level.GREEN, "The database is there and up to date.")


def _keys_fit(settings: Settings) -> Finding:
    from ttp.opening import open_center
    from ttp.services.custody.fit_keys import require_keyring

    check_database(settings)
    center = open_center(settings)
    center.work.run(lambda tx: require_keyring(center, tx), write=False)
    return Finding(Level.GREEN, "Keyring and database belong together.")


def _full_domains(settings: Settings) -> Finding:
    from ttp.opening import open_center
    from ttp.services.domains.warn_of_full_domains import nearly_full

    check_database(settings)
    names = open_center(settings).work.run(nearly_full, write=False)
    if names:
        return Finding(Level.YELLOW, f"Half of all pseudonyms are used: {', '.join(names)}.")
    return Finding(Level.GREEN, "No domain has used half of its pseudonyms.")


def _log_standing(settings: Settings) -> Finding:
    from ttp.opening import open_center
    from ttp.services.log.judge_log import require_standing
    from ttp.services.log.own_checkpoints import own_checkpoint

    check_database(settings)
    center = open_center(settings)
    center.work.run(lambda tx: require_standing(center, tx), write=False)
    note = center.anchor.read()
    anchor = own_checkpoint(center, note) if note is not None else None
    if anchor is None or anchor.size == 0:
        return Finding(Level.YELLOW, "Nothing was witnessed yet: the anchor says nothing.")
    return Finding(Level.GREEN, "The database is the one that was witnessed last, or newer.")


def _peer_logs(settings: Settings) -> Finding:
    from ttp.opening import open_center
    from ttp.services.peers.require_witnessed import unwitnessed_peers

    check_database(settings)
    center = open_center(settings)
    late = center.work.run(lambda tx: unwitnessed_peers(center, tx), write=False)
    if late:
        return Finding(Level.YELLOW, f"Nobody witnesses the log of: {', '.join(late)}.")
    return Finding(Level.GREEN, "The logs of all trusted peers are witnessed.")


def _announcements(settings: Settings) -> Finding:
    from ttp.opening import open_center
    from ttp.services.projects.announce_linkage_secret import waiting_secrets

    check_database(settings)
    center = open_center(settings)
    waiting = center.work.run(lambda tx: waiting_secrets(center, tx), write=False)
    if waiting:
        names = ", ".join(sorted({project.name for project, _ in waiting}))
        return Finding(
            Level.YELLOW,
            f"The linking center has not heard of the newest linkage secret of: {names}."
            " 'ttp linkage secret send PROJECT' says why.",
        )
    return Finding(Level.GREEN, "Linking centers have heard of every linkage secret drawn here.")


def _four_eyes(settings: Settings) -> Finding:
    if settings.four_eyes == "demo":
        return Finding(Level.YELLOW, "Four eyes are off (demo): one person may approve everything.")
    return Finding(Level.GREEN, "Grave acts need a second person.")


def _second_factor(settings: Settings) -> Finding:
    if settings.second_factor == "required":
        return Finding(Level.GREEN, "Stewards and auditors need a second factor.")
    return Finding(Level.YELLOW, "A password alone opens a steward's account (second_factor).")


def _api_keys(settings: Settings) -> Finding:
    from ttp.opening import open_center

    check_database(settings)
    center = open_center(settings)
    now = center.clock.now()
    known = center.work.run(lambda tx: tx.api_keys.all(), write=False)
    ending = [f"{one.client}/{one.key.label}" for one in known if one.key.ends_soon(at=now)]
    if ending:
        return Finding(Level.YELLOW, f"API keys end within 30 days: {', '.join(ending)}.")
    return Finding(Level.GREEN, "No API key ends within 30 days.")


def _clock(settings: Settings) -> Finding:
    from ttp.opening import open_center

    check_database(settings)
    center = open_center(settings)
    newest = center.work.run(lambda tx: tx.audit.newest_at(), write=False)
    if newest and center.clock.now() < newest:
        return Finding(Level.RED, "The clock stands before the newest audit entry.")
    return Finding(Level.GREEN, "The clock stands after the newest audit entry.")


def _sequencing(settings: Settings) -> Finding:
    from ttp.config import ROOT_SOCKET
    from ttp.opening import open_center

    check_database(settings)
    center = open_center(settings)
    late = center.clock.now() - LATEST_SEQUENCING
    waiting = center.work.run(lambda tx: tx.audit.waits_since(), write=False)
    if waiting is None or waiting > late:
        return Finding(Level.GREEN, "A checkpoint covers every audit entry.")
    if (settings.home / ROOT_SOCKET).exists():
        return Finding(
            Level.RED, f"The worker does not sequence: entries wait since {waiting:%H:%M} UTC."
        )
    return Finding(Level.YELLOW, "Audit entries wait for a checkpoint: nothing serves this home.")


def _log_check(settings: Settings) -> Finding:
    from ttp.opening import open_center

    check_database(settings)
    checked = open_center(settings).work.run(lambda tx: tx.log_checks.latest(), write=False)
    if checked is None:
        return Finding(Level.YELLOW, "The audit log was never checked: 'ttp audit check' does it.")
    if checked.flaw:
        return Finding(Level.RED, f"The audit log was changed: {checked.flaw}")
    return Finding(Level.GREEN, f"The audit log holds (checked {checked.at:%Y-%m-%d %H:%M} UTC).")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    sentence = f"{free / 1024**3:.1f} GB of disk are free."
    if free < RED_DISK_BYTES:
        return Finding(Level.RED, sentence)
    return Finding(Level.YELLOW if free < YELLOW_DISK_BYTES else Level.GREEN, sentence)


def _memory_on_disk(_settings: Settings) -> Finding:
    """Keys in memory reach a disk by swapping and by core dumps."""
    swaps = Path("/proc/swaps")
    swapping = swaps.exists() and len(swaps.read_text().splitlines()) > 1
    dumping = resource.getrlimit(resource.RLIMIT_CORE)[0] != 0
    if swapping or dumping:
        what = " and ".join(["swap"] * swapping + ["core dumps"] * dumping)
        return Finding(Level.YELLOW, f"Keys in memory may reach the disk: {what} allowed.")
    return Finding(Level.GREEN, "Neither swap nor core dumps bring keys to the disk.")


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _permissions,
    _unlock_file,
    _self_test,
    _keyring,
    _database,
    _keys_fit,
    _full_domains,
    _log_standing,
    _peer_logs,
    _announcements,
    _four_eyes,
    _second_factor,
    _api_keys,
    _clock,
    _sequencing,
    _log_check,
    _disk,
    _memory_on_disk,
)
