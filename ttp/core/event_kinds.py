"""Event kinds: the closed set of what a leaf can say was done. What is not listed here cannot be written.

A line each: the word in the leaf, what it means, and whether it is grave, that is, answered only once a signed
checkpoint covers its leaf. ``docs/audit-events.md`` is made from this file.
"""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What was done. ``meaning`` is one sentence; ``grave`` acts await a checkpoint before they are answered."""

    meaning: str
    grave: bool

    def __new__(cls, word: str, meaning: str = "", grave: bool = False) -> EventKind:
        """A member that equals its word."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        member.grave = grave
        return member

    ACCOUNT_DISABLED = "account.disabled", "An account can no longer log in."
    ACCOUNT_OPENED = "account.opened", "A person got an account."
    ACCOUNT_PASSWORD_CHANGED = "account.password-changed", "An account got another password."
    AUDIT_EXPORTED = "audit.exported", "The whole log was exported."
    AUDIT_READ = "audit.read", "A page of the log was read."
    AUDIT_SUBJECT_TRACED = "audit.subject-traced", "It was asked which acts concerned one person."
    CASE_DECIDED = "case.decided", "A clerk decided whether records are one person."
    CASE_REVEALED = "case.revealed", "Identifying data of a case were shown in clear."
    CASES_OPENED = "cases.opened", "Linkage opened cases for clerical review."
    CENTER_INITIALIZED = (
        "center.initialized",
        "The center was created; the first leaf of every log.",
    )
    CENTER_UNSEALED = "center.unsealed", "Custodians or a file unlocked the root key."
    CLIENT_ADMITTED = "client.admitted", "A client got a key."
    CLIENT_REVOKED = "client.revoked", "A client's keys ended at once."
    CONSENT_RECORDED = "consent.recorded", "Statements of consent were stored."
    CUSTODY_DEALT_ANEW = "custody.dealt-anew", "Shares of the root were dealt to custodians again."
    CUSTODY_RESHARED = "custody.reshared", "New custodians hold shares; the old shares are void."
    CUSTODY_SHARE_ENTERED = "custody.share-entered", "A share was entered to unseal, or refused."
    DECISION_UNDONE = "decision.undone", "A decision about records was taken back."
    DOMAIN_CREATED = "domain.created", "A pseudonym domain was created."
    ENCODINGS_RECEIVED = "encodings.received", "Encoded records of a site arrived."
    ENCODINGS_SUBMITTED = "encodings.submitted", "Encoded records were sent to the linking center."
    EVIDENCE_ANSWERED = "evidence.answered", "A peer was told which encoded fields agree."
    IDENTITIES_FOUND = "identities.found", "Persons were searched by identifying data."
    IDENTITIES_LINKED = "identities.linked", "Linkage joined records into persons."
    IDENTITIES_READ = "identities.read", "Identifying data were read."
    IDENTITIES_REGISTERED = "identities.registered", "Records with identifying data were stored."
    KEY_ROTATION_ADVANCED = "key.rotation-advanced", "A rotation of keys took its next step."
    KEY_ROTATION_ENDED = "key.rotation-ended", "A rotation of keys is complete."
    KEY_ROTATION_HALTED = "key.rotation-halted", "A rotation of keys stopped at an error."
    KEY_ROTATION_PAUSED = "key.rotation-paused", "A rotation of keys was paused."
    KEY_ROTATION_REQUESTED = "key.rotation-requested", "A rotation of keys was asked for."
    KEY_ROTATION_RESUMED = "key.rotation-resumed", "A rotation of keys goes on."
    KEYRING_ADOPTED = (
        "keyring.adopted",
        "A database and a keyring were declared to belong together.",
    )
    KEYRING_BACKED_UP = "keyring.backed-up", "A backup of the keyring was made."
    KEYRING_BACKUP_DISPOSED = (
        "keyring.backup-disposed",
        "A backup of the keyring was reported gone.",
    )
    KEYS_DESTROYED = "keys.destroyed", "Keys were destroyed for good.", True
    KEYS_DESTRUCTION_APPROVED = (
        "keys.destruction-approved",
        "A second person agreed to a destruction.",
    )
    KEYS_DESTRUCTION_REFUSED = "keys.destruction-refused", "A destruction of keys was turned down."
    KEYS_DESTRUCTION_REQUESTED = (
        "keys.destruction-requested",
        "A destruction of keys was asked for.",
    )
    LINKAGE_RUN = "linkage.run", "Records of a population were compared and linked."
    PEER_PROPOSED = "peer.proposed", "Another center was proposed for trust."
    PEER_REFUSED = "peer.refused", "A proposed center was turned down.", True
    PEER_REVOKED = "peer.revoked", "The trust in a center ended at once.", True
    PEER_TRUSTED = "peer.trusted", "A center's key was pinned by a second person.", True
    PERMISSIONS_ANSWERED = "permissions.answered", "A peer was told which persons withdrew."
    PERSON_REVEALED = "person.revealed", "Identifying data of a person were shown in clear."
    PERSON_SHOWN = "person.shown", "A person's page was shown, masked."
    PERSONS_SEARCHED = "persons.searched", "Persons were searched on the page."
    PROJECT_ANNOUNCED = "project.announced", "Sites were told of a project."
    PROJECT_APPROVED = "project.approved", "A second person approved a project."
    PROJECT_ENDED = "project.ended", "A project ended."
    PROJECT_PROPOSED = "project.proposed", "A project was proposed."
    PROJECT_REFUSED = "project.refused", "A proposed project was turned down."
    PSEUDONYMS_ANONYMIZED = "pseudonyms.anonymized", "Pseudonyms lost their originals for good."
    PSEUDONYMS_DELETED = "pseudonyms.deleted", "Pseudonyms were deleted; they are never used again."
    PSEUDONYMS_FETCHED = "pseudonyms.fetched", "A site fetched its pseudonyms of a project."
    PSEUDONYMS_ISSUED = "pseudonyms.issued", "Pseudonyms were given, some of them new."
    PSEUDONYMS_READ = "pseudonyms.read", "Pseudonyms that exist were read."
    PSEUDONYMS_RESOLVED = "pseudonyms.resolved", "Originals behind pseudonyms were told."
    PSEUDONYMS_SUCCEEDED = (
        "pseudonyms.succeeded",
        "Pseudonyms were replaced when persons were merged.",
    )
    PSEUDONYMS_TAKEN_IN = (
        "pseudonyms.taken-in",
        "Pseudonyms that the linking center gave were stored.",
    )
    RELEASE_DOWNLOADED = "release.downloaded", "A release was downloaded."
    RELEASE_PUBLISHED = "release.published", "A release was approved, made and signed.", True
    RELEASE_REFUSED = "release.refused", "A release was turned down."
    RELEASE_REQUESTED = "release.requested", "A release was asked for."
    REQUESTS_REFUSED = (
        "requests.refused",
        "How often a caller was refused for one reason in one minute.",
    )
    SECRET_DRAWN = "secret.drawn", "A linkage secret was drawn."
    SECRET_RECEIVED = "secret.received", "A linkage secret arrived from a peer."
    SECRET_SENT = "secret.sent", "A linkage secret was sent to a peer."
    SESSION_CLOSED = "session.closed", "Somebody logged out."
    SESSION_OPENED = "session.opened", "Somebody logged in."
    SESSION_REFUSED = "session.refused", "Somebody failed to log in."
    TASK_REQUESTED = "task.requested", "A long task was queued."
