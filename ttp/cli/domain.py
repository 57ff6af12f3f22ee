"""``ttp domain``: make, list, show, count and change domains, and lead them through their life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ttp.cli.columns import print_columns
from ttp.cli.domain_options import ABOUT, FORM, RULES, given_form, new_form, with_options
from ttp.cli.home import center_of
from ttp.cli.persons import acting, as_person

if TYPE_CHECKING:
    from ttp.services.domains.read_domains import DomainView

STATES = ("draft", "active", "frozen", "retired")


@click.group()
def domain() -> None:
    """Domains: named spaces in which an original has its pseudonyms."""


@domain.command()
@click.argument("name")
@click.option("--multi", is_flag=True, help="Several pseudonyms per original.")
@with_options(FORM)
@click.option("--check-character", is_flag=True, help="Short for --check-digits iso7064.")
@click.option(
    "--generation",
    type=click.Choice(("random", "derived", "format-preserving")),
    default="random",
    show_default=True,
)
@click.option("--deletable", is_flag=True, help="Originals may be deleted.")
@click.option("--accepts-foreign", is_flag=True, help="Pseudonyms of any form may be imported.")
@click.option("--keep-links", is_flag=True, help="Originals may not be anonymized.")
@click.option("--validity", help="How long pseudonyms are valid, such as P1Y6M.")
@click.option("--parent", "parents", multiple=True, help="A parent domain; repeatable.")
@click.option("--parent-rule", type=click.Choice(RULES), default="off", show_default=True)
@click.option("--persons", "--person", "person", is_flag=True, help="Originals are persons here.")
@click.option("--alias", multiple=True, help="Other name or URI of the domain; repeatable.")
@with_options(ABOUT)
@click.option("--draft", is_flag=True, help="Begin as a draft, whose form can still change.")
@click.pass_context
def create(ctx: click.Context, /, *, name: str, **how: Any) -> None:
    """Make the domain NAME. What its pseudonyms look like is fixed once it is active."""
    from ttp.core.access import OPERATOR
    from ttp.core.domain_policy import About, Generation, LifeCycle, ParentRule
    from ttp.core.domains import DomainKind, NewDomain
    from ttp.core.names import DomainName
    from ttp.core.validity import Validity
    from ttp.services.domains.create_domain import create_domain

    if how["check_character"] and not how["check_digits"]:
        how["check_digits"] = "iso7064"
    about = {key: how[key] or "" for key in ("label", "comment", "owner")}
    new = NewDomain(
        DomainName(name),
        new_form(how),
        kind=DomainKind.PERSON if how["person"] else DomainKind.VALUE,
        multi=how["multi"],
        deletable=how["deletable"],
        aliases=how["alias"],
        anonymizable=not how["keep_links"],
        accepts_foreign=how["accepts_foreign"],
        validity=Validity(how["validity"]) if how["validity"] else None,
        parents=how["parents"],
        parent_rule=ParentRule(how["parent_rule"]),
        generation=Generation(how["generation"]),
        state=LifeCycle.DRAFT if how["draft"] else LifeCycle.ACTIVE,
        about=About(**about),
    )
    center = center_of(ctx)
    made = center.work.run(lambda tx: create_domain(center, tx, OPERATOR, new))
    click.echo(f"Domain '{made.name}' made: {made.form.capacity:,} possible pseudonyms.")


@domain.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those that stand so.")
@click.option("--text", default="", help="Part of a name, label or owner.")
@click.option("--after", default="", help="The last one of the page before.")
@click.option("--limit", type=click.IntRange(1, 500), default=500, show_default=True)
@click.pass_context
def list_domains(
    ctx: click.Context, *, state: str | None, text: str, after: str, limit: int
) -> None:
    """List domains by name, with what they have issued."""
    from ttp.core.access import OPERATOR
    from ttp.core.domain_policy import LifeCycle
    from ttp.core.domains import DomainFilter
    from ttp.services.domains import read_domains

    wanted = DomainFilter(LifeCycle(state) if state else None, text=text, after=after)
    page = center_of(ctx).work.run(
        lambda tx: read_domains.list_domains(tx, OPERATOR, wanted, limit=limit, counted=True),
        write=False,
    )
    titles = ("name", "kind", "pseudonyms", "form", "issued", "capacity", "deletable", "state")
    print_columns(titles, [_row(one) for one in page.domains])
    if page.after:
        click.echo(f"More: --after {page.after}", err=True)


@domain.command()
@click.argument("name")
@click.pass_context
def show(ctx: click.Context, *, name: str) -> None:
    """Show the domain NAME (or alias): form, policy, parents and life."""
    from ttp.core.access import OPERATOR
    from ttp.services.domains.read_domains import show_domain

    work = center_of(ctx).work
    view = work.run(lambda tx: show_domain(tx, OPERATOR, domain=name), write=False)
    print_columns(("what", ""), list(_facts(view).items()))


@domain.command()
@click.argument("name")
@click.pass_context
def statistics(ctx: click.Context, *, name: str) -> None:
    """Count what the domain NAME has issued, and what became of it."""
    from dataclasses import asdict

    from ttp.core.access import OPERATOR
    from ttp.services.domains.read_domains import count_domain

    work = center_of(ctx).work
    space, found = work.run(lambda tx: count_domain(tx, OPERATOR, domain=name), write=False)
    facts = {**asdict(found), "capacity": space.form.capacity}
    facts["used"] = f"{100 * found.used(space):.4g} %"
    print_columns(("what", ""), list(facts.items()))


@domain.command()
@click.argument("name")
@with_options(FORM)
@with_options(ABOUT)
@click.option("--deletable/--not-deletable", default=None, help="Asks for another policy.")
@click.option("--anonymizable/--not-anonymizable", default=None, help="Asks for another policy.")
@click.option("--validity", help="Asks for another policy: a duration such as P1Y6M, or none.")
@click.option("--parent", "parents", multiple=True, help="Asks for these parents; 'none' for none.")
@click.option("--parent-rule", type=click.Choice(RULES), help="Asks for another policy.")
@as_person
@click.pass_context
def change(ctx: click.Context, /, *, name: str, account: str | None, **how: Any) -> None:
    """Change the domain NAME: label, comment, owner at once; its form while it is a draft.

    Another policy needs a second person, see: ttp approval.
    """
    center = center_of(ctx)
    actor = acting(center, account)
    done = [step(center, actor, name, how) for step in (_describe, _ask)]
    if not any(done):
        raise click.UsageError("Say what to change.")


@domain.command()
@click.argument("name")
@as_person
@click.pass_context
def activate(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Let the draft or frozen domain NAME issue pseudonyms."""
    _lead(ctx, name, account, "active")


@domain.command()
@click.argument("name")
@as_person
@click.pass_context
def freeze(ctx: click.Context, *, name: str, account: str | None) -> None:
    """Let the domain NAME only be read, until it is activated again."""
    _lead(ctx, name, account, "frozen")


@domain.command()
@click.argument("name")
@as_person
@click.pass_context
def retire(ctx: click.Context, *, name: str, account: str | None) -> None:
    """End the domain NAME for good; links can still be anonymized and deleted."""
    _lead(ctx, name, account, "retired")


def _lead(ctx: click.Context, name: str, account: str | None, to: str) -> None:
    from ttp.core.domain_policy import LifeCycle
    from ttp.services.domains.lead_domain import lead_domain

    center, target = center_of(ctx), LifeCycle(to)
    actor = acting(center, account)
    led = center.work.run(lambda tx: lead_domain(center, tx, actor, domain=name, to=target))
    click.echo(f"Domain '{led.name}' is {led.state}.")


def _describe(center: Any, actor: Any, name: str, how: dict[str, Any]) -> bool:
    from dataclasses import replace

    from ttp.services.domains.lead_domain import change_domain

    about = {key: how[key] for key in ("label", "comment", "owner") if how[key] is not None}
    shape = given_form(how)
    if not about and not shape:
        return False

    def step(tx: Any) -> object:
        space = tx.domains.get_for_change(name)
        return change_domain(
            center,
            tx,
            actor,
            domain=name,
            about=replace(space.about, **about) if about else None,
            form=replace(space.form, **shape) if shape else None,
        )

    center.work.run(step)
    click.echo(f"Domain '{name}' changed.")
    return True


def _ask(center: Any, actor: Any, name: str, how: dict[str, Any]) -> bool:
    from ttp.core.domain_policy import ParentRule
    from ttp.services.domains.change_domain_policy import request_domain_policy

    asked = {key: how[key] for key in ("deletable", "anonymizable", "validity")}
    asked["parent_rule"] = ParentRule(how["parent_rule"]) if how["parent_rule"] else None
    asked["parents"] = [one for one in how["parents"] if one != "none"] if how["parents"] else None
    if all(value is None for value in asked.values()):
        return False
    approval = center.work.run(
        lambda tx: request_domain_policy(center, tx, actor, domain=name, **asked)
    )
    click.echo(f"Asked; another person agrees with: ttp approval approve {approval.id}")
    return True


def _row(view: DomainView) -> tuple[object, ...]:
    one, found = view.domain, view.statistics
    return (
        one.name,
        one.kind.value,
        "several" if one.multi else "one",
        one.form.pattern,
        found.issued if found else "-",
        one.form.capacity,
        "yes" if one.deletable else "no",
        f"{one.state.value}{', half full' if view.half_full else ''}",
    )


def _facts(view: DomainView) -> dict[str, object]:
    one, words = view.domain, {True: "yes", False: "no"}
    return {
        "name": one.name,
        "aliases": " ".join(view.aliases) or "-",
        "state": one.state.value,
        "kind": one.kind.value,
        "pseudonyms": "several" if one.multi else "one",
        "form": one.form.pattern,
        "alphabet": one.form.alphabet,
        "check digits": one.form.check,
        "generation": one.generation.value,
        "capacity": one.form.capacity,
        "half full": words[view.half_full],
        "deletable": words[one.deletable],
        "anonymizable": words[one.anonymizable],
        "validity": one.validity.text if one.validity else "none",
        "parents": " ".join(view.parents) or "none",
        "parent rule": one.parent_rule.value,
        "label": one.about.label or "-",
        "owner": one.about.owner or "-",
        "comment": one.about.comment or "-",
    }
