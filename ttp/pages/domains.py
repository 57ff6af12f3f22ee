"""Domains: what each issues and how much of it is used."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict

from keys.tokens import ALPHABETS
from ttp.core.access import Right
from ttp.core.domains import Domain, NewDomain, PseudonymForm, alphabet_named
from ttp.core.errors import InvalidField
from ttp.core.names import DomainName
from ttp.core.ports import Transaction
from ttp.http.center import read, the_center, write
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.create_domain import create_domain


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain as the page lists it. ``used`` is the share of its capacity, 0 to 1."""

    domain: Domain
    issued: int
    used: float
    alphabet: str


@page("/domains", right=Right.ADMINISTER)
def domains() -> str:
    """All domains with their counts, and a form for a new one."""
    rows = read(_rows)
    return render_template("domains.html", rows=rows, alphabets=sorted(ALPHABETS))


@page("/domains", right=Right.ADMINISTER, method="POST")
def make_domain() -> Response:
    """Create a domain."""
    new, actor = _new_domain(request.form), person().actor
    write(lambda tx: create_domain(the_center(), tx, actor, new))
    return go(url_for(".domains"))


def _rows(tx: Transaction) -> list[DomainRow]:
    return [_row(domain, tx.pseudonyms.count(domain)) for domain in tx.domains.all()]


def _row(domain: Domain, issued: int) -> DomainRow:
    names = {alphabet.characters: name for name, alphabet in ALPHABETS.items()}
    characters = domain.form.alphabet
    return DomainRow(
        domain, issued, issued / domain.form.capacity, names.get(characters, characters)
    )


def _new_domain(form: ImmutableMultiDict[str, str]) -> NewDomain:
    shape = PseudonymForm(
        alphabet_named(form.get("alphabet", "")),
        _length(form.get("length", "")),
        form.get("prefix", "").strip(),
        "iso7064" if "check" in form else "none",
    )
    name = DomainName(form.get("name", "").strip())
    return NewDomain(name, shape, multi="multi" in form, deletable="deletable" in form)


def _length(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise InvalidField("The length of a pseudonym is a number.")
    return int(text)
