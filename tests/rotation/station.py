"""A station: a center with its home, asked for pseudonyms and rotated step by step, as tests of rotation need it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from keys.custody import RootKey
from keys.custody.file import unseal
from keys.keyring import Purpose
from tests.builders import PASSPHRASE, make_domain
from ttp.config import ROOT_FILE, Settings
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.pseudonyms import IssuedMany
from ttp.core.rotation import Rotation, RotationState, Step
from ttp.opening import open_center
from ttp.services.custody.advance_rotation import advance_rotation
from ttp.services.custody.destroy_keys import references
from ttp.services.custody.rotate_keys import request_rotation
from ttp.services.pseudonyms.end_pseudonyms import anonymize_originals
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms

HOLDER = "test"
T = TypeVar("T")


@dataclass
class Station:
    """A center, and where it lives."""

    center: Center
    home: Path
    database: str

    @cached_property
    def root(self) -> RootKey:
        """The root key, as the supervisor hands it to its processes."""
        return unseal(self.home / ROOT_FILE, passphrase=PASSPHRASE)

    def again(self) -> Station:
        """The same home opened once more, with connections and a keyring of its own, like another process."""
        settings = Settings(
            self.home,
            name="nord",
            role="embedded",
            database=self.database,
            four_eyes="required",
            threads=12,
        )
        opened = Station(open_center(settings, root=self.root), self.home, self.database)
        opened.__dict__["root"] = self.root
        return opened

    def domain(self, *, multi: bool = False) -> str:
        """A new domain."""
        return make_domain(self.center, f"d{uuid.uuid4().hex[:12]}", multi=multi).name

    def ask(self, domain: str, originals: Sequence[str], *, create: bool = True) -> list[str]:
        """The pseudonyms; an item that is not answered raises."""
        answers = self.center.work.run(
            lambda tx: issue_pseudonyms(
                self.center,
                tx,
                OPERATOR,
                domain_name=domain,
                originals=originals,
                create=create,
            )
        )
        return [_answered(answer).pseudonym for answer in answers]

    def ask_many(self, domain: str, originals: Sequence[str], count: int) -> list[tuple[str, ...]]:
        """Secondary pseudonyms; with 0 all that exist."""
        answers = self.center.work.run(
            lambda tx: issue_secondary_pseudonyms(
                self.center, tx, OPERATOR, domain_name=domain, originals=originals, count=count
            )
        )
        return [_answered(one).pseudonyms for one in answers if isinstance(one, IssuedMany)]

    def resolve(self, domain: str, pseudonyms: Sequence[str]) -> list[str]:
        """The originals; a pseudonym that is not resolved raises."""
        answers = self.center.work.run(
            lambda tx: resolve_pseudonyms(
                self.center,
                tx,
                OPERATOR,
                domain_name=domain,
                pseudonyms=pseudonyms,
                reason="test",
            )
        )
        return [_answered(answer)[0] for answer in answers]

    def forget(self, domain: str, originals: Sequence[str]) -> None:
        """Anonymize originals."""
        answers = self.center.work.run(
            lambda tx: anonymize_originals(
                self.center, tx, OPERATOR, domain_name=domain, originals=originals
            )
        )
        for answer in answers:
            _answered(answer)

    def request(self, purpose: Purpose, scope: str = "") -> UUID:
        """Ask for a rotation."""
        return self.center.work.run(
            lambda tx: request_rotation(self.center, tx, OPERATOR, purpose=purpose, scope=scope)
        ).id

    def rotation(self, rotation_id: UUID) -> Rotation:
        """Where it stands."""
        return self.center.work.run(lambda tx: tx.rotations.get(rotation_id), write=False)

    def advance(self, rotation_id: UUID, *, block: int = 7) -> bool:
        """One unit of work."""
        return advance_rotation(self.center, rotation_id=rotation_id, holder=HOLDER, block=block)

    def steps(self, rotation_id: UUID, *, block: int = 7) -> Iterator[Step]:
        """Go on to the end; after each unit of work, the step that comes next."""
        while (found := self.rotation(rotation_id)).state is RotationState.RUNNING:
            assert self.advance(rotation_id, block=block), f"{found.step} does not get further"
            yield self.rotation(rotation_id).step

    def rotate(self, purpose: Purpose, scope: str = "") -> Rotation:
        """A whole rotation."""
        rotation = self.request(purpose, scope)
        assert list(self.steps(rotation, block=500))[-1] is Step.DONE
        return self.rotation(rotation)

    def references(self, purpose: Purpose, scope: str, version: int) -> int:
        """How many rows refer to a key version."""
        return self.center.work.run(
            lambda tx: references(tx, purpose=purpose, scope=scope, version=version), write=False
        )


def _answered(answer: T | TTPError) -> T:
    if isinstance(answer, TTPError):
        raise answer
    return answer
