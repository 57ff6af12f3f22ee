"""Both languages are complete: the same keys, the same facts, every text in use and every use a text."""

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

import pytest
from flask import Flask

from keys.keyring import KeyState, Purpose
from linkage.classify import Outcome
from linkage.weighing.agreement import Agreement
from ttp.core.access import STAFF_ROLES, Right, Role
from ttp.core.accounts import DENSITIES, THEMES
from ttp.core.approvals import ApprovalKind, ApprovalState, Comment
from ttp.core.center import CenterRole
from ttp.core.domain_policy import Generation, LifeCycle, ParentRule
from ttp.core.domains import DomainKind
from ttp.core.events import FeedKind
from ttp.core.identifying_data import FIELDS
from ttp.core.identity_life import ChangeReason
from ttp.core.logins import LoginRefusal
from ttp.core.peers import PeerState
from ttp.core.persons import EdgeKind
from ttp.core.projects import ProjectState
from ttp.core.providers import ProviderRefusal
from ttp.core.pseudonyms import PseudonymState
from ttp.core.quality_desk import CheckKind, CheckState
from ttp.core.releases import ReleaseState
from ttp.core.review import CaseState, Verdict
from ttp.core.rotation import Step
from ttp.core.tasks import TaskKind, TaskState
from ttp.core.vignettes import STORIES
from ttp.core.webhooks import WebhookState
from ttp.pages import case_forms, languages, manual, matching
from ttp.pages.languages import Entry, catalog, t
from ttp.pages.layout import NAVIGATION
from ttp.pages.persons import ANSWERS
from ttp.services.persons.delete_identities import Hanging

PAGES = Path(languages.__file__).parent
_USED = re.compile(r"""\bt\(\s*"([a-z_.-]+)"\s*[,)]""")
_CHOSEN = re.compile(r""""((?:manual|layout|login)\.[a-z_]+)" if""")
_BUILT = re.compile(r"""\b(?:t|known)\(\s*"([a-z_.]+\.)" ~""")

_COUNTED = ("joined", "parted", "pseudonyms", "consents", "releases", "projects", "recipients")

FAMILIES: Mapping[str, set[str]] = {
    "approvals.comments.": {comment.value for comment in Comment},
    "approvals.kinds.": {kind.value for kind in ApprovalKind},
    "approvals.means.": {kind.value for kind in ApprovalKind},
    "approvals.states.": {state.value for state in ApprovalState},
    "case.uncover.": {"0", "1"},
    "case.why.": {"unlike", "below", "asked", "encoded", "settled"},
    "cases.whose.": {"me", "nobody"},
    "impact.counts.": set(_COUNTED),
    "case.zones.": {"match", "possible", "below", "unweighed"},
    "cases.states.": {state.value for state in CaseState},
    "center_role.": {role.value for role in CenterRole},
    "domains.kinds.": {kind.value for kind in DomainKind},
    "domains.states.": set(LifeCycle),
    "domains.generations.": set(Generation),
    "domains.rules.": set(ParentRule),
    "webhooks.acts.": {"test", "pause", "resume", "remove"},
    "webhooks.kinds.": set(FeedKind),
    "webhooks.states.": set(WebhookState),
    "domains.counts.": {"active", "anonymized", "deleted", "expired", "superseded"},
    "fields.": set(FIELDS) | {"base", "place"},
    "fact_names.": {"client", "domain", "project", "peer", "reason", "created", "answered"},
    "facts.": {"conflict", "doubt"},
    "glossary.": {f"{word}.{part}" for word in manual.WORDS for part in ("word", "meaning")},
    "jobs.kinds.": {kind.value for kind in TaskKind},
    "jobs.states.": {state.value for state in TaskState},
    "preferences.densities.": set(DENSITIES),
    "preferences.themes.": set(THEMES),
    "keys.": {meaning for _, meaning in manual.KEYS},
    "keyring.custodies.": {"file", "pkcs11", "quorum"},
    "keyring.places.": {"file", "database"},
    "keyring.purposes.": {purpose.value for purpose in Purpose},
    "keyring.states.": {state.value for state in KeyState},
    "keyring.steps.": {step.value for step in Step},
    "life.done.": set(ANSWERS),
    "life.hangs.": {tie.value for tie in Hanging},
    "life.reasons.": {reason.value for reason in ChangeReason},
    "life.states.": {"active", "inactive"},
    "levels.": {one.name.lower() for one in Agreement},
    "matching.outcomes.": {outcome.value for outcome in Outcome},
    "matching.states.": set(matching.STATES),
    "login.refusal.": {refusal.value for refusal in LoginRefusal},
    "nav.": {entry.endpoint for _, group in NAVIGATION for entry in group},
    "nav.groups.": {name for name, _ in NAVIGATION},
    "peers.states.": {state.value for state in PeerState},
    "persons.kinds.": {kind.value for kind in EdgeKind},
    "pseudonyms.done.": {"created", "anonymized", "deleted"},
    "pseudonyms.states.": {state.name.lower() for state in PseudonymState},
    "practice.stories.": set(STORIES),
    "practice.truth.": {"same", "different"},
    "practice.why.": set(STORIES),
    "quality.kinds.": {kind.value for kind in CheckKind} - {"gold"},
    "quality.states.": {state.value for state in CheckState},
    "projects.states.": {state.value for state in ProjectState},
    "provider.refusal.": {refusal.value for refusal in ProviderRefusal},
    "reasons.": {*case_forms.REASONS, case_forms.POSTPONED, case_forms.AT_ONCE},
    "releases.states.": {state.value for state in ReleaseState},
    "role.": {role.value for role in Role},
    "verdict.": {verdict.value for verdict in Verdict},
}


def _sources() -> str:
    files = [*PAGES.glob("*.py"), *PAGES.glob("templates/*.html")]
    return "\n".join(file.read_text("utf-8") for file in files)


def _facts(entry: Entry) -> set[str]:
    texts = entry.values() if isinstance(entry, dict) else [entry]
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def _required() -> set[str]:
    sources = _sources()
    keys = set(_USED.findall(sources)) | set(_CHOSEN.findall(sources))
    keys |= set(re.findall(r't\("manual\.switch_off" if letter_keys else "([a-z_.]+)"', sources))
    return keys | {prefix + name for prefix, names in FAMILIES.items() for name in names}


def test_german_and_english_have_the_same_keys_and_facts() -> None:
    german, english = catalog("de"), catalog("en")
    assert german.keys() == english.keys()
    assert {key for key in german if _facts(german[key]) != _facts(english[key])} == set()


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_every_text_a_page_can_ask_for_is_there(language: str) -> None:
    assert _required() - catalog(language).keys() == set()


def test_every_text_is_asked_for_somewhere() -> None:
    prefixes = ("errors.", "fact_names.", "facts.", "levels.", "fields.")
    unused = {key for key in catalog("de") if not key.startswith(prefixes)} - _required()
    assert {key for key in unused if f'"{key}"' not in _sources()} == set()


def test_every_family_of_keys_that_templates_build_is_known_here() -> None:
    assert set(_BUILT.findall(_sources())) - {"errors."} <= set(FAMILIES) | {"glossary."}


def test_german_is_spoken_by_default_and_numbers_follow_the_language() -> None:
    app = Flask("numbers")
    with app.app_context():
        assert languages.spoken() == "de"
        assert languages.number(1234.5) == "1.234,5"
        assert languages.signed(-1.25) == "−1,25"
        assert t("dashboard.open", n=1) == "1 offener Fall"
        languages.speak("en")
        assert languages.number(1234.5) == "1,234.5"
        assert t("dashboard.open", n=1234) == "1,234 open cases"
        languages.speak("xx")
        assert languages.spoken() == "de"


def test_every_right_to_see_a_list_leads_to_an_entry_of_the_navigation() -> None:
    entered = {entry.right for _, group in NAVIGATION for entry in group}
    assert {Right.REVIEW, Right.READ_PERSON, Right.ADMINISTER, Right.READ_AUDIT} <= entered
    assert STAFF_ROLES


def test_no_page_names_another_host() -> None:
    assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//[^"']*""", _sources()) == []
