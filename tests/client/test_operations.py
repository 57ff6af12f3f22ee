"""Every operation of both sessions against a real center: cut, repeated after losses, told in order, errors by kind."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from tests.builders import make_center, make_domain, make_key
from tests.client.test_session import Lossy
from tests.coroutines import finished
from tests.services.patients import patient
from ttp.client import AsyncTreuhandstelle, Failed, Issued, NotFound, Treuhandstelle
from ttp.client.answers import Ended, Erased, FoundPersons, Judged, Registered
from ttp.client.errors import NotAcceptable, NotAllowed, Refused
from ttp.core.access import Role
from ttp.core.center import Center

SESSIONS = ("sync", "async")


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    folder: Path = tmp_path_factory.mktemp("operations")
    center = make_center(folder)
    make_domain(center, "diz", deletable=True, accepts_foreign=True)
    make_domain(center, "study", accepts_foreign=True)
    make_domain(center, "below", parents=("diz",))
    make_domain(center, "foreign")
    return center


@pytest.fixture(scope="module")
def key(center: Center) -> str:
    return make_key(center, "diz", "study", "below")


class AsyncLossy(httpx.AsyncBaseTransport):
    """The same lossy way for an event loop."""

    def __init__(self, way: Lossy) -> None:
        self._way = way

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        found = self._way.handle_request(request)
        headers = {"content-type": found.headers.get("content-type", "")}
        return httpx.Response(found.status_code, content=found.content, headers=headers)


class Talker:
    """A session of one of the two kinds; calls look alike."""

    def __init__(self, kind: str, center: Center, key: str) -> None:
        self._kind, self._center, self._key = kind, center, key
        self.way = Lossy(center, ())

    def ask(self, operation: str, *given: Any, losses: tuple[str, ...] = (), **named: Any) -> Any:
        """The answer of one call in a session of its own; chunks of three, two at once, lost as said."""
        self.way = Lossy(self._center, losses)
        settings: dict[str, Any] = {"chunk": 3, "connections": 1 if losses else 2}
        if self._kind == "sync":
            with Treuhandstelle("http://c.test", self._key, transport=self.way, **settings) as one:
                return getattr(one, operation)(*given, **named)
        return finished(self._ask(operation, given, named, settings))

    async def _ask(self, operation: str, given: Any, named: Any, settings: Any) -> Any:
        way = AsyncLossy(self.way)
        async with AsyncTreuhandstelle(
            "http://c.test", self._key, transport=way, **settings
        ) as one:
            return await cast("Awaitable[Any]", getattr(one, operation)(*given, **named))

    @property
    def keys(self) -> list[str]:
        """The idempotency keys of the last call's requests."""
        return [request.headers["Idempotency-Key"] for request in self.way.requests]


@pytest.fixture(params=SESSIONS)
def talker(request: pytest.FixtureRequest, center: Center, key: str) -> Talker:
    return Talker(request.param, center, key)


def names(talker: Talker, stem: str, count: int = 7) -> list[str]:
    """Originals that no other test and no other kind of session uses."""
    return [f"{stem}-{talker._kind}-{number}" for number in range(count)]


def test_pairs_are_imported_in_chunks_and_the_same_pair_again_is_fine(talker: Talker) -> None:
    pairs = [(one, f"G-{one}") for one in names(talker, "import")]
    first = talker.ask("import_pairs", "diz", pairs)
    assert first == [Issued(pseudonym, created=True) for _, pseudonym in pairs]
    assert len(talker.keys) == 3
    assert talker.ask("import_pairs", "diz", pairs) == [Issued(p, created=False) for _, p in pairs]
    (other,) = talker.ask("import_pairs", "diz", [(pairs[0][0], "G-other")])
    assert isinstance(other, Failed)
    assert other.code == "different-pseudonym-exists"


@pytest.mark.parametrize("loss", ["request", "answer", "proxy"])
def test_what_was_lost_is_repeated_under_the_same_key_and_done_once(
    talker: Talker, loss: str
) -> None:
    pairs = [(one, f"L-{one}") for one in names(talker, f"lost-{loss}", 4)]
    found = talker.ask("import_pairs", "diz", pairs, losses=(loss, "", loss))
    assert found == [Issued(pseudonym, created=True) for _, pseudonym in pairs]
    assert talker.keys[0] == talker.keys[1] != talker.keys[2] == talker.keys[3]


def test_under_a_key_of_the_caller_a_call_is_answered_as_before(talker: Talker) -> None:
    call = names(talker, "call", 1)[0]
    originals = names(talker, "named", 5)
    first = talker.ask("pseudonyms", "diz", originals, key=call)
    assert sorted(talker.keys) == [f"{call}-0", f"{call}-1"]  # they are sent at the same time
    assert talker.ask("pseudonyms", "diz", originals, key=call) == first
    assert all(one.created for one in first)
    with pytest.raises(Refused) as refused:
        talker.ask("pseudonyms", "diz", originals[::-1], key=call)
    assert refused.value.problem == "idempotency-mismatch"


def test_pseudonyms_are_translated_without_telling_originals(talker: Talker) -> None:
    originals = names(talker, "translate")
    here = [one.pseudonym for one in talker.ask("pseudonyms", "diz", originals)]
    there = talker.ask("translate", "diz", here, into="study", reason="a study")
    assert there == [
        Issued(one.pseudonym, created=True) for one in talker.ask("pseudonyms", "study", originals)
    ]
    assert talker.ask("translate", "diz", here, into="study", create=False) == [
        Issued(one.pseudonym, created=False) for one in there
    ]
    (unknown,) = talker.ask("translate", "diz", ["0" * 16], into="study")
    assert isinstance(unknown, Failed)
    assert unknown.code == "unknown-pseudonym"


def test_a_tree_is_told_from_the_top_down_from_either_end(talker: Talker) -> None:
    (original,) = names(talker, "tree", 1)
    (top,) = talker.ask("pseudonyms", "diz", [original])
    (leaf,) = talker.ask("pseudonyms", "below", [top.pseudonym])
    by_original = talker.ask("tree", "diz", original, original=True)
    by_leaf = talker.ask("tree", "below", leaf.pseudonym, reason="a test")
    for found in (by_original, by_leaf):
        assert found.original == original
        (node,) = found.top
        assert (node.domain, node.pseudonym) == ("diz", top.pseudonym)
        assert [(one.domain, one.pseudonym) for one in node.below] == [("below", leaf.pseudonym)]


def test_an_erasure_is_one_request_with_one_receipt_even_if_its_answer_is_lost(
    talker: Talker,
) -> None:
    originals = names(talker, "erase", 5)
    made = talker.ask("pseudonyms", "diz", originals)
    pairs = [("diz", one) for one in originals]
    erased = talker.ask("erase", pairs, losses=("answer",))
    assert isinstance(erased, Erased)
    assert len(set(talker.keys)) == 1
    assert erased.results == tuple(Ended((one.pseudonym,)) for one in made)
    assert erased.receipt
    assert [one.code for one in talker.ask("erase", pairs).results] == ["unknown-original"] * 5


def test_texts_are_validated_and_what_became_of_them_is_told(talker: Talker) -> None:
    originals = names(talker, "judge", 4)
    tokens = [one.pseudonym for one in talker.ask("pseudonyms", "study", originals)]
    ended = talker.ask("anonymize", "study", originals[:1])
    assert ended == [Ended((tokens[0],))]
    judged = talker.ask("validate", "study", [*tokens, "0" * 16], exists=True)
    assert all(isinstance(one, Judged) and one.valid for one in judged)
    assert [one.state for one in judged] == ["anonymized", *["active"] * 3, "unknown"]


def test_originals_are_deleted_where_the_domain_allows_it(talker: Talker) -> None:
    originals = names(talker, "delete", 4)
    made = talker.ask("pseudonyms", "diz", originals)
    assert talker.ask("delete", "diz", originals) == [Ended((one.pseudonym,)) for one in made]
    with pytest.raises(Refused) as refused:
        talker.ask("delete", "study", originals)
    assert refused.value.problem == "deletion-not-allowed"


def test_records_are_registered_and_the_same_again_are_known(talker: Talker) -> None:
    first_number = 300 + 100 * SESSIONS.index(talker._kind)
    records = [
        patient(first_number + number, record_id=one)
        for number, one in enumerate(names(talker, "record", 4))
    ]
    first = talker.ask("register", records, source="kis")
    assert [(one.record, one.outcome) for one in first if isinstance(one, Registered)] == [
        (one["record_id"], "new") for one in records
    ]
    again = talker.ask("register", records, source="kis")
    assert {one.outcome for one in again} == {"known"}


@pytest.mark.parametrize("kind", SESSIONS)
def test_persons_are_looked_up_in_chunks_and_in_order(center: Center, kind: str) -> None:
    index = make_key(center, name=f"index-{kind}", role=Role.REGISTRAR, resolve=False)
    talker = Talker(kind, center, index)
    first = 100 * (1 + SESSIONS.index(kind))
    records = [patient(number) for number in range(first, first + 4)]
    stems = [str(one["record_id"]) for one in records]
    talker.ask("register", records, source="kis")
    named = [{"source": "kis", "record_id": one} for one in [*stems, "nobody"]]
    *found, nobody = talker.ask("look_up_persons", named)
    assert [one.identities for one in found] == [((("kis", "active"),),)] * 4
    assert len({one.persons for one in found}) == 4
    assert nobody == FoundPersons((), ())


@pytest.mark.parametrize(
    ("kind", "operation", "given", "named"),
    [
        (NotFound, "import_pairs", ("nowhere", [("a", "b")]), {}),
        (NotAllowed, "translate", ("diz", ["x"]), {"into": "foreign"}),
        (NotAllowed, "erase", ([("foreign", "x")],), {}),
        (NotFound, "tree", ("diz", "0" * 16), {}),
        (NotAcceptable, "register", ([{}],), {"source": ""}),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_refusals_are_of_a_kind_and_are_not_repeated(
    talker: Talker, kind: type[Refused], operation: str, given: Any, named: Any
) -> None:
    with pytest.raises(kind):
        talker.ask(operation, *given, **named)
    assert len(talker.keys) == 1
