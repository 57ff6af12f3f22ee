"""Profiles: each names a schema that ships, and figures measured for exactly that schema."""

import pytest

from linkage.attack.leakage import leakage
from linkage.profiles import ACCURATE, PROFILES, PROTECTED, Profile, Scope


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_figures_belong_to_the_schema_as_it_is_shipped(profile: Profile) -> None:
    figures = profile.figures()
    assert figures["schema"] == profile.schema
    assert figures["fingerprint"] == profile.load().fingerprint
    assert profile.cost


def test_no_gate_of_the_protected_profile_failed() -> None:
    gates = PROTECTED.figures()["gates"]
    assert isinstance(gates, dict)
    assert set(gates) == {"A rank", "B leakage index", "C attack", "D equality"}
    assert set(gates.values()) == {"passed"}
    assert PROTECTED.scope is Scope.BETWEEN_CENTERS


def test_the_protected_profile_is_thinned_and_of_fixed_bits() -> None:
    schema = PROTECTED.load()
    assert all(view.thinned for view in schema.salted)
    assert leakage(schema, 1_000_000).uniform


def test_the_accurate_profile_owns_up_to_what_it_fails() -> None:
    gates = ACCURATE.figures()["gates"]
    assert isinstance(gates, dict)
    assert "failed" in gates.values()
    assert ACCURATE.scope is Scope.ONE_BOUNDARY
