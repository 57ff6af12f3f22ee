"""Tables: one file per concept. Rows of history are added and tombstoned, never edited away."""

from ttp.storage.tables.access import client, client_domain, grant, grant_use, staff, staff_session
from ttp.storage.tables.approvals import approval
from ttp.storage.tables.audit import audit_checkpoint, audit_leaf, audit_node, lease, refusal
from ttp.storage.tables.base import metadata
from ttp.storage.tables.domains import domain, domain_alias
from ttp.storage.tables.idempotency import idempotency
from ttp.storage.tables.logins import login_failure
from ttp.storage.tables.pseudonyms import original, pseudonym, secondary_pseudonym

__all__ = [
    "approval",
    "audit_checkpoint",
    "audit_leaf",
    "audit_node",
    "client",
    "client_domain",
    "domain",
    "domain_alias",
    "grant",
    "grant_use",
    "idempotency",
    "lease",
    "login_failure",
    "metadata",
    "original",
    "pseudonym",
    "refusal",
    "secondary_pseudonym",
    "staff",
    "staff_session",
]
