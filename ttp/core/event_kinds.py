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
    ACCOUNT_LINKED = "account.linked", "An identity provider's subject may use an account."
    ACCOUNT_LIMITED = "account.limited", "An account was kept to domains or projects, or freed."
    ACCOUNT_OPENED = "account.opened", "A person got an account."
    ACCOUNT_PASSWORD_CHANGED = "account.password-changed", "An account got another password."
    ACCOUNT_ROLE_CHANGED = "account.role-changed", "A person got another role."
    ACCOUNT_SECOND_FACTOR_REMOVED = (
        "account.second-factor-removed",
        "An account's second factor was taken away, by its owner or by a steward.",
    )
    ACCOUNT_SECOND_FACTOR_SET = (
        "account.second-factor-set",
        "An account needs a second factor from now on.",
    )
    ACCOUNT_UNLINKED = "account.unlinked", "An account lost its identity provider's subjects."
    APPROVAL_EXPIRED = (
        "approval.expired",
        "A request for approval ended because nobody acted in time.",
    )
    APPROVAL_GRANTED = "approval.granted", "A second person agreed to a request."
    APPROVAL_REFUSED = "approval.refused", "A request for approval was turned down."
    APPROVAL_REQUESTED = "approval.requested", "A second person was asked to agree to something."
    APPROVAL_WITHDRAWN = "approval.withdrawn", "Who had asked for something took the request back."
    AUDIT_CHECKED = "audit.checked", "The log was checked, or the watch over it found a flaw."
    AUDIT_EXPORTED = "audit.exported", "The whole log was exported."
    AUDIT_READ = "audit.read", "A page of the log was read."
    AUDIT_SUBJECT_TRACED = "audit.subject-traced", "It was asked which acts concerned one person."
    BREAK_GLASS_OVERDUE = "break-glass.overdue", "An emergency access was not reviewed in time."
    BREAK_GLASS_REVIEWED = (
        "break-glass.reviewed",
        "A second person judged an emergency access.",
        True,
    )
    BREAK_GLASS_USED = "break-glass.used", "One person re-identified alone, in an emergency.", True
    CASE_DECIDED = "case.decided", "A clerk decided whether records are one person."
    CASE_REVEALED = "case.revealed", "Identifying data of a case were shown in clear."
    CASES_ARRANGED = (
        "cases.arranged",
        "Cases were assigned, dated, proposed for a second vote, or came back to the queue.",
    )
    CASES_EXPORTED = "cases.exported", "A list of cases was exported, without values of patients."
    CASE_UNCOVERED = "case.uncovered", "Some characters of one field of a case were uncovered."
    CASES_OPENED = "cases.opened", "Linkage opened cases for clerical review."
    CENTER_INITIALIZED = (
        "center.initialized",
        "The center was created; the first leaf of every log.",
    )
    CENTER_RESTORED = (
        "center.restored",
        "Two persons accepted an older database or keyring; what was lost is named.",
        True,
    )
    CENTER_UNSEALED = "center.unsealed", "Custodians or a file unlocked the root key."
    CLIENT_ADMITTED = "client.admitted", "A client got a key."
    CLIENT_GRANT_ENDED = "client.grant-ended", "A client's grant to resolve ended early."
    CLIENT_KEY_ISSUED = "client.key-issued", "A client got one more key."
    CLIENT_KEY_REVOKED = "client.key-revoked", "One key of a client ended at once."
    CLIENT_REVOKED = "client.revoked", "A client's keys ended at once."
    CONSENT_RECORDED = "consent.recorded", "Statements of consent were stored."
    CUSTODY_DEALT_ANEW = "custody.dealt-anew", "Shares of the root were dealt to custodians again."
    CUSTODY_RESHARED = "custody.reshared", "New custodians hold shares; the old shares are void."
    CUSTODY_SHARE_ENTERED = "custody.share-entered", "A share was entered to unseal, or refused."
    DECISION_UNDONE = "decision.undone", "A decision about records was taken back."
    DOMAIN_ACTIVATED = "domain.activated", "A domain issues pseudonyms from now on, or again."
    DOMAIN_CHANGED = (
        "domain.changed",
        "A domain's description, or the form of a draft, was changed.",
    )
    DOMAIN_CREATED = "domain.created", "A pseudonym domain was created."
    DOMAIN_FROZEN = "domain.frozen", "A domain can only be read from now on."
    DOMAIN_HALF_FULL = "domain.half-full", "Half of all pseudonyms of a domain are used."
    DOMAIN_POLICY_CHANGED = (
        "domain.policy-changed",
        "What may be done in a domain was changed by two persons.",
    )
    DOMAIN_RETIRED = "domain.retired", "A domain is neither written nor read any more."
    ENCODINGS_RECEIVED = "encodings.received", "Encoded records of a site arrived."
    ENCODINGS_SUBMITTED = "encodings.submitted", "Encoded records were sent to the linking center."
    EVENTS_ANNOUNCED = (
        "events.announced",
        "Those who were given pseudonyms of persons or of a project are told what became of them.",
    )
    EVENTS_READ = "events.read", "A page of the feed of events was read."
    EVIDENCE_ANSWERED = "evidence.answered", "A peer was told which encoded fields agree."
    GRANT_MADE = "grant.made", "A client got a standing permission to resolve."
    HOSPITAL_MESSAGES_TAKEN = (
        "hospital.messages-taken",
        "What a hospital system said of its records was taken in: merges, links, and their end.",
    )
    IDENTITIES_DEACTIVATED = (
        "identities.deactivated",
        "Records are matched no more; their links stand.",
    )
    IDENTITIES_DELETED = (
        "identities.deleted",
        "What records said was erased by two persons; tombstones are left.",
        True,
    )
    IDENTITIES_FOUND = "identities.found", "Persons were searched by identifying data."
    IDENTITIES_LINKED = "identities.linked", "Linkage joined records into persons."
    IDENTITIES_READ = "identities.read", "Identifying data were read."
    IDENTITIES_REACTIVATED = "identities.reactivated", "Records are matched again."
    IDENTITIES_REMATCHED = (
        "identities.rematched",
        "A block of the stock was matched anew for duplicates.",
    )
    IDENTITIES_REGISTERED = "identities.registered", "Records with identifying data were stored."
    IDENTITY_PREFERRED = (
        "identity.preferred",
        "A record was chosen to speak for its person, or no longer.",
    )
    KEY_ANNOUNCED = "key.announced", "A statement says which key follows which."
    KEY_REVOKED = "key.revoked", "The signing key was revoked; a new one signs.", True
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
    MATCHING_MODEL_ACTIVATED = (
        "matching-model.activated",
        "Two persons agreed on the version of the matching model that registration uses.",
    )
    MATCHING_MODEL_COMPARED = (
        "matching-model.compared",
        "It was asked on a sample what another matching model would change.",
    )
    MATCHING_MODEL_LEARNED = (
        "matching-model.learned",
        "A version of the matching model was learned from the stock.",
    )
    PEER_KEY_REVOKED = "peer.key-revoked", "A peer revoked its key; the trust in it ended at once."
    PEER_KEYS_SUCCEEDED = "peer.keys-succeeded", "A peer announced a key that follows another."
    PEER_PROPOSED = "peer.proposed", "Another center was proposed for trust."
    PEER_REFUSED = "peer.refused", "A proposed center was turned down.", True
    PEER_RESTORE_ACCEPTED = (
        "peer.restore-accepted",
        "Two persons accepted that a peer's log begins anew.",
        True,
    )
    PEER_RESTORE_ANNOUNCED = (
        "peer.restore-announced",
        "A peer announced that its log begins anew.",
    )
    PEER_RESTORE_REQUESTED = (
        "peer.restore-requested",
        "A first person accepted that a peer's log begins anew.",
    )
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
    ORIGINALS_ERASED = (
        "originals.erased",
        "Links of originals ended in all domains named, and a receipt was given.",
        True,
    )
    PSEUDONYMS_EXPIRED = "pseudonyms.expired", "The time of pseudonyms was over; their links ended."
    PSEUDONYMS_IMPORTED = (
        "pseudonyms.imported",
        "Pseudonyms that another system issued were taken over.",
    )
    PSEUDONYMS_ISSUED = "pseudonyms.issued", "Pseudonyms were given, some of them new."
    PSEUDONYMS_LISTED = "pseudonyms.listed", "A page of pseudonyms was listed, without originals."
    PSEUDONYMS_LIMITED = "pseudonyms.limited", "It was stored until when pseudonyms are valid."
    PSEUDONYMS_JUDGED = "pseudonyms.judged", "It was asked which pseudonyms exist."
    PSEUDONYMS_REIDENTIFIED = (
        "pseudonyms.re-identified",
        "Two persons agreed, and pseudonyms were re-identified.",
        True,
    )
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
    PSEUDONYMS_TRACED = (
        "pseudonyms.traced",
        "It was asked which pseudonyms hang above and below others.",
    )
    PSEUDONYMS_TRANSLATED = (
        "pseudonyms.translated",
        "Pseudonyms were exchanged for those of another domain, without telling originals.",
    )
    RELEASE_DOWNLOADED = "release.downloaded", "A release was downloaded."
    RELEASE_PUBLISHED = "release.published", "A release was approved, made and signed.", True
    RELEASE_REFUSED = "release.refused", "A release was turned down."
    RELEASE_REQUESTED = "release.requested", "A release was asked for."
    REQUESTS_REFUSED = (
        "requests.refused",
        "How often a caller was refused for one reason in one minute.",
    )
    SECRET_DESTROYED = "secret.destroyed", "A project ended and its linkage secrets were destroyed."
    RESTORE_REQUESTED = (
        "restore.requested",
        "A first person accepted an older database or keyring.",
    )
    QUALITY_ANSWERED = "quality.answered", "A check of the quality desk was answered."
    QUALITY_DRAWN = "quality.drawn", "Checks were drawn or planted for the quality desk."
    SECRET_ANNOUNCED = (
        "secret.announced",
        "A version of a linkage secret was announced to the center that links its project.",
    )
    SECRET_DRAWN = "secret.drawn", "A linkage secret was drawn."
    SECRET_RECEIVED = "secret.received", "A linkage secret arrived from a peer."
    SECRET_SENT = "secret.sent", "A linkage secret was sent to a peer."
    SESSION_CLOSED = "session.closed", "Somebody logged out."
    SESSION_ENDED_BY_PROVIDER = (
        "session.ended-by-provider",
        "An identity provider ended a person's sessions.",
    )
    SESSION_OTHERS_CLOSED = "session.others-closed", "Somebody ended all their other sessions."
    SESSION_OPENED = "session.opened", "Somebody logged in."
    SESSION_REFUSED = "session.refused", "Somebody failed to log in."
    TASK_CANCELED = "task.canceled", "A long task was stopped by a person."
    SOURCES_ORDERED = "sources.ordered", "It was said which sources speak for a person first."
    SUBJECT_ACCESS_GIVEN = (
        "subject-access.given",
        "Everything held about one person was put together, by two persons.",
        True,
    )
    TASK_REQUESTED = "task.requested", "A long task was queued."
    TRANSFER_EXCHANGED = (
        "transfer.exchanged",
        "Transport IDs were exchanged for what they stand for.",
    )
    TRANSFER_MADE = "transfer.made", "Values were handed in under transport IDs for one receiver."
    TRANSPORT_DERIVED = (
        "transport.derived",
        "Date shifts or salts of a project were derived for a client.",
    )
    WEBHOOK_ADDED = "webhook.added", "A client is told of events by a webhook from now on."
    WEBHOOK_DIED = (
        "webhook.died",
        "A webhook's receiver failed too often; nothing is sent any more.",
    )
    WEBHOOK_PAUSED = "webhook.paused", "A webhook's messages wait until it is resumed."
    WEBHOOK_REMOVED = "webhook.removed", "A webhook ended."
    WEBHOOK_RESUMED = "webhook.resumed", "A webhook goes on where it stopped."
    WEBHOOK_TESTED = "webhook.tested", "A message was sent to a webhook's receiver to try it."
