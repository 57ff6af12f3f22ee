"""Imported pairs are as good as issued ones: unique, never changed, and contradicted by nothing."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scale import scaled
from tests.services.pseudonyms.asking import Asking
from tests.services.pseudonyms.living import bring
from ttp.core.access import Role
from ttp.core.domains import Domain
from ttp.core.errors import (
    AtomicBatchRefused,
    InvalidOriginal,
    InvalidPseudonym,
    NotAllowed,
    UnknownOriginal,
    UnknownPseudonym,
    WrongDomainKind,
)
from ttp.core.pseudonym_life import DifferentOriginalExists, DifferentPseudonymExists
from ttp.core.pseudonyms import MAXIMAL_ITEMS, Issued

originals = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
printable = st.text(
    st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=255
).filter(str.isprintable)


@pytest.fixture(scope="module")
def foreign(ask: Asking) -> Domain:
    return ask.domain(accepts_foreign=True)


@given(pairs=st.dictionaries(originals, printable, max_size=20))
def test_what_was_imported_is_what_is_issued_and_resolved(
    ask: Asking, pairs: dict[str, str]
) -> None:
    domain = ask.domain(accepts_foreign=True)
    answers = bring(ask, domain, list(pairs.items()))
    taken = [
        item
        for item, answer in zip(pairs.items(), answers, strict=True)
        if isinstance(answer, Issued)
    ]
    assert len(taken) == len(set(pairs.values()))  # two originals never share a pseudonym
    assert ask.tokens(domain, [original for original, _ in taken]) == [token for _, token in taken]
    assert ask.resolve(domain, [token for _, token in taken]) == [(name,) for name, _ in taken]


@given(batch=st.lists(originals, max_size=20))
def test_importing_what_was_issued_changes_nothing(
    ask: Asking, foreign: Domain, batch: list[str]
) -> None:
    tokens = ask.tokens(foreign, batch)
    again = bring(ask, foreign, list(zip(batch, tokens, strict=True)))
    assert [(one.pseudonym, one.created) for one in again] == [(token, False) for token in tokens]


def test_every_contradiction_is_named_in_its_place(ask: Asking, foreign: Domain) -> None:
    bring(ask, foreign, [("known", "K-1"), ("other", "K-2")])
    answers = bring(
        ask,
        foreign,
        [
            ("known", "K-1"),
            ("known", "K-9"),
            ("new", "K-2"),
            ("fresh", "K-3"),
            ("fresh", "K-4"),
            ("another", "K-3"),
            ("fresh", "K-3"),
            ("", "K-5"),
            ("x", ""),
            ("x", " K-6"),
            ("x", "K\x00"),
            ("x", "K" * 256),
            ("x", None),
        ],
    )
    codes = [item.created if isinstance(item, Issued) else type(item) for item in answers]
    assert codes == [
        False,
        DifferentPseudonymExists,
        DifferentOriginalExists,
        True,
        DifferentPseudonymExists,
        DifferentOriginalExists,
        True,
        InvalidOriginal,
        *[InvalidPseudonym] * 5,
    ]


@pytest.mark.parametrize("pair", [["one"], "ab", 7, None, ["a", "b", "c"]], ids=repr)
def test_what_is_no_pair_is_an_error_in_its_place(
    ask: Asking, foreign: Domain, pair: object
) -> None:
    (bad, good) = bring(ask, foreign, [pair, ["a pair", "P-1"]])
    assert bad.code == "invalid-field"
    assert isinstance(good, Issued)


def test_pseudonyms_of_another_form_are_refused_where_the_domain_does_not_take_them(
    ask: Asking,
) -> None:
    domain = ask.domain(alphabet="digits", length=4)
    answers = bring(ask, domain, [("a", "1234"), ("b", "12345"), ("c", "12x4")])
    assert [type(item) for item in answers] == [Issued, InvalidPseudonym, InvalidPseudonym]


def test_the_string_of_an_ended_pseudonym_is_never_imported_again(ask: Asking) -> None:
    domain = ask.domain(accepts_foreign=True, deletable=True)
    bring(ask, domain, [("a", "A-1"), ("b", "B-1")])
    ask.anonymize(domain, ["a"])
    ask.delete(domain, ["b"])
    answers = bring(ask, domain, [("a", "A-1"), ("b", "B-1"), ("a", "A-2")])
    assert [type(item) for item in answers] == [DifferentOriginalExists] * 2 + [
        DifferentPseudonymExists
    ]


def test_drawing_goes_around_what_was_imported(ask: Asking) -> None:
    domain = ask.domain(alphabet="digits", length=1)
    bring(ask, domain, [(f"old-{digit}", digit) for digit in "02468"])
    assert sorted(ask.tokens(domain, [f"new-{n}" for n in range(5)])) == list("13579")


def test_an_atomic_import_takes_over_all_or_nothing(ask: Asking, foreign: Domain) -> None:
    with pytest.raises(AtomicBatchRefused):
        bring(ask, foreign, [("all", "A-9"), ("nothing", "")], atomic=True)
    (missing,) = ask.issue(foreign, ["all"], create=False)
    assert isinstance(missing, UnknownOriginal)


def test_only_single_random_domains_of_no_project_are_imported_into(ask: Asking) -> None:
    with pytest.raises(WrongDomainKind):
        bring(ask, ask.domain(multi=True), [("a", "b")])


def test_only_who_has_the_right_imports(ask: Asking, foreign: Domain) -> None:
    site = ask.as_client(foreign, role=Role.SITE, resolve=False)
    with pytest.raises(NotAllowed):
        bring(site, foreign, [("a", "b")])
    elsewhere = ask.as_client(ask.domain())
    with pytest.raises(NotAllowed):
        bring(elsewhere, foreign, [("a", "b")])
    assert bring(ask.as_client(foreign), foreign, [("mine", "M-1")])


def test_an_import_leaves_a_leaf_that_counts(ask: Asking) -> None:
    domain = ask.domain(accepts_foreign=True)
    bring(ask, domain, [("Erika Mustermann", "E-1"), ("x", "")])
    *_, last = ask.acts(domain)
    assert (last["action"], last["counts"]) == (
        "pseudonyms.imported",
        {"answered": 1, "created": 1},
    )
    assert "Mustermann" not in str(last)


def test_a_large_batch_is_taken_over_and_found_again(ask: Asking) -> None:
    domain = ask.domain(accepts_foreign=True)
    pairs = [(f"o{n}", f"P{n}") for n in range(scaled(20_000, least=2_000, most=MAXIMAL_ITEMS))]
    assert all(item.created for item in bring(ask, domain, pairs))
    assert ask.tokens(domain, [o for o, _ in pairs]) == [p for _, p in pairs]


def test_racing_imports_and_requests_leave_one_pseudonym_for_every_original(ask: Asking) -> None:
    domain = ask.domain(accepts_foreign=True)
    names = [f"r{n}" for n in range(scaled(300, least=50))]
    told: list[dict[str, Any]] = []

    def importing() -> None:
        for start in range(0, len(names), 20):
            bring(ask, domain, [(name, f"I-{name}") for name in names[start : start + 20]])

    def issuing() -> None:
        for start in range(len(names), 0, -20):
            part = names[max(0, start - 20) : start]
            told.append(dict(zip(part, ask.tokens(domain, part), strict=True)))

    threads = [threading.Thread(target=work) for work in (importing, issuing, issuing, importing)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    final = dict(zip(names, ask.tokens(domain, names), strict=True))
    assert len(set(final.values())) == len(names)
    assert all(final[name] == token for batch in told for name, token in batch.items())
    unknown = [f"I-{name}" for name, token in final.items() if token != f"I-{name}"]
    assert all(isinstance(one, UnknownPseudonym) for one in ask.resolve(domain, unknown))
