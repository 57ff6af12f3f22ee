"""Tables: one file per concept. Rows of history are added and tombstoned, never edited away."""

from ttp.storage.tables.access import (
    api_key,
    client,
    client_domain,
    grant,
    grant_use,
    recovery_code,
    second_factor,
    staff,
    staff_session,
)
from ttp.storage.tables.approvals import approval
from ttp.storage.tables.audit import audit_checkpoint, audit_leaf, audit_node, lease, refusal
from ttp.storage.tables.base import metadata
from ttp.storage.tables.center_identity import center_identity
from ttp.storage.tables.consents import consent
from ttp.storage.tables.domains import domain, domain_alias, domain_parent
from ttp.storage.tables.events import event, pseudonym_told, webhook
from ttp.storage.tables.federation import (
    cosigned,
    evidence,
    evidence_use,
    linkage_secret,
    peer,
    peer_key,
    project_member,
    request_nonce,
    submission_canary,
    task,
    used_tokens,
    witnessed_checkpoint,
)
from ttp.storage.tables.hospital import (
    awaited_pair,
    awaited_relation,
    message_time,
    said_relation,
)
from ttp.storage.tables.idempotency import idempotency
from ttp.storage.tables.identities import (
    edge,
    identifier,
    identity,
    identity_version,
    population,
)
from ttp.storage.tables.identity_life import identity_change, source_rank
from ttp.storage.tables.key_statements import key_statement
from ttp.storage.tables.log_check import log_check
from ttp.storage.tables.logins import login_failure
from ttp.storage.tables.matching_models import matching_model
from ttp.storage.tables.projects import project
from ttp.storage.tables.providers import account_link, provider_session
from ttp.storage.tables.pseudonyms import original, pseudonym, secondary_pseudonym
from ttp.storage.tables.quality import (
    decision_time,
    quality_check,
    quality_frame,
    quality_mark,
    quality_vote,
)
from ttp.storage.tables.releases import release
from ttp.storage.tables.restores import (
    announced_restore,
    log_standing,
    lost_checkpoint,
    peer_log,
    restore,
)
from ttp.storage.tables.review import (
    case_lease,
    case_source,
    decision,
    decision_edge,
    decision_pair,
    decision_undo,
    disclosure,
    review_case,
    review_pair,
    saved_view,
)
from ttp.storage.tables.rotation import key_destruction, key_rotation, keyring_backup
from ttp.storage.tables.transport import transfer, transport_id

__all__ = [
    "account_link",
    "announced_restore",
    "api_key",
    "approval",
    "audit_checkpoint",
    "audit_leaf",
    "audit_node",
    "awaited_pair",
    "awaited_relation",
    "case_lease",
    "case_source",
    "center_identity",
    "client",
    "client_domain",
    "consent",
    "cosigned",
    "decision",
    "decision_edge",
    "decision_pair",
    "decision_time",
    "decision_undo",
    "disclosure",
    "domain",
    "domain_alias",
    "domain_parent",
    "edge",
    "event",
    "evidence",
    "evidence_use",
    "grant",
    "grant_use",
    "idempotency",
    "identifier",
    "identity",
    "identity_change",
    "identity_version",
    "key_destruction",
    "key_rotation",
    "key_statement",
    "keyring_backup",
    "lease",
    "linkage_secret",
    "log_check",
    "log_standing",
    "login_failure",
    "lost_checkpoint",
    "matching_model",
    "message_time",
    "metadata",
    "original",
    "peer",
    "peer_key",
    "peer_log",
    "population",
    "project",
    "project_member",
    "provider_session",
    "pseudonym",
    "pseudonym_told",
    "quality_check",
    "quality_frame",
    "quality_mark",
    "quality_vote",
    "recovery_code",
    "refusal",
    "release",
    "request_nonce",
    "restore",
    "review_case",
    "review_pair",
    "said_relation",
    "saved_view",
    "second_factor",
    "secondary_pseudonym",
    "source_rank",
    "staff",
    "staff_session",
    "submission_canary",
    "task",
    "transfer",
    "transport_id",
    "used_tokens",
    "webhook",
    "witnessed_checkpoint",
]
