"""Answer evidence: about records this site submitted to the project, with codes and encodings, never with names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from linkage.encode import Encoder
from linkage.normalize import Unreadable, normalize
from linkage.schema import Kind
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import NotAllowed, TooManyItems
from ttp.core.event_kinds import EventKind
from ttp.core.evidence import DAILY_BUDGET, MAXIMAL_QUESTIONS, Code, EvidenceBudgetExceeded
from ttp.core.evidence_scoring import evidence_schema
from ttp.core.federation import require_local
from ttp.core.names import IdentityId, Original, PersonId, Pseudonym
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.services.consents.may_use import may_use
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.projects.encode_patients import Record, records_of, records_under
from ttp.services.projects.hold_linkage_secret import newest_secret, secret_material
from ttp.services.pseudonyms.link_originals import SINGLE, open_originals

TWINS_UP_TO = 50_000
"""Identities up to which a site looks for twins of every asked patient; beyond, the code is left out."""
_PARTICLES = frozenset(
    {
        "von",
        "van",
        "de",
        "der",
        "den",
        "zu",
        "zum",
        "zur",
        "vom",
        "af",
        "av",
        "di",
        "da",
        "del",
        "della",
        "le",
        "la",
        "el",
        "al",
        "ten",
        "ter",
    }
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A submission pseudonym, the person it stands for, and the record in clear."""

    pseudonym: Pseudonym
    person: PersonId
    record: Record


def answer_evidence(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, pseudonyms: Sequence[str]
) -> dict[str, Any]:
    """Codes and encodings of each asked record, and the commitment of the secret they were made with.

    1. This site encodes for this active project, and the project's linking center asks.
    2. At most 500 records at once, 5,000 a day.
    3. Only submission pseudonyms of this project are answered; the others are listed as unknown.
    4. Patients whose data may no longer be used are listed as withdrawn.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed, TooManyItems, EvidenceBudgetExceeded,
        NoLinkageSecret: and nothing is answered.
    """
    actor.require(Right.FEDERATE)
    # 1. project and asker
    project = site_project(center, tx, actor, project_name)
    # 2. budget
    _spend(center, tx, actor, project, len(pseudonyms))
    # 3. own submissions only
    persons = submitted_persons(center, tx, project, pseudonyms)
    # 4. consent
    usable = may_use(tx, list(persons.values()), project, at=center.clock.now())
    purpose = f"evidence for project {project.name}"
    records = records_of(center, tx, sorted(usable), purpose=purpose)
    asked = [
        _Asked(token, person, records[person])
        for token, person in persons.items()
        if person in records
    ]
    twins = _twins(center, tx, asked)
    encoder = _encoder(center, tx, project)
    answers = _answers(encoder, asked, twins)
    _record(center, tx, actor, project, asked, len(pseudonyms))
    return {
        "commitment": encoder.commitment,
        "records": answers,
        "withdrawn": sorted(token for token, person in persons.items() if person not in usable),
        "unknown": sorted(set(pseudonyms) - persons.keys()),
    }


def site_project(center: Center, tx: Transaction, actor: Actor, name: str) -> Project:
    """The project, if this center is a site of it and the asking peer links it.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed: otherwise.
    """
    require_local(center)
    project = tx.projects.get(name)
    project.require_active(center.clock.now())
    project.require_site(center.name)
    if actor.name != project.terms.linking_center:
        raise NotAllowed("Only the project's linking center asks about its submissions.")
    return project


def submitted_persons(
    center: Center, tx: Transaction, project: Project, pseudonyms: Sequence[str]
) -> dict[Pseudonym, PersonId]:
    """The present person behind each submission pseudonym of the project that this site issued."""
    domain = tx.domains.get(project.submission_domain)
    envelopes = tx.pseudonyms.envelopes(domain, [Pseudonym(token) for token in set(pseudonyms)])
    sealed = {token.encode(): envelope for token, envelope in envelopes.items()}
    originals = open_originals(center, domain, SINGLE, sealed)
    identities = {
        Pseudonym(token.decode()): _identity(original) for token, original in originals.items()
    }
    known = tx.identities.get(sorted(set(identities.values())))
    return {
        token: known[identity].person
        for token, identity in sorted(identities.items())
        if identity in known
    }


def _identity(original: Original) -> IdentityId:
    """A person bears the ID of its oldest identity, so the original still leads there after a merge."""
    return IdentityId(UUID(original))


def _spend(center: Center, tx: Transaction, actor: Actor, project: Project, amount: int) -> None:
    if amount > MAXIMAL_QUESTIONS:
        raise TooManyItems(f"A request asks about at most {MAXIMAL_QUESTIONS} records.")
    day = center.clock.now().date()
    if not tx.evidence.spend(project.name, actor.name, day=day, amount=amount, budget=DAILY_BUDGET):
        raise EvidenceBudgetExceeded


def _encoder(center: Center, tx: Transaction, project: Project) -> Encoder:
    secret = secret_material(center, newest_secret(tx, project)).secret
    return Encoder(evidence_schema(), secret=secret, project=f"{project.name}/evidence")


def _answers(
    encoder: Encoder, asked: Sequence[_Asked], twins: set[PersonId]
) -> dict[str, dict[str, Any]]:
    own = records_under(encoder, {one.pseudonym: one.record for one in asked})
    born = _variants(encoder, asked, _born)
    turned = _variants(encoder, asked, _turned)
    codes = {one.pseudonym: _codes(one, twins) for one in asked}
    return {
        record.pseudonym: {
            "codes": sorted(codes[Pseudonym(record.pseudonym)]),
            "encoding": record.document(),
            "born": born.get(record.pseudonym),
            "turned": turned.get(record.pseudonym),
        }
        for record in own
        if not record.is_empty
    }


def _variants(
    encoder: Encoder, asked: Sequence[_Asked], vary: Callable[[Record], Record | None]
) -> dict[str, dict[str, Any]]:
    """The encodings of records that were changed in one way, where they can be."""
    varied = {one.pseudonym: vary(one.record) for one in asked}
    named = {str(token): record for token, record in varied.items() if record}
    return {record.pseudonym: record.document() for record in records_under(encoder, named)}


def _born(record: Record) -> Record | None:
    name = record.get("birth_name")
    return {**record, "surname": name} if name else None


def _turned(record: Record) -> Record | None:
    given, surname = record.get("given_name"), record.get("surname")
    return {**record, "given_name": surname, "surname": given} if given and surname else None


def _codes(one: _Asked, twins: set[PersonId]) -> set[Code]:
    record = one.record
    surname = _parts(record, "surname", Kind.SURNAME)
    born = _parts(record, "birth_name", Kind.SURNAME)
    found = {
        Code.TWIN_KNOWN: one.person in twins,
        Code.NAME_HAS_PARTICLE: bool(
            _PARTICLES & set((record.get("surname") or "").lower().split())
        ),
        Code.NAME_HAS_PARTS: max(len(surname), len(_parts(record, "given_name", Kind.GIVEN_NAME)))
        > 1,
        Code.BIRTH_NAME_DIFFERS: bool(born) and born != surname,
        Code.KVNR_PRESENT: bool(record.get("kvnr")),
        Code.BIRTH_DATE_ESTIMATED: (record.get("birth_date") or "").endswith("-01-01"),
    }
    return {code for code, holds in found.items() if holds}


def _twins(center: Center, tx: Transaction, asked: Sequence[_Asked]) -> set[PersonId]:
    """The asked persons of whom another person has surname and birth date, but not the given name."""
    identities, _ = tx.identities.count(LOCAL)
    if not asked or identities > TWINS_UP_TO:
        return set()
    persons = {member.person for member in tx.releases.members(LOCAL)}
    every = records_of(center, tx, sorted(persons), purpose="twins of patients asked about")
    families = Counter(_family(record) for record in every.values())
    namesakes = Counter((_family(record), _given(record)) for record in every.values())
    return {
        one.person
        for one in asked
        if all(_family(one.record))
        and families[_family(one.record)] > namesakes[_family(one.record), _given(one.record)]
    }


def _family(record: Mapping[str, str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _parts(record, "surname", Kind.SURNAME), _parts(record, "birth_date", Kind.DATE)


def _given(record: Mapping[str, str | None]) -> tuple[str, ...]:
    return _parts(record, "given_name", Kind.GIVEN_NAME)


def _parts(record: Mapping[str, str | None], field: str, kind: Kind) -> tuple[str, ...]:
    try:
        return normalize(record.get(field), kind=kind)
    except Unreadable:
        return ()


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project: Project,
    asked: Sequence[_Asked],
    questions: int,
) -> None:
    act = Act(
        EventKind.EVIDENCE_ANSWERED,
        domain=project.submission_domain,
        purpose=f"possible matches of project {project.name}",
        counts={"asked": questions, "answered": len(asked)},
        facts={"project": project.name},
        subjects=tuple(str(one.person).encode() for one in asked),
    )
    record_leaf(center, tx, actor, act)
