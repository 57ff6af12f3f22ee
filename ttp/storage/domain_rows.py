"""Rows of domains: how a domain becomes columns, and comes back from them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from keys.blind_index import IndexEpoch
from ttp.core.domain_policy import About, Generation, LifeCycle, ParentRule, Policy
from ttp.core.domains import Domain, DomainKind, NewDomain, PseudonymForm
from ttp.core.names import DomainName, ProjectName
from ttp.core.validity import Validity


def new_columns(new: NewDomain) -> dict[str, object]:
    """The columns of a new domain but its keys."""
    return {
        "name": new.name,
        "kind": new.kind.value,
        "multi": new.multi,
        "project": new.project,
        "generation": new.generation.value,
        "state": new.state.value,
        "accepts_foreign": new.accepts_foreign,
        **form_columns(new.form),
        **policy_columns(new.policy, expires=False),
        **about_columns(new.about),
    }


def form_columns(form: PseudonymForm) -> dict[str, object]:
    """The columns of the form of pseudonyms."""
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


def policy_columns(policy: Policy, *, expires: bool) -> dict[str, object]:
    """The columns of the policy; what could expire before still can."""
    return {
        "deletable": policy.deletable,
        "anonymizable": policy.anonymizable,
        "validity": policy.validity.text if policy.validity else None,
        "expires": expires or policy.validity is not None,
        "parent_rule": policy.parent_rule.value,
    }


def about_columns(about: About) -> dict[str, object]:
    """The columns of what people know of it."""
    return {"label": about.label, "comment": about.comment, "owner": about.owner}


def domain_of(row: Row[Any]) -> Domain:
    """The domain of a row."""
    return Domain(
        id=row.id,
        name=DomainName(row.name),
        kind=DomainKind(row.kind),
        multi=row.multi,
        form=_form(row),
        deletable=row.deletable,
        project=ProjectName(row.project) if row.project else None,
        epoch=IndexEpoch(row.index_version, row.next_index_version, row.index_turned),
        anonymizable=row.anonymizable,
        validity=Validity(row.validity) if row.validity else None,
        expires=row.expires,
        parent_rule=ParentRule(row.parent_rule),
        generation=Generation(row.generation),
        token_version=row.token_version,
        state=LifeCycle(row.state),
        about=About(row.label, row.comment, row.owner),
        half_full=row.half_full,
        accepts_foreign=row.accepts_foreign,
    )


def _form(row: Row[Any]) -> PseudonymForm:
    return PseudonymForm(
        row.alphabet,
        row.length,
        row.prefix,
        row.check_digits,
        suffix=row.suffix,
        delimiter=row.delimiter,
        delimiter_every=row.delimiter_every,
        last_character_after=row.last_character_after,
        detected_errors=row.detected_errors,
        check_prefix=row.check_prefix,
        check_suffix=row.check_suffix,
    )
