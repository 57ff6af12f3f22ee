"""Create a domain: its form is fixed for good once it is active, its keys are made with it."""

from __future__ import annotations

from keys.keyring import Purpose
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domain_policy import (
    SMALLEST_DERIVED,
    SMALLEST_PERMUTED,
    Generation,
    LifeCycle,
    ParentRule,
)
from ttp.core.domains import Domain, DomainKind, NewDomain, require_about
from ttp.core.errors import InvalidField, InvalidName
from ttp.core.event_kinds import EventKind
from ttp.core.names import slug
from ttp.core.ports import Transaction
from ttp.core.pseudonym_form import PseudonymForm
from ttp.services.domains.place_domain import place_domain
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.pseudonyms.link_originals import ensure_domain_keys


def create_domain(center: Center, tx: Transaction, actor: Actor, new: NewDomain) -> Domain:
    """Make the domain and its first keys.

    Raises:
        NotAllowed, InvalidName, InvalidField, AlreadyExists, UnknownDomain: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    slug(new.name, of="domain")
    for alias in new.aliases:
        _check_alias(alias)
    require_about(new.about)
    if new.state not in {LifeCycle.DRAFT, LifeCycle.ACTIVE}:
        raise InvalidField("A domain begins as a draft or active.")
    require_generation(new)
    if new.kind is DomainKind.PERSON and new.project is None:
        require_of_persons(new)
    require_rule(new.parent_rule, len(new.parents))
    version = ensure_domain_keys(center, new.name)
    domain = tx.domains.add(new, index_version=version, token_version=_token_key(center, new))
    if new.parents:
        place_domain(tx, domain, new.parents)
    facts = {
        "kind": domain.kind.value,
        "multi": str(domain.multi).lower(),
        "generation": domain.generation.value,
        "state": domain.state.value,
    }
    record_leaf(center, tx, actor, Act(EventKind.DOMAIN_CREATED, domain=domain.name, facts=facts))
    return domain


def require_generation(new: NewDomain) -> None:
    """Pass if pseudonyms of such a domain may be generated so.

    Raises:
        InvalidField: a deterministic domain of a project, with several pseudonyms, or with too few of them.
    """
    if new.generation is Generation.RANDOM:
        return
    if new.project is not None:
        raise InvalidField("Pseudonyms of a project are never deterministic.")
    if new.multi:
        raise InvalidField("A deterministic domain gives one pseudonym per original.")
    if new.generation is Generation.FORMAT_PRESERVING and new.kind is DomainKind.PERSON:
        raise InvalidField("Persons have no format to preserve.")
    require_capacity(new.generation, new.form)


def require_of_persons(new: NewDomain) -> None:
    """Pass if persons of this center can be the originals of such a domain.

    Raises:
        InvalidField: several pseudonyms a person, foreign ones, or a rule that originals are pseudonyms.
    """
    if new.multi or new.accepts_foreign or new.parent_rule is not ParentRule.OFF:
        raise InvalidField(
            "A domain of persons gives one pseudonym a person, takes none over and has no parent rule."
        )


def require_capacity(generation: Generation, form: PseudonymForm) -> None:
    """Pass if the form has enough pseudonyms for a deterministic domain.

    Raises:
        InvalidField: fewer than 2⁸⁰ where they are derived, a million where the format is preserved.
    """
    if generation is Generation.DERIVED and form.capacity < SMALLEST_DERIVED:
        raise InvalidField("Derived pseudonyms need a form with at least 2^80 different ones.")
    if generation is Generation.FORMAT_PRESERVING and form.capacity < SMALLEST_PERMUTED:
        raise InvalidField("Format preserving pseudonyms need at least 1,000,000 different ones.")


def require_rule(rule: ParentRule, parents: int) -> None:
    """Pass if the rule has parents to look at.

    Raises:
        InvalidField: there is a rule and no parent.
    """
    if rule is not ParentRule.OFF and not parents:
        raise InvalidField("A rule on parents needs at least one parent domain.")


def _token_key(center: Center, new: NewDomain) -> int | None:
    if new.generation is Generation.RANDOM:
        return None
    return center.keyring.ensure(Purpose.TOKEN, new.name)


def _check_alias(alias: str) -> None:
    if not 1 <= len(alias) <= 512 or not alias.isprintable():
        raise InvalidName("An alias has 1 to 512 printable characters.")
