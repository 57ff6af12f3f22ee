"""Bodies about domains: what is sent to make or change one, and how one is written in an answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from ttp.api.bodies import Body
from ttp.core.check_digits import CheckMethod
from ttp.core.domain_policy import About, Generation, LifeCycle, ParentRule
from ttp.core.domains import (
    DEFAULT_ALPHABET,
    DEFAULT_LENGTH,
    Domain,
    DomainKind,
    DomainStatistics,
    NewDomain,
    PseudonymForm,
    alphabet_named,
)
from ttp.core.names import DomainName
from ttp.core.validity import Validity
from ttp.services.domains.read_domains import DomainView


class FormBody(Body):
    """What pseudonyms look like."""

    alphabet: str = Field(
        DEFAULT_ALPHABET, max_length=64, description="a name, or 2 to 64 characters"
    )
    length: int = Field(DEFAULT_LENGTH, ge=1, le=255)
    prefix: str = Field("", max_length=32)
    suffix: str = Field("", max_length=32)
    delimiter: str = Field("", max_length=1)
    delimiter_every: int = Field(0, ge=0, le=255)
    last_character_after: int = Field(0, ge=0, le=49)
    check_digits: CheckMethod = Field(CheckMethod.NONE, strict=False)
    detected_errors: int = Field(2, ge=1, le=9)
    check_prefix: bool = False
    check_suffix: bool = False

    def form(self) -> PseudonymForm:
        """The form. Raises InvalidField."""
        return PseudonymForm(
            alphabet_named(self.alphabet),
            self.length,
            self.prefix,
            self.check_digits.value,
            suffix=self.suffix,
            delimiter=self.delimiter,
            delimiter_every=self.delimiter_every,
            last_character_after=self.last_character_after,
            detected_errors=self.detected_errors,
            check_prefix=self.check_prefix,
            check_suffix=self.check_suffix,
        )


class AboutBody(Body):
    """What people know of a domain."""

    label: str = Field("", max_length=255)
    comment: str = Field("", max_length=2000)
    owner: str = Field("", max_length=255)

    def about(self) -> About:
        """The description."""
        return About(self.label, self.comment, self.owner)


class NewDomainBody(Body):
    """A domain to be made."""

    name: str = Field(max_length=63)
    aliases: list[str] = Field(default_factory=list, max_length=32)
    kind: DomainKind = Field(DomainKind.VALUE, strict=False)
    multi: bool = False
    form: FormBody = Field(default_factory=lambda: FormBody.model_validate({}))
    generation: Generation = Field(Generation.RANDOM, strict=False)
    deletable: bool = False
    anonymizable: bool = True
    accepts_foreign: bool = Field(False, description="pseudonyms of any form may be imported")
    validity: str | None = Field(None, max_length=32, description="ISO 8601 duration")
    parents: list[str] = Field(default_factory=list, max_length=16)
    parent_rule: ParentRule = Field(ParentRule.OFF, strict=False)
    about: AboutBody = Field(default_factory=lambda: AboutBody.model_validate({}))
    draft: bool = Field(False, description="begin as a draft, whose form can still change")

    def new(self) -> NewDomain:
        """What is to be made. Raises InvalidField."""
        return NewDomain(
            DomainName(self.name),
            self.form.form(),
            kind=self.kind,
            multi=self.multi,
            deletable=self.deletable,
            aliases=tuple(self.aliases),
            anonymizable=self.anonymizable,
            accepts_foreign=self.accepts_foreign,
            validity=Validity(self.validity) if self.validity else None,
            parents=tuple(self.parents),
            parent_rule=self.parent_rule,
            generation=self.generation,
            state=LifeCycle.DRAFT if self.draft else LifeCycle.ACTIVE,
            about=self.about.about(),
        )


class ChangeBody(Body):
    """What to change at once: the description, and the form of a draft."""

    about: AboutBody | None = None
    form: FormBody | None = None


class DomainEntry(BaseModel):
    """A domain, the form of its pseudonyms and its policy."""

    name: str
    aliases: list[str]
    kind: DomainKind
    multi: bool
    state: LifeCycle
    generation: Generation
    project: str | None
    alphabet: str
    length: int
    prefix: str
    suffix: str
    delimiter: str
    delimiter_every: int
    last_character_after: int
    check_digits: CheckMethod
    detected_errors: int
    check_prefix: bool
    check_suffix: bool
    deletable: bool
    anonymizable: bool
    accepts_foreign: bool
    validity: str | None
    parents: list[str]
    parent_rule: ParentRule
    label: str
    comment: str
    owner: str
    capacity: str = Field(description="how many pseudonyms there can be, in decimal digits")
    half_full: bool = Field(description="whether half of them are used")


class StatisticsEntry(BaseModel):
    """How many pseudonyms a domain has in each state; ``used`` is the share of its capacity in percent."""

    domain: str
    issued: int
    active: int
    anonymized: int
    deleted: int
    superseded: int
    expired: int
    capacity: str
    used: float


def entry_of(view: DomainView) -> dict[str, Any]:
    """The JSON form of a domain."""
    one = view.domain
    return {
        "name": one.name,
        "aliases": list(view.aliases),
        "kind": one.kind.value,
        "multi": one.multi,
        "state": one.state.value,
        "generation": one.generation.value,
        "project": one.project,
        **form_of(one.form),
        "deletable": one.deletable,
        "anonymizable": one.anonymizable,
        "accepts_foreign": one.accepts_foreign,
        "validity": one.validity.text if one.validity else None,
        "parents": list(view.parents),
        "parent_rule": one.parent_rule.value,
        **asdict(one.about),
        "capacity": str(one.form.capacity),
        "half_full": view.half_full,
    }


def form_of(form: PseudonymForm) -> dict[str, Any]:
    """The JSON form of what pseudonyms look like."""
    return {
        "alphabet": form.alphabet,
        "length": form.length,
        "prefix": form.prefix,
        "suffix": form.suffix,
        "delimiter": form.delimiter,
        "delimiter_every": form.delimiter_every,
        "last_character_after": form.last_character_after,
        "check_digits": str(form.check),
        "detected_errors": form.detected_errors,
        "check_prefix": form.check_prefix,
        "check_suffix": form.check_suffix,
    }


def statistics_of(domain: Domain, found: DomainStatistics) -> dict[str, Any]:
    """The JSON form of what a domain has issued."""
    return {
        "domain": domain.name,
        **asdict(found),
        "capacity": str(domain.form.capacity),
        "used": 100 * found.used(domain),
    }
