"""Rights of routes: what each route for programs needs. A route that is not declared here fails the matrix test.

The declaration is checked, not obeyed: use cases require rights themselves, whichever door asks
(``tests/access/test_matrix.py`` compares the two for every caller). Pages declare theirs where they are
(``ttp.pages.routing``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ttp.core.access import Right


class Door(StrEnum):
    """Who passes at all."""

    OPEN = "open"  # everybody
    SIGNED = "signed"  # peers, by the signature of their request
    CALLER = "caller"  # whoever is authenticated; what they see is theirs


class Place(StrEnum):
    """What the path or body of a request names, and limits of the caller are compared with."""

    DOMAIN = "domain"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route needs: a door, and behind it perhaps a right, perhaps in one place."""

    door: Door
    right: Right | None = None
    place: Place | None = None


OPEN = Needs(Door.OPEN)
SIGNED = Needs(Door.SIGNED)
CALLER = Needs(Door.CALLER)


def _in_domain(right: Right) -> Needs:
    return Needs(Door.CALLER, right, Place.DOMAIN)


def _in_project(right: Right) -> Needs:
    return Needs(Door.CALLER, right, Place.PROJECT)


NEEDS: dict[str, Needs] = {
    "openapi": OPEN,
    "health.live": OPEN,
    "health.ready": OPEN,
    "health.metrics": OPEN,
    "federation.trust": OPEN,
    "federation.key_statements": OPEN,
    "federation.projects": SIGNED,
    "federation.linkage_secrets": SIGNED,
    "federation.announcements": SIGNED,
    "federation.submissions": SIGNED,
    "federation.evidence": SIGNED,
    "federation.project_pseudonyms": SIGNED,
    "federation.checkpoints": SIGNED,
    "federation.latest": SIGNED,
    "federation.restores": SIGNED,
    "federation.peer_statements": SIGNED,
    "permissions.refused": SIGNED,
    "domains.list_domains": CALLER,
    "domains.make_domain": Needs(Door.CALLER, Right.ADMINISTER),
    "domains.show_one": Needs(Door.CALLER, place=Place.DOMAIN),
    "domains.count_one": Needs(Door.CALLER, place=Place.DOMAIN),
    "domains.change_one": _in_domain(Right.ADMINISTER),
    "domains.activate": _in_domain(Right.ADMINISTER),
    "domains.freeze": _in_domain(Right.ADMINISTER),
    "domains.retire": _in_domain(Right.ADMINISTER),
    "domains.limit": _in_domain(Right.ADMINISTER),
    "pseudonyms.issue": _in_domain(Right.ISSUE),
    "pseudonyms.resolve": _in_domain(Right.RESOLVE),
    "pseudonyms.anonymize": _in_domain(Right.ANONYMIZE),
    "pseudonyms.delete": _in_domain(Right.DELETE),
    "pseudonym-life.bring": _in_domain(Right.IMPORT),
    "pseudonym-life.validate": _in_domain(Right.LOOKUP),
    "pseudonym-life.translate": _in_domain(Right.RESOLVE),  # and issue in the other domain
    "pseudonym-life.tree": _in_domain(Right.LOOKUP),
    "person-pseudonyms.issue": _in_domain(Right.ISSUE),
    "person-pseudonyms.resolve": _in_domain(Right.RESOLVE),
    "erasures.erase": Needs(Door.CALLER, Right.ANONYMIZE),  # and in each domain that is named
    "erasures.everywhere": Needs(Door.CALLER, Right.ANONYMIZE),
    "identities.register": Needs(Door.CALLER, Right.REGISTER),
    "identities.register_fhir": Needs(Door.CALLER, Right.REGISTER),
    "hospital.merges": Needs(Door.CALLER, Right.REGISTER),
    "hospital.messages": Needs(Door.CALLER, Right.REGISTER),
    "persons.lookup": Needs(Door.CALLER, Right.READ_PERSON),
    "persons.read_person": Needs(Door.CALLER, Right.READ_PERSON),
    "persons.history": Needs(Door.CALLER, Right.READ_PERSON),
    "persons.search": Needs(Door.CALLER, Right.READ_PERSON),
    "persons.show_sources": Needs(Door.CALLER, Right.READ_PERSON),
    "persons.set_sources": Needs(Door.CALLER, Right.ADMINISTER),
    "identity-life.deactivate": Needs(Door.CALLER, Right.MANAGE_PERSON),
    "identity-life.reactivate": Needs(Door.CALLER, Right.MANAGE_PERSON),
    "identity-life.prefer": Needs(Door.CALLER, Right.MANAGE_PERSON),
    "identity-life.ask_for_deletion": Needs(Door.CALLER, Right.MANAGE_PERSON),
    "identity-life.receipt": Needs(Door.CALLER, Right.MANAGE_PERSON),
    "identity-life.ask_for_access": Needs(Door.CALLER, Right.MANAGE_PERSON),
    "identity-life.carry_out_access": Needs(Door.CALLER, Right.MANAGE_PERSON),
    "consents.record": Needs(Door.CALLER, Right.RECORD_CONSENT),
    "projects.list_projects": Needs(Door.CALLER, Right.READ_PROJECT),
    "projects.download": _in_project(Right.READ_RELEASE),
    "events.feed": Needs(Door.CALLER, Right.READ_EVENTS),
    "events.list_own": Needs(Door.CALLER, Right.READ_EVENTS),
    "events.add": Needs(Door.CALLER, Right.READ_EVENTS),
    "events.remove": Needs(Door.CALLER, Right.READ_EVENTS),
    "events.pause": Needs(Door.CALLER, Right.READ_EVENTS),
    "events.resume": Needs(Door.CALLER, Right.READ_EVENTS),
    "transfers.hand_in": _in_project(Right.TRANSPORT),
    "transfers.exchange": _in_project(Right.TRANSPORT),
    "transfers.date_shifts": _in_project(Right.TRANSPORT),
    "transfers.salts": _in_project(Right.TRANSPORT),
    "linkage-tasks.submit": _in_project(Right.LINK),
    "linkage-tasks.link": _in_project(Right.LINK),
    "linkage-tasks.fetch": _in_project(Right.LINK),
    "linkage-tasks.list_tasks": _in_project(Right.LINK),
    "linkage-tasks.show_task": _in_project(Right.LINK),
    "audit.checkpoint": Needs(Door.CALLER, Right.READ_AUDIT),
    "audit.inclusion": Needs(Door.CALLER, Right.READ_AUDIT),
    "audit.consistency": Needs(Door.CALLER, Right.READ_AUDIT),
    "approvals.list_requests": CALLER,  # their own, or all to who may approve
    "approvals.get_request": CALLER,
    "approvals.withdraw": CALLER,
    "approvals.approve": Needs(Door.CALLER, Right.APPROVE),
    "approvals.refuse": Needs(Door.CALLER, Right.APPROVE),
    "approvals.ask_for_grant": Needs(Door.CALLER, Right.ADMINISTER),
    "approvals.ask_for_policy": Needs(Door.CALLER, Right.ADMINISTER),
    "cases.list_queue": Needs(Door.CALLER, Right.REVIEW),
    "cases.export": Needs(Door.CALLER, Right.REVIEW),
    "cases.get_case": Needs(Door.CALLER, Right.REVIEW),
    "cases.decide": Needs(Door.CALLER, Right.REVIEW),
    "cases.exclude": Needs(Door.CALLER, Right.REVIEW),
    "cases.split": Needs(Door.CALLER, Right.REVIEW),
    "cases.decide_together": Needs(Door.CALLER, Right.REVIEW),
    "cases.undo_together": Needs(Door.CALLER, Right.REVIEW),
    "cases.undo": Needs(Door.CALLER, Right.REVIEW),
    "cases.foresee_undo": Needs(Door.CALLER, Right.REVIEW),
    "cases.foresee_decision": Needs(Door.CALLER, Right.REVIEW),
    "cases.work": Needs(Door.CALLER, Right.REVIEW),
    "cases.assign": Needs(Door.CALLER, Right.REVIEW),
    "cases.pair": Needs(Door.CALLER, Right.REVIEW),
    "matching-models.list_all": Needs(Door.CALLER, Right.REVIEW),
    "matching-models.show": Needs(Door.CALLER, Right.REVIEW),
    "matching-models.learn": Needs(Door.CALLER, Right.ADMINISTER),
    "matching-models.compare": Needs(Door.CALLER, Right.ADMINISTER),
    "matching-models.activate": Needs(Door.CALLER, Right.ADMINISTER),
    "reidentifications.ask": Needs(Door.CALLER, Right.REIDENTIFY),  # of any domain: another decides
    "reidentifications.carry_out": Needs(Door.CALLER, Right.REIDENTIFY),
    "reidentifications.emergency": Needs(Door.CALLER, Right.BREAK_GLASS),
    "fhir.metadata": OPEN,
    "fhir.definitions": OPEN,
    "fhir.definition": OPEN,
    "fhir.operation": CALLER,  # and the right of the operation, below
    "fhir.bundle": CALLER,  # each entry is answered by itself
    "fhir.base": CALLER,
    "fhir.other": OPEN,  # says that there is nothing
    "fhir.unknown": OPEN,
    "gpas.metadata": OPEN,
    "gpas.pseudonymizeAllowCreate": _in_domain(Right.ISSUE),
    "gpas.pseudonymize_allow_create": _in_domain(Right.ISSUE),
    "gpas.pseudonymize": _in_domain(Right.LOOKUP),
    "gpas.dePseudonymize": _in_domain(Right.RESOLVE),
    "gpas.de_pseudonymize": _in_domain(Right.RESOLVE),
    "gpas.anonymizeOriginals": _in_domain(Right.ANONYMIZE),
    "gpas.deletePseudonyms": _in_domain(Right.DELETE),
    "gpas.insert": CALLER,  # each item is answered by itself
    "gpas.secondary": CALLER,  # each item is answered by itself
    "gpas.pseudonymizeAllowCreate_by_url": CALLER,  # refused, or needs what the POST needs
    "gpas.pseudonymize_allow_create_by_url": CALLER,
    "gpas.pseudonymize_by_url": _in_domain(Right.LOOKUP),  # the probe of clients
    "gpas.dePseudonymize_by_url": CALLER,
    "gpas.de_pseudonymize_by_url": CALLER,
    "gpas.unknown": OPEN,
    "entici.metadata": OPEN,
    "entici.pseudonymize": _in_domain(Right.ISSUE),
    "entici.unknown": OPEN,
    "vfps_fhir.metadata": OPEN,
    "vfps_fhir.create": _in_domain(Right.ISSUE),
    "vfps_fhir.unknown": OPEN,
    "vfps.make_namespace": Needs(Door.CALLER, Right.ADMINISTER),
    "vfps.list_namespaces": CALLER,
    "vfps.show_namespace": _in_domain(Right.LOOKUP),
    "vfps.delete_namespace": CALLER,  # refused to everybody
    "vfps.issue": _in_domain(Right.ISSUE),
    "vfps.list_pseudonyms": _in_domain(Right.LOOKUP),
    "vfps.resolve": CALLER,  # refused, or needs the right to resolve
    "vfps.unknown": OPEN,
    "fts.transport_mapping": _in_project(Right.TRANSPORT),  # and issue in the domains it names
    "fts.transport_mappings": _in_project(Right.TRANSPORT),
    "fts.secure_mapping": _in_project(Right.TRANSPORT),
}

FHIR_OPERATIONS: dict[str, Needs] = {
    "pseudonymize": _in_domain(Right.ISSUE),
    "pseudonymize-multiple": _in_domain(Right.ISSUE),
    "get-pseudonym": _in_domain(Right.LOOKUP),
    "de-pseudonymize": _in_domain(Right.RESOLVE),
    "delete-pseudonym": _in_domain(Right.DELETE),
    "anonymize-original": _in_domain(Right.ANONYMIZE),
}
