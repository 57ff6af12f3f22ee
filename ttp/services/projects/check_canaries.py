"""Check canaries: a site shows of the linkage secret what its holder announced; no site speaks for another.

The holder announces a version by a message of its own, or by submitting under it. Until it has announced any, versions
count that sites showed before there were announcements.
"""

from __future__ import annotations

from collections.abc import Mapping

from ttp.core.access import Actor
from ttp.core.canaries import CANARIES, DIGEST_BYTES, CanaryMismatch, differing
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.linkage_secrets import (
    MOST_VERSIONS,
    Canaries,
    SecretDiffers,
    SecretNotAnnounced,
    SecretOutdated,
)
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.submissions import SubmissionRejected
from ttp.services.log.record_leaf import Act, record_leaf


def check_canaries(
    center: Center, tx: Transaction, actor: Actor, project: Project, shown: Canaries
) -> None:
    """Pass if what a site of the project shows is its newest secret, as announced.

    Raises:
        SubmissionRejected: nobody can show that. SecretOutdated, SecretNotAnnounced: it is another version.
        CanaryMismatch: it is another secret, or encodes otherwise. SecretDiffers: so does the secret holder.
    """
    if shown.site == project.terms.secret_holder:
        take_announcement(center, tx, actor, project, shown)
    _require_possible(shown)
    accepted = accepted_versions(tx, project)
    newest = max(accepted, default=0)
    if shown.version < newest:
        raise SecretOutdated(newest=newest)
    if shown.version > newest:
        raise SecretNotAnnounced(newest=newest)
    _require_alike(accepted[newest], shown)


def take_announcement(
    center: Center, tx: Transaction, actor: Actor, project: Project, shown: Canaries
) -> None:
    """Believe the secret holder what it shows of a version. The same again changes nothing.

    A version under which encodings of another secret may stand is never given to this one.

    Raises:
        SubmissionRejected: nobody can show that. SecretDiffers: another secret stands under this version.
        CanaryMismatch: the same one, used otherwise.
    """
    _require_possible(shown)
    now = center.clock.now()
    standing = tx.secrets.pin_canaries(shown, at=now)
    if standing.commitment != shown.commitment:
        raise SecretDiffers
    _require_alike(standing, shown)
    if standing.announced or not tx.secrets.announce(shown, at=now):
        return
    facts = {"project": project.name, "commitment": shown.commitment}
    act = Act(EventKind.SECRET_ANNOUNCED, counts={"version": shown.version}, facts=facts)
    record_leaf(center, tx, actor, act)


def accepted_versions(tx: Transaction, project: Project) -> Mapping[int, Canaries]:
    """What all sites have to show, by version: as announced; while nothing was, as shown before there was that."""
    shown = tx.secrets.shown(project.name)
    return {version: one for version, one in shown.items() if one.announced} or shown


def _require_possible(shown: Canaries) -> None:
    if len(shown.digests) != DIGEST_BYTES * len(CANARIES) or len(shown.commitment) != 64:
        raise SubmissionRejected(reason="canaries")
    if not 1 <= shown.version <= MOST_VERSIONS:
        raise SubmissionRejected(reason="secret-version")


def _require_alike(standing: Canaries, shown: Canaries) -> None:
    differ = differing(standing.digests, shown.digests)
    if differ or standing.commitment != shown.commitment:
        raise CanaryMismatch(canaries_differing=differ, compared_with=standing.site)
