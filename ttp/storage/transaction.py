"""The transaction: every store bound to one connection, so that all see and change the same state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import Connection

from ttp.storage.access import SqlClientStore, SqlStaffStore
from ttp.storage.api_keys import SqlApiKeyStore
from ttp.storage.approvals import SqlApprovalStore
from ttp.storage.audit import SqlAuditStore
from ttp.storage.case_work import SqlCaseWorkStore
from ttp.storage.center_identity import SqlCenterIdentityStore
from ttp.storage.consents import SqlConsentStore
from ttp.storage.desk import SqlDeskStore
from ttp.storage.domains import SqlDomainStore
from ttp.storage.edges import SqlEdgeStore
from ttp.storage.events import SqlEventStore
from ttp.storage.evidence import SqlEvidenceStore
from ttp.storage.hospital import SqlHospitalStore
from ttp.storage.idempotency import SqlIdempotencyStore
from ttp.storage.identities import SqlIdentityStore
from ttp.storage.identity_life import SqlIdentityLifeStore
from ttp.storage.index_epochs import SqlScopeStore
from ttp.storage.key_destruction import SqlDestructionStore
from ttp.storage.key_statements import SqlPeerKeyStore, SqlStatementStore
from ttp.storage.keyed_rows import SqlKeyedRowStore
from ttp.storage.linkage_secrets import SqlSecretStore
from ttp.storage.log_checks import SqlLogCheckStore
from ttp.storage.logins import SqlLoginStore
from ttp.storage.matching_models import SqlModelStore
from ttp.storage.peers import SqlNonceStore, SqlPeerStore
from ttp.storage.project_pseudonyms import SqlMemberStore, SqlSuccessionStore
from ttp.storage.projects import SqlProjectStore
from ttp.storage.providers import SqlProviderStore
from ttp.storage.pseudonym_life import SqlLifeStore
from ttp.storage.pseudonym_pages import SqlPseudonymPages
from ttp.storage.pseudonym_states import SqlPseudonymStateStore
from ttp.storage.pseudonyms import SqlPseudonymStore
from ttp.storage.quality import SqlQualityStore
from ttp.storage.releases import SqlReleaseStore
from ttp.storage.restores import SqlPeerLogStore, SqlRestoreStore, SqlStandingStore
from ttp.storage.review import SqlReviewStore
from ttp.storage.rotation import SqlRotationStore
from ttp.storage.second_factors import SqlSecondFactorStore
from ttp.storage.sessions import SqlSessionStore
from ttp.storage.tasks import SqlTaskStore
from ttp.storage.transfers import SqlTransferStore
from ttp.storage.webhooks import SqlWebhookStore
from ttp.storage.witnessing import SqlWitnessStore


class SqlTransaction:
    """One open transaction and the stores that see it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def leaves(self) -> Sequence[bytes]:
        """Hashes of the leaves recorded so far, oldest first; acknowledgments name them."""
        return self.audit.recorded if "audit" in self.__dict__ else ()

    def committing(self) -> None:
        """It is about to be committed."""
        if "audit" in self.__dict__:
            self.audit.committing()

    def committed(self) -> None:
        """It is committed; leaves to come name those it recorded."""
        if "audit" in self.__dict__:
            self.audit.committed()

    @cached_property
    def domains(self) -> SqlDomainStore:
        """Domains."""
        return SqlDomainStore(self.connection)

    @cached_property
    def pseudonyms(self) -> SqlPseudonymStore:
        """Pseudonyms."""
        return SqlPseudonymStore(self.connection)

    @cached_property
    def pseudonym_states(self) -> SqlPseudonymStateStore:
        """What became of pseudonyms, and until when they are valid."""
        return SqlPseudonymStateStore(self.connection)

    @cached_property
    def pseudonym_pages(self) -> SqlPseudonymPages:
        """Pseudonyms in their order."""
        return SqlPseudonymPages(self.connection)

    @cached_property
    def lives(self) -> SqlLifeStore:
        """Ends of pseudonyms."""
        return SqlLifeStore(self.connection)

    @cached_property
    def clients(self) -> SqlClientStore:
        """Clients and grants."""
        return SqlClientStore(self.connection)

    @cached_property
    def api_keys(self) -> SqlApiKeyStore:
        """API keys of clients."""
        return SqlApiKeyStore(self.connection)

    @cached_property
    def staff(self) -> SqlStaffStore:
        """Staff."""
        return SqlStaffStore(self.connection)

    @cached_property
    def sessions(self) -> SqlSessionStore:
        """Sessions of staff."""
        return SqlSessionStore(self.connection)

    @cached_property
    def second_factors(self) -> SqlSecondFactorStore:
        """Second factors of staff."""
        return SqlSecondFactorStore(self.connection)

    @cached_property
    def desk(self) -> SqlDeskStore:
        """A reviewer's lists."""
        return SqlDeskStore(self.connection)

    @cached_property
    def providers(self) -> SqlProviderStore:
        """What identity providers vouch for."""
        return SqlProviderStore(self.connection)

    @cached_property
    def logins(self) -> SqlLoginStore:
        """Failed logins."""
        return SqlLoginStore(self.connection)

    @cached_property
    def projects(self) -> SqlProjectStore:
        """Projects."""
        return SqlProjectStore(self.connection)

    @cached_property
    def consents(self) -> SqlConsentStore:
        """Consent statements."""
        return SqlConsentStore(self.connection)

    @cached_property
    def quality(self) -> SqlQualityStore:
        """The quality desk."""
        return SqlQualityStore(self.connection)

    @cached_property
    def releases(self) -> SqlReleaseStore:
        """Releases."""
        return SqlReleaseStore(self.connection)

    @cached_property
    def approvals(self) -> SqlApprovalStore:
        """Four-eyes requests."""
        return SqlApprovalStore(self.connection)

    @cached_property
    def audit(self) -> SqlAuditStore:
        """The audit log."""
        return SqlAuditStore(self.connection)

    @cached_property
    def idempotency(self) -> SqlIdempotencyStore:
        """Answers kept for repeated requests."""
        return SqlIdempotencyStore(self.connection)

    @cached_property
    def identities(self) -> SqlIdentityStore:
        """Populations and identities."""
        return SqlIdentityStore(self.connection)

    @cached_property
    def identity_life(self) -> SqlIdentityLifeStore:
        """States, pins and changes of identities, and the order of sources."""
        return SqlIdentityLifeStore(self.connection)

    @cached_property
    def edges(self) -> SqlEdgeStore:
        """Edges and persons."""
        return SqlEdgeStore(self.connection)

    @cached_property
    def hospital(self) -> SqlHospitalStore:
        """What hospital systems said."""
        return SqlHospitalStore(self.connection)

    @cached_property
    def review(self) -> SqlReviewStore:
        """Review cases and decisions."""
        return SqlReviewStore(self.connection)

    @cached_property
    def models(self) -> SqlModelStore:
        """Versions of the matching model."""
        return SqlModelStore(self.connection)

    @cached_property
    def case_work(self) -> SqlCaseWorkStore:
        """The work around cases."""
        return SqlCaseWorkStore(self.connection)

    @cached_property
    def peers(self) -> SqlPeerStore:
        """Peers."""
        return SqlPeerStore(self.connection)

    @cached_property
    def peer_keys(self) -> SqlPeerKeyStore:
        """What is believed of peers' keys."""
        return SqlPeerKeyStore(self.connection)

    @cached_property
    def statements(self) -> SqlStatementStore:
        """Statements about keys."""
        return SqlStatementStore(self.connection)

    @cached_property
    def nonces(self) -> SqlNonceStore:
        """Nonces of signed requests."""
        return SqlNonceStore(self.connection)

    @cached_property
    def secrets(self) -> SqlSecretStore:
        """Descriptions of linkage secrets."""
        return SqlSecretStore(self.connection)

    @cached_property
    def tasks(self) -> SqlTaskStore:
        """Long work."""
        return SqlTaskStore(self.connection)

    @cached_property
    def evidence(self) -> SqlEvidenceStore:
        """Weighed evidence and its budgets."""
        return SqlEvidenceStore(self.connection)

    @cached_property
    def events(self) -> SqlEventStore:
        """Events for those who hold pseudonyms."""
        return SqlEventStore(self.connection)

    @cached_property
    def transfers(self) -> SqlTransferStore:
        """Transfers between clients."""
        return SqlTransferStore(self.connection)

    @cached_property
    def webhooks(self) -> SqlWebhookStore:
        """Webhooks of clients."""
        return SqlWebhookStore(self.connection)

    @cached_property
    def successions(self) -> SqlSuccessionStore:
        """Which pseudonyms succeed which."""
        return SqlSuccessionStore(self.connection)

    @cached_property
    def members(self) -> SqlMemberStore:
        """Fetched project pseudonyms."""
        return SqlMemberStore(self.connection)

    @cached_property
    def witnessing(self) -> SqlWitnessStore:
        """Checkpoints co-signed for others and by others."""
        return SqlWitnessStore(self.connection)

    @cached_property
    def rotations(self) -> SqlRotationStore:
        """Rotations of keys."""
        return SqlRotationStore(self.connection)

    @cached_property
    def scopes(self) -> SqlScopeStore:
        """What keys are for, and the epochs of their indexes."""
        return SqlScopeStore(self.connection)

    @cached_property
    def keyed_rows(self) -> SqlKeyedRowStore:
        """Rows that are indexed or sealed under keys."""
        return SqlKeyedRowStore(self.connection)

    @cached_property
    def destructions(self) -> SqlDestructionStore:
        """Destructions of keys, and copies of the keyring."""
        return SqlDestructionStore(self.connection)

    @cached_property
    def center_identity(self) -> SqlCenterIdentityStore:
        """The keyring this database belongs to."""
        return SqlCenterIdentityStore(self.connection)

    @cached_property
    def standing(self) -> SqlStandingStore:
        """Whether the log stands beyond doubt."""
        return SqlStandingStore(self.connection)

    @cached_property
    def restores(self) -> SqlRestoreStore:
        """Restores that two persons accepted."""
        return SqlRestoreStore(self.connection)

    @cached_property
    def log_checks(self) -> SqlLogCheckStore:
        """What checks of the log found."""
        return SqlLogCheckStore(self.connection)

    @cached_property
    def peer_logs(self) -> SqlPeerLogStore:
        """What is known of peers' logs."""
        return SqlPeerLogStore(self.connection)
