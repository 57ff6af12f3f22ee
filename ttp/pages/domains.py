"""Domains: what each issues, how much of it is used, where it stands; with the forms to make and to lead them."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from flask import Response, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict

from keys.tokens import ALPHABETS
from ttp.core.access import Right
from ttp.core.check_digits import CheckMethod
from ttp.core.domain_policy import About, Generation, LifeCycle, ParentRule
from ttp.core.domains import DomainFilter, DomainKind, NewDomain, PseudonymForm, alphabet_named
from ttp.core.errors import InvalidField
from ttp.core.names import DomainName
from ttp.core.ports import Transaction
from ttp.core.validity import Validity
from ttp.http.center import read, the_center, write
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.domains.change_domain_policy import request_domain_policy
from ttp.services.domains.create_domain import create_domain
from ttp.services.domains.lead_domain import change_domain, lead_domain
from ttp.services.domains.read_domains import count_domain, family_of, list_domains, show_domain

Choice = TypeVar("Choice", bound=StrEnum)
BADGES = {"draft": "info", "active": "good", "frozen": "plain", "retired": "plain"}


@page("/domains", right=Right.ADMINISTER)
def domains() -> str:
    """Domains by name with their counts, filtered by state and text, and a form for a new one."""
    actor, asked = person().actor, request.args
    state = _one_of(LifeCycle, asked["state"]) if asked.get("state") else None
    text, after = asked.get("text", "").strip(), asked.get("after", "")
    wanted = DomainFilter(state, text=text, after=after)
    found = read(lambda tx: list_domains(tx, actor, wanted, limit=50, counted=True))
    return render_template(
        "domains.html",
        page=found,
        filters={"state": state, "text": text},
        after=after,
        badges=BADGES,
        alphabets=sorted(ALPHABETS),
        named={alphabet.characters: name for name, alphabet in ALPHABETS.items()},
        methods=[one.value for one in CheckMethod],
        generations=list(Generation),
        rules=list(ParentRule),
        states=list(LifeCycle),
    )


@page("/domains", right=Right.ADMINISTER, method="POST")
def make_domain() -> Response:
    """Create a domain."""
    new, actor = _new_domain(request.form), person().actor
    write(lambda tx: create_domain(the_center(), tx, actor, new))
    return go(url_for(".domain", name=new.name))


@page("/domains/<string:name>", right=Right.ADMINISTER)
def domain(name: str) -> str:
    """One domain: form, policy, statistics, parents and children."""
    actor = person().actor

    def look(tx: Transaction) -> dict[str, object]:
        view = show_domain(tx, actor, domain=name)
        above, below = family_of(tx, view.domain)
        _, statistics = count_domain(tx, actor, domain=name)
        return {"view": view, "statistics": statistics, "above": above, "below": below}

    named = {alphabet.characters: name for name, alphabet in ALPHABETS.items()}
    shown = read(look)
    return render_template(
        "domain.html", badges=BADGES, rules=list(ParentRule), named=named, **shown
    )


@page("/domains/<string:name>/about", right=Right.ADMINISTER, method="POST")
def describe_domain(name: str) -> Response:
    """Change label, comment and owner."""
    form, actor = request.form, person().actor
    write(lambda tx: change_domain(the_center(), tx, actor, domain=name, about=_about(form)))
    return go(url_for(".domain", name=name))


@page("/domains/<string:name>/life", right=Right.ADMINISTER, method="POST")
def move_domain(name: str) -> Response:
    """Activate, freeze or retire it."""
    to, actor = _one_of(LifeCycle, request.form.get("to", "")), person().actor
    write(lambda tx: lead_domain(the_center(), tx, actor, domain=name, to=to))
    return go(url_for(".domain", name=name))


@page("/domains/<string:name>/policy", right=Right.ADMINISTER, method="POST")
def ask_for_policy(name: str) -> Response:
    """Ask another person for another policy; what stays as it is is not asked for."""
    form, actor = request.form, person().actor

    def ask(tx: Transaction) -> object:
        view = show_domain(tx, actor, domain=name)
        policy, parents = view.domain.policy, form.get("parents", "").split()
        validity = form.get("validity", "").strip()
        rule = _one_of(ParentRule, form.get("parent_rule", ""))
        former = policy.validity.text if policy.validity else ""
        return request_domain_policy(
            the_center(),
            tx,
            actor,
            domain=name,
            deletable=_changed("deletable" in form, policy.deletable),
            anonymizable=_changed("anonymizable" in form, policy.anonymizable),
            validity=_changed(validity or "none", former or "none"),
            parent_rule=_changed(rule, policy.parent_rule),
            parents=_changed(sorted(parents), sorted(view.parents)),
        )

    write(ask)
    return go(url_for(".approvals"))


Value = TypeVar("Value")


def _changed(value: Value, former: object) -> Value | None:
    return None if value == former else value


def _new_domain(form: ImmutableMultiDict[str, str]) -> NewDomain:
    validity = form.get("validity", "").strip()
    return NewDomain(
        DomainName(form.get("name", "").strip()),
        _shape(form),
        kind=DomainKind.PERSON if "persons" in form else DomainKind.VALUE,
        multi="multi" in form,
        deletable="deletable" in form,
        anonymizable="keep_links" not in form,
        validity=Validity(validity) if validity else None,
        parents=tuple(form.get("parents", "").split()),
        parent_rule=_one_of(ParentRule, form.get("parent_rule") or ParentRule.OFF),
        generation=_one_of(Generation, form.get("generation") or Generation.RANDOM),
        state=LifeCycle.DRAFT if "draft" in form else LifeCycle.ACTIVE,
        about=_about(form),
    )


def _shape(form: ImmutableMultiDict[str, str]) -> PseudonymForm:
    return PseudonymForm(
        alphabet_named(form.get("custom", "").strip() or form.get("alphabet", "")),
        _number(form.get("length", "")),
        form.get("prefix", "").strip(),
        form.get("check") or CheckMethod.NONE.value,
        suffix=form.get("suffix", "").strip(),
        delimiter=form.get("delimiter", "").strip(),
        delimiter_every=_number(form.get("delimiter_every") or "0"),
    )


def _about(form: ImmutableMultiDict[str, str]) -> About:
    label, comment, owner = (form.get(name, "").strip() for name in ("label", "comment", "owner"))
    return About(label, comment, owner)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise InvalidField("The length of a pseudonym is a number.")
    return int(text)


def _one_of(choices: type[Choice], text: str) -> Choice:
    try:
        return choices(text)
    except ValueError:
        raise InvalidField("There is no such choice.") from None
