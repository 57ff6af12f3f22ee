"""The store of pseudonyms behaves as two dictionaries do, whatever is asked of it in whatever order."""

from __future__ import annotations

from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from keys.keyring import Purpose
from tests.scale import scaled
from tests.services.pseudonyms.asking import Asking
from ttp.core.access import OPERATOR
from ttp.core.errors import UnknownOriginal, UnknownPseudonym
from ttp.core.pseudonyms import Issued, IssuedMany
from ttp.core.rotation import RotationState
from ttp.services.custody.advance_rotation import advance_rotation
from ttp.services.custody.rotate_keys import request_rotation

NAMES = st.lists(st.sampled_from([f"patient {number}" for number in range(12)]), max_size=8)
PICK = st.integers(0, 10_000)


class _Rotating(RuleBasedStateMachine):
    """A domain whose index key may be rotated under whatever else happens."""

    multi = False
    ask: Asking

    def __init__(self) -> None:
        super().__init__()
        self.domain = self.ask.domain(multi=self.multi, deletable=True)
        self.ever: set[str] = set()
        self.rotation: UUID | None = None

    @precondition(lambda self: self.rotation is None)
    @rule()
    def begin_rotation(self) -> None:
        center, scope = self.ask.center, self.domain.name
        self.rotation = center.work.run(
            lambda tx: request_rotation(center, tx, OPERATOR, purpose=Purpose.INDEX, scope=scope)
        ).id

    @precondition(lambda self: self.rotation is not None)
    @rule()
    def go_on_rotating(self) -> None:
        center, rotation = self.ask.center, self.rotation
        assert rotation is not None
        advance_rotation(center, rotation_id=rotation, holder="test", block=3)
        found = center.work.run(lambda tx: tx.rotations.get(rotation), write=False)
        if found.state is not RotationState.RUNNING:
            self.rotation = None

    def _is_new(self, token: str) -> None:
        assert token not in self.ever, "a string was given twice"
        assert self.domain.form.fits(token)
        self.ever.add(token)


class SingleStore(_Rotating):
    """One pseudonym for each original."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, str] = {}

    @rule(names=NAMES)
    def issue(self, names: list[str]) -> None:
        unknown = set(names) - self.links.keys()
        for name, item in zip(names, self.ask.issue(self.domain, names), strict=True):
            assert isinstance(item, Issued)
            assert item.created == (name in unknown)
            if name not in self.links:
                self._is_new(item.pseudonym)
                self.links[name] = item.pseudonym
            assert item.pseudonym == self.links[name]

    @rule(names=NAMES)
    def look_up(self, names: list[str]) -> None:
        found = self.ask.issue(self.domain, names, create=False)
        told = [item.pseudonym if isinstance(item, Issued) else None for item in found]
        assert told == [self.links.get(name) for name in names]
        assert all(isinstance(one, Issued | UnknownOriginal) for one in found)

    @rule(pick=PICK)
    def resolve_all(self, pick: int) -> None:
        names = {token: name for name, token in self.links.items()}
        asked = sorted(self.ever)[: pick % 20]
        for token, item in zip(asked, self.ask.resolve(self.domain, asked), strict=True):
            if token in names:
                assert item == (names[token],)
            else:
                assert isinstance(item, UnknownPseudonym)

    @rule(names=NAMES, delete=st.booleans())
    def end(self, names: list[str], delete: bool) -> None:
        deed = self.ask.delete if delete else self.ask.anonymize
        for name, item in zip(names, deed(self.domain, names), strict=True):
            if name in self.links:
                assert item == (self.links[name],)
            else:
                assert isinstance(item, UnknownOriginal)
        for name in names:
            self.links.pop(name, None)


class MultiStore(_Rotating):
    """Any number of pseudonyms for each original, in the order of their creation."""

    multi = True

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, list[str]] = {}

    @rule(names=st.sets(st.sampled_from("abcdef"), max_size=4), count=st.integers(1, 3))
    def issue(self, names: set[str], count: int) -> None:
        asked = sorted(names)
        for name, item in zip(asked, self.ask.more(self.domain, asked, count), strict=True):
            assert isinstance(item, IssuedMany)
            assert item.created == len(item.pseudonyms) == count
            for token in item.pseudonyms:
                self._is_new(token)
            self.links.setdefault(name, []).extend(item.pseudonyms)

    @rule()
    def list_all(self) -> None:
        for name, item in zip("abcdef", self.ask.more(self.domain, list("abcdef"), 0), strict=True):
            if name in self.links:
                assert list(item.pseudonyms) == self.links[name]
            else:
                assert isinstance(item, UnknownOriginal)

    @rule()
    def resolve_all(self) -> None:
        names = {token: name for name, tokens in self.links.items() for token in tokens}
        asked = sorted(self.ever)
        for token, item in zip(asked, self.ask.resolve(self.domain, asked), strict=True):
            if token in names:
                assert item == (names[token],)
            else:
                assert isinstance(item, UnknownPseudonym)

    @rule(name=st.sampled_from("abcdef"), delete=st.booleans())
    def end(self, name: str, delete: bool) -> None:
        (item,) = (self.ask.delete if delete else self.ask.anonymize)(self.domain, [name])
        if name in self.links:
            assert sorted(item) == sorted(self.links.pop(name))
        else:
            assert isinstance(item, UnknownOriginal)


def _of(machine: type[_Rotating], ask: Asking) -> type[_Rotating]:
    return type(machine.__name__, (machine,), {"ask": ask})


def _tried(count: int) -> settings:
    return settings(
        max_examples=scaled(count, least=5),
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_a_store_of_single_pseudonyms_is_two_dictionaries(ask: Asking) -> None:
    run_state_machine_as_test(_of(SingleStore, ask), settings=_tried(25))


def test_a_store_of_many_pseudonyms_is_a_dictionary_of_lists(ask: Asking) -> None:
    run_state_machine_as_test(_of(MultiStore, ask), settings=_tried(15))
