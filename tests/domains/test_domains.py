"""Forms, generation, validity, parents, life cycle and warnings of domains, as requests meet them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import ManualClock
from tests.services.pseudonyms.asking import Asking
from ttp.core.access import OPERATOR
from ttp.core.approvals import Approval
from ttp.core.domain_policy import (
    About,
    AnonymizationNotAllowed,
    DomainDraft,
    DomainFrozen,
    DomainRetired,
    Generation,
    LifeCycle,
    ParentRule,
    WrongLifeCycle,
)
from ttp.core.domains import Domain, DomainFilter
from ttp.core.errors import (
    Conflict,
    DeletionNotAllowed,
    DomainExhausted,
    InvalidField,
    UnknownOriginal,
)
from ttp.core.pseudonym_form import PseudonymForm
from ttp.core.pseudonym_states import PseudonymExpired
from ttp.core.pseudonyms import Issued
from ttp.core.validity import Validity
from ttp.services.domains.change_domain_policy import apply_domain_policy, request_domain_policy
from ttp.services.domains.lead_domain import change_domain, lead_domain
from ttp.services.domains.place_domain import ParentCycle
from ttp.services.domains.read_domains import list_domains, show_domain
from ttp.services.domains.warn_of_full_domains import nearly_full, warn_of_full_domains
from ttp.services.pseudonyms.derive_pseudonyms import WrongFormat
from ttp.services.pseudonyms.keep_validity import limit_pseudonyms
from ttp.services.pseudonyms.obey_parents import NotAParentPseudonym

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def lead(ask: Asking, domain: Domain, to: LifeCycle) -> Domain:
    center = ask.center
    return center.work.run(lambda tx: lead_domain(center, tx, OPERATOR, domain=domain.name, to=to))


def change_policy(ask: Asking, domain: Domain, **how: Any) -> Approval:
    center = ask.center
    asked = center.work.run(
        lambda tx: request_domain_policy(center, tx, OPERATOR, domain=domain.name, **how)
    )
    return center.work.run(lambda tx: apply_domain_policy(center, tx, OPERATOR, asked))


FORMS: dict[str, dict[str, Any]] = {
    "suffix": {"suffix": "-X", "prefix": "P_"},
    "groups": {"delimiter": "-", "delimiter_every": 4, "check": "iso7064"},
    "gPAS groups": {"alphabet": "symbol32", "last_character_after": 3, "check": "gpas-hamming"},
    "checked prefix": {
        "alphabet": "digits",
        "prefix": "47",
        "suffix": "11",
        "check": "damm",
        "check_prefix": True,
        "check_suffix": True,
    },
    "three errors": {"alphabet": "symbol31", "check": "reed-solomon", "detected_errors": 3},
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_survive_the_database_and_find_mistypes(ask: Asking, form: str) -> None:
    domain = ask.domain(length=9, **FORMS[form])
    (token,) = ask.tokens(domain, ["x"])
    assert domain.form.fits(token)
    assert len(token) == domain.form.total == len(domain.form.pattern)
    assert ask.resolve(domain, [token]) == [("x",)]
    if domain.form.check_length:
        at = len(domain.form.prefix)
        wrong = next(one for one in domain.form.drawn_characters if one != token[at])
        assert not domain.form.fits(token[:at] + wrong + token[at + 1 :])


def test_the_delimiter_of_gpas_takes_places_and_is_never_drawn() -> None:
    form = PseudonymForm("ABC", 8, last_character_after=3)
    assert form.pattern == "xxxCxxxC"
    assert form.capacity == 2**6
    assert {one.count("C") for one in form.draw(50)} == {2}


def test_small_forms_are_used_up_to_the_last_pseudonym(ask: Asking) -> None:
    domain = ask.domain(alphabet="ABC", length=3, last_character_after=1)
    found = ask.issue(domain, [str(number) for number in range(5)])
    assert sum(isinstance(one, Issued) for one in found) == domain.form.capacity == 4
    assert sum(isinstance(one, DomainExhausted) for one in found) == 1


def test_half_full_domains_are_warned_of_once(ask: Asking) -> None:
    domain = ask.domain(alphabet="digits", length=1)
    ask.tokens(domain, ["a", "b", "c", "d"])
    assert domain.name not in ask.center.work.run(nearly_full)
    ask.tokens(domain, ["e"])
    assert domain.name in ask.center.work.run(nearly_full)
    assert warn_of_full_domains(ask.center) >= 1
    assert warn_of_full_domains(ask.center) == 0
    assert [act["action"] for act in ask.acts(domain)][-1] == "domain.half-full"
    view = ask.center.work.run(lambda tx: show_domain(tx, OPERATOR, domain=domain.name))
    assert view.half_full


@pytest.mark.parametrize("erase", ["anonymize", "delete"])
def test_derived_pseudonyms_come_back_after_an_erasure(ask: Asking, erase: str) -> None:
    domain = ask.domain(generation=Generation.DERIVED, deletable=True, check="iso7064")
    tokens = ask.tokens(domain, ["x", "y"])
    getattr(ask, erase)(domain, ["x"])
    assert isinstance(ask.issue(domain, ["x"], create=False)[0], UnknownOriginal)
    assert ask.tokens(domain, ["x", "y"]) == tokens
    assert ask.resolve(domain, tokens) == [("x",), ("y",)]


def test_format_preserving_pseudonyms_have_the_form_of_their_originals(ask: Asking) -> None:
    domain = ask.domain(generation=Generation.FORMAT_PRESERVING, alphabet="digits", length=8)
    found = ask.issue(domain, ["00000000", "12345678", "1234567", "1234567x"])
    assert [type(one) for one in found] == [Issued, Issued, WrongFormat, WrongFormat]
    assert all(len(one.pseudonym) == 8 for one in found[:2])


@pytest.mark.parametrize(
    "how",
    [
        {"generation": Generation.DERIVED, "length": 15},
        {"generation": Generation.FORMAT_PRESERVING, "alphabet": "digits", "length": 5},
        {"generation": Generation.DERIVED, "multi": True},
        {"generation": Generation.DERIVED, "project": "p"},
        {"parent_rule": ParentRule.VALIDATE},
        {"state": LifeCycle.FROZEN},
        {"about": About(label="x" * 256)},
    ],
)
def test_domains_that_cannot_be_are_not_made(ask: Asking, how: dict[str, Any]) -> None:
    with pytest.raises(InvalidField):
        ask.domain(**how)


def test_a_domain_is_led_from_draft_to_its_end(ask: Asking) -> None:
    domain = ask.domain(state=LifeCycle.DRAFT, deletable=True)
    with pytest.raises(DomainDraft):
        ask.issue(domain, ["x"])
    with pytest.raises(DomainDraft):
        ask.resolve(domain, ["A" * 16])
    lead(ask, domain, LifeCycle.ACTIVE)
    (token,) = ask.tokens(domain, ["x"])
    lead(ask, domain, LifeCycle.FROZEN)
    assert ask.resolve(domain, [token]) == [("x",)]
    assert ask.issue(domain, ["x"], create=False)[0].pseudonym == token
    for writing in (ask.issue, ask.anonymize, ask.delete):
        with pytest.raises(DomainFrozen):
            writing(domain, ["x"])
    lead(ask, domain, LifeCycle.RETIRED)
    with pytest.raises(DomainRetired):
        ask.resolve(domain, [token])
    assert ask.delete(domain, ["x"]) == [(token,)]
    with pytest.raises(WrongLifeCycle):
        lead(ask, domain, LifeCycle.ACTIVE)


def test_only_a_draft_changes_its_form(ask: Asking) -> None:
    center, domain = ask.center, ask.domain(state=LifeCycle.DRAFT)
    form = PseudonymForm("0123456789", 6, "S", "damm")

    def change() -> Domain:
        return center.work.run(
            lambda tx: change_domain(center, tx, OPERATOR, domain=domain.name, form=form)
        )

    assert change().form == form
    lead(ask, domain, LifeCycle.ACTIVE)
    with pytest.raises(WrongLifeCycle):
        change()


def test_pseudonyms_expire_after_their_domains_validity(ask: Asking) -> None:
    clock = ManualClock(NOW)
    later, domain = ask.at(clock), ask.domain(validity=Validity("P1M"))
    (token,) = later.tokens(domain, ["x"])
    clock.skip(days=27)
    assert later.tokens(domain, ["x"]) == [token]
    clock.skip(days=1)
    assert isinstance(later.issue(domain, ["x"], create=False)[0], UnknownOriginal)
    assert isinstance(later.resolve(domain, [token])[0], PseudonymExpired)
    (fresh,) = later.tokens(domain, ["x"])
    assert fresh != token
    assert later.resolve(domain, [fresh]) == [("x",)]
    assert isinstance(later.resolve(domain, [token])[0], PseudonymExpired)


def test_secondary_pseudonyms_expire_one_by_one(ask: Asking) -> None:
    clock = ManualClock(NOW)
    later, domain = ask.at(clock), ask.domain(multi=True, validity=Validity("P10D"))
    old = later.secondaries(domain, "x", 2)
    clock.skip(days=5)
    new = later.secondaries(domain, "x", 1)
    clock.skip(days=6)
    assert later.secondaries(domain, "x", 0) == new
    assert isinstance(later.resolve(domain, [old[0]])[0], PseudonymExpired)


def test_single_pseudonyms_get_an_end_of_their_own(ask: Asking) -> None:
    clock = ManualClock(NOW)
    later, domain = ask.at(clock), ask.domain()
    x, y = later.tokens(domain, ["x", "y"])
    later.center.work.run(
        lambda tx: limit_pseudonyms(
            later.center,
            tx,
            OPERATOR,
            domain_name=domain.name,
            pseudonyms=[x],
            until=NOW + timedelta(hours=1),
        )
    )
    clock.skip(hours=2)
    assert isinstance(later.resolve(domain, [x])[0], PseudonymExpired)
    assert later.resolve(domain, [y]) == [("y",)]


@pytest.mark.parametrize(
    ("rule", "well_formed"),
    [
        (ParentRule.VALIDATE, True),
        (ParentRule.ENSURE_EXISTS, False),
        (ParentRule.CASCADE_DELETE, False),
    ],
)
def test_originals_are_pseudonyms_of_a_parent(
    ask: Asking, rule: ParentRule, well_formed: bool
) -> None:
    left, right = ask.domain(check="iso7064"), ask.domain(prefix="R-")
    child = ask.domain(parents=(left.name, right.name), parent_rule=rule)
    (x,), (y,) = ask.tokens(left, ["x"]), ask.tokens(right, ["y"])
    never = right.form.draw(1)[0]
    found = ask.issue(child, [x, y, never, "free text"])
    assert [isinstance(one, Issued) for one in found] == [True, True, well_formed, False]
    assert isinstance(found[3], NotAParentPseudonym)


def test_deleting_cascades_through_all_domains_below(ask: Asking) -> None:
    top = ask.domain(deletable=True)
    middle = ask.domain(parents=(top.name,), parent_rule=ParentRule.CASCADE_DELETE)
    lower = ask.domain(parents=(middle.name,), parent_rule=ParentRule.CASCADE_DELETE, multi=True)
    (first,) = ask.tokens(top, ["x"])
    (second,) = ask.tokens(middle, [first])
    ask.secondaries(lower, second, 2)
    with pytest.raises(DeletionNotAllowed):
        ask.delete(middle, [first])
    ask.delete(top, ["x"])
    assert isinstance(ask.issue(middle, [first], create=False)[0], UnknownOriginal)
    assert isinstance(ask.more(lower, [second], 0)[0], UnknownOriginal)


def test_no_domain_is_its_own_ancestor(ask: Asking) -> None:
    top = ask.domain()
    child = ask.domain(parents=(top.name,), parent_rule=ParentRule.VALIDATE)
    grandchild = ask.domain(parents=(child.name, top.name))
    for parent in (top, child, grandchild):
        with pytest.raises(ParentCycle):
            change_policy(ask, top, parents=[parent.name])


def test_a_policy_changes_by_approval(ask: Asking) -> None:
    parent, domain = ask.domain(), ask.domain()
    change_policy(
        ask,
        domain,
        anonymizable=False,
        validity="P1Y",
        parents=[parent.name],
        parent_rule=ParentRule.VALIDATE,
    )
    stored = ask.center.work.run(lambda tx: show_domain(tx, OPERATOR, domain=domain.name))
    assert stored.domain.validity == Validity("P1Y")
    assert stored.parents == (parent.name,)
    with pytest.raises(AnonymizationNotAllowed):
        ask.anonymize(domain, ["x"])
    with pytest.raises(Conflict):
        change_policy(ask, domain, validity="P1Y")
    with pytest.raises(InvalidField):
        change_policy(ask, domain, parents=[])
    change_policy(ask, domain, parents=[], parent_rule=ParentRule.OFF, validity="none")


def test_domains_are_listed_page_by_page_and_by_alias(ask: Asking) -> None:
    word = uuid.uuid4().hex
    made = [ask.domain(about=About(label=f"Study {word.upper()}")) for _ in range(3)]
    other = ask.domain(aliases=(f"https://example.org/a/{word}",))
    names, after = [], ""
    while True:
        wanted = DomainFilter(text=word, after=after)
        page = ask.center.work.run(
            lambda tx, wanted=wanted: list_domains(tx, OPERATOR, wanted, limit=2)  # type: ignore[misc] # bound in time
        )
        names += [one.domain.name for one in page.domains]
        if page.after is None:
            break
        after = page.after
    assert names == sorted(one.name for one in made)
    alias = f"https://example.org/a/{word}"
    view = ask.center.work.run(lambda tx: show_domain(tx, OPERATOR, domain=alias))
    assert (view.domain.name, view.aliases) == (other.name, (alias,))


DURATIONS = {
    "P1M": datetime(2030, 2, 28, 12, tzinfo=UTC),
    "P1Y6M": datetime(2031, 7, 31, 12, tzinfo=UTC),
    "P2W": NOW + timedelta(days=14),
    "PT36H": NOW + timedelta(hours=36),
    "P1DT1M1S": NOW + timedelta(days=1, seconds=61),
}


@pytest.mark.parametrize("text", DURATIONS)
def test_durations_are_counted_in_the_calendar(text: str) -> None:
    assert Validity(text).after(NOW) == DURATIONS[text]


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "1Y", "P1", "P0D", "P-1D", "P1.5Y", "P9999Y", "P1D\n"]
)
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(InvalidField):
        Validity(text)
