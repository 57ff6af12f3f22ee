"""The transaction: what a use case sees and changes of the database, as one protocol of stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ttp.core.accounts import ClientStore, StaffStore
from ttp.core.api_keys import ApiKeyStore
from ttp.core.approvals import ApprovalStore
from ttp.core.audit import AuditStore
from ttp.core.case_work import CaseWorkStore
from ttp.core.center_identity import CenterIdentityStore
from ttp.core.consent import ConsentStore
from ttp.core.desk import DeskStore
from ttp.core.domains import DomainStore
from ttp.core.events import EventStore
from ttp.core.evidence import EvidenceStore
from ttp.core.hospital import HospitalStore
from ttp.core.idempotency import IdempotencyStore
from ttp.core.identities import IdentityStore
from ttp.core.identity_life import IdentityLifeStore
from ttp.core.key_destruction import DestructionStore
from ttp.core.key_statements import PeerKeyStore, StatementStore
from ttp.core.keyed_rows import KeyedRowStore, ScopeStore
from ttp.core.linkage_secrets import SecretStore
from ttp.core.log_check import LogCheckStore
from ttp.core.log_standing import StandingStore
from ttp.core.logins import LoginStore
from ttp.core.matching_models import ModelStore
from ttp.core.peer_logs import PeerLogStore
from ttp.core.peers import NonceStore, PeerStore
from ttp.core.persons import EdgeStore
from ttp.core.project_pseudonyms import MemberStore
from ttp.core.projects import ProjectStore
from ttp.core.providers import ProviderStore
from ttp.core.pseudonym_life import LifeStore
from ttp.core.pseudonym_pages import PseudonymPages
from ttp.core.pseudonym_states import PseudonymStateStore
from ttp.core.pseudonyms import PseudonymStore
from ttp.core.quality_desk import QualityStore
from ttp.core.releases import ReleaseStore
from ttp.core.restores import RestoreStore
from ttp.core.review import ReviewStore
from ttp.core.rotation import RotationStore
from ttp.core.second_factors import SecondFactorStore
from ttp.core.sessions import SessionStore
from ttp.core.successions import SuccessionStore
from ttp.core.tasks import TaskStore
from ttp.core.transfers import TransferStore
from ttp.core.webhooks import WebhookStore
from ttp.core.witnessing import WitnessStore


class Transaction(Protocol):
    """One database transaction: all stores see and change the same state; it commits as a whole or not at all."""

    @property
    def leaves(self) -> Sequence[bytes]:
        """Hashes of the leaves recorded so far, oldest first; acknowledgments name them."""
        ...

    @property
    def domains(self) -> DomainStore:
        """Domains."""
        ...

    @property
    def pseudonyms(self) -> PseudonymStore:
        """Pseudonyms."""
        ...

    @property
    def pseudonym_states(self) -> PseudonymStateStore:
        """What became of pseudonyms, and until when they are valid."""
        ...

    @property
    def pseudonym_pages(self) -> PseudonymPages:
        """Pseudonyms in their order."""
        ...

    @property
    def lives(self) -> LifeStore:
        """Ends of pseudonyms."""
        ...

    @property
    def clients(self) -> ClientStore:
        """Clients and grants."""
        ...

    @property
    def api_keys(self) -> ApiKeyStore:
        """API keys of clients."""
        ...

    @property
    def staff(self) -> StaffStore:
        """Staff."""
        ...

    @property
    def sessions(self) -> SessionStore:
        """Sessions of staff."""
        ...

    @property
    def second_factors(self) -> SecondFactorStore:
        """Second factors of staff."""
        ...

    @property
    def desk(self) -> DeskStore:
        """A reviewer's lists."""
        ...

    @property
    def providers(self) -> ProviderStore:
        """What identity providers vouch for."""
        ...

    @property
    def logins(self) -> LoginStore:
        """Failed logins."""
        ...

    @property
    def projects(self) -> ProjectStore:
        """Projects."""
        ...

    @property
    def consents(self) -> ConsentStore:
        """Consent statements."""
        ...

    @property
    def quality(self) -> QualityStore:
        """The quality desk."""
        ...

    @property
    def releases(self) -> ReleaseStore:
        """Releases."""
        ...

    @property
    def approvals(self) -> ApprovalStore:
        """Four-eyes requests."""
        ...

    @property
    def audit(self) -> AuditStore:
        """The audit log."""
        ...

    @property
    def idempotency(self) -> IdempotencyStore:
        """Answers kept for repeated requests."""
        ...

    @property
    def identities(self) -> IdentityStore:
        """Populations and identities."""
        ...

    @property
    def identity_life(self) -> IdentityLifeStore:
        """States, pins and changes of identities, and the order of sources."""
        ...

    @property
    def edges(self) -> EdgeStore:
        """Edges and persons."""
        ...

    @property
    def hospital(self) -> HospitalStore:
        """What hospital systems said."""
        ...

    @property
    def review(self) -> ReviewStore:
        """Review cases and decisions."""
        ...

    @property
    def models(self) -> ModelStore:
        """Versions of the matching model."""
        ...

    @property
    def case_work(self) -> CaseWorkStore:
        """The work around cases."""
        ...

    @property
    def peers(self) -> PeerStore:
        """Peers."""
        ...

    @property
    def peer_keys(self) -> PeerKeyStore:
        """What is believed of peers' keys."""
        ...

    @property
    def statements(self) -> StatementStore:
        """Statements about keys."""
        ...

    @property
    def nonces(self) -> NonceStore:
        """Nonces of signed requests."""
        ...

    @property
    def secrets(self) -> SecretStore:
        """Descriptions of linkage secrets."""
        ...

    @property
    def tasks(self) -> TaskStore:
        """Long work."""
        ...

    @property
    def evidence(self) -> EvidenceStore:
        """Weighed evidence and its budgets."""
        ...

    @property
    def events(self) -> EventStore:
        """Events for those who hold pseudonyms."""
        ...

    @property
    def transfers(self) -> TransferStore:
        """Transfers between clients."""
        ...

    @property
    def webhooks(self) -> WebhookStore:
        """Webhooks of clients."""
        ...

    @property
    def successions(self) -> SuccessionStore:
        """Which pseudonyms succeed which."""
        ...

    @property
    def members(self) -> MemberStore:
        """Fetched project pseudonyms."""
        ...

    @property
    def witnessing(self) -> WitnessStore:
        """Checkpoints co-signed for others and by others."""
        ...

    @property
    def rotations(self) -> RotationStore:
        """Rotations of keys."""
        ...

    @property
    def scopes(self) -> ScopeStore:
        """What keys are for, and the epochs of their indexes."""
        ...

    @property
    def keyed_rows(self) -> KeyedRowStore:
        """Rows that are indexed or sealed under keys."""
        ...

    @property
    def destructions(self) -> DestructionStore:
        """Destructions of keys, and copies of the keyring."""
        ...

    @property
    def center_identity(self) -> CenterIdentityStore:
        """The keyring this database belongs to."""
        ...

    @property
    def standing(self) -> StandingStore:
        """Whether the log stands beyond doubt."""
        ...

    @property
    def restores(self) -> RestoreStore:
        """Restores that two persons accepted."""
        ...

    @property
    def log_checks(self) -> LogCheckStore:
        """What checks of the log found."""
        ...

    @property
    def peer_logs(self) -> PeerLogStore:
        """What is known of peers' logs."""
        ...
