"""An older keyring is accepted by two persons only if nothing is missing, and what was destroyed stays destroyed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keys.custody import open_custody
from keys.errors import KeyDestroyed
from keys.keyring import Keyring, Purpose
from tests.builders import PASSPHRASE, make_domain
from tests.restores.backups import ANNA, BERTA, Scene, back_up
from tests.services.pseudonyms.asking import Asking
from tests.simulator import Wires
from ttp.config import ROOT_FILE
from ttp.connecting import connect
from ttp.core.center_identity import KeyringOutdated
from ttp.core.restores import KeysMissing, Restore, RestoreReason
from ttp.services.custody.destroy_keys import approve_destruction, request_destruction
from ttp.services.custody.fit_keys import keep_keyring_known, require_fit
from ttp.services.log.accept_restore import accept_restore, look_at_restore


class KeyScene(Scene):
    """A center with two domains, and a copy of its keyring."""

    def __init__(self, folder: Path, url: str = "") -> None:
        super().__init__(folder, url)
        self.domains = [make_domain(self.center, name) for name in ("kept", "destroyed")]
        self.tokens = [Asking(self.center).tokens(domain, ["x"]) for domain in self.domains]
        keep_keyring_known(self.center)
        self.copy = (self.home / "keyring").read_bytes()

    def destroy(self) -> None:
        """Two persons destroy the keys of the second domain."""
        asked = self.center.work.run(
            lambda tx: request_destruction(self.center, tx, ANNA, scope="destroyed")
        )
        approve_destruction(self.center, BERTA, destruction_id=asked.id)
        keep_keyring_known(self.center)
        self.settle()

    def put_keyring_back(self) -> None:
        """The copy in the place of the keyring, in new processes."""
        (self.home / "keyring").write_bytes(self.copy)
        root = open_custody(f"file:{self.home / ROOT_FILE}", passphrase=PASSPHRASE)
        self.center = replace(self.center, keyring=Keyring.open(self.home / "keyring", root=root))

    def accept(self) -> Restore:
        """Both persons, one after the other."""
        for actor in (ANNA, BERTA):
            center = self.deciding()
            seen = look_at_restore(center, connect(center, transport=Wires()))
            done = accept_restore(center, actor, seen=seen, reason=RestoreReason.HARDWARE)
        return done

    def fits(self) -> None:
        """Pass as a start does."""
        center = self.restart()
        center.work.run(lambda tx: require_fit(center, tx), write=False)


def test_what_was_destroyed_is_destroyed_again_and_older_copies_stay_outdated(
    tmp_path: Path, database_url: str
) -> None:
    scene = KeyScene(tmp_path, database_url)
    scene.destroy()
    lost = scene.center.keyring.generation()
    scene.put_keyring_back()
    scene.center.keyring.active(Purpose.SEAL, "destroyed")  # the old copy has it still
    with pytest.raises(KeyringOutdated):
        scene.fits()
    assert scene.accept().codes == "keyring-outdated"
    scene.fits()
    for purpose in (Purpose.SEAL, Purpose.INDEX):
        with pytest.raises(KeyDestroyed):
            scene.center.keyring.at(purpose, "destroyed", 1)
    assert scene.center.keyring.generation() > lost
    ask = Asking(scene.center)
    assert ask.tokens(scene.domains[0], ["x"]) == scene.tokens[0]
    scene.put_keyring_back()
    with pytest.raises(KeyringOutdated):
        scene.fits()


def test_a_keyring_that_lacks_a_key_of_the_database_is_not_accepted(
    tmp_path: Path, database_url: str
) -> None:
    scene = KeyScene(tmp_path, database_url)
    late = make_domain(scene.center, "late")
    Asking(scene.center).tokens(late, ["x"])
    keep_keyring_known(scene.center)
    scene.settle()
    scene.put_keyring_back()
    with pytest.raises(KeysMissing) as refused:
        scene.accept()
    assert refused.value.facts["keys"] == ["late index", "late seal"]
    with pytest.raises(KeyringOutdated):
        scene.fits()


def test_a_keyring_without_the_key_that_signed_the_log_is_not_accepted(tmp_path: Path) -> None:
    scene = KeyScene(tmp_path)
    scene.center.keyring.rotate(Purpose.SIGNING)
    keep_keyring_known(scene.center)
    scene.grow("signed-anew")
    scene.put_keyring_back()
    with pytest.raises(KeysMissing) as refused:
        scene.accept()
    assert "- signing" in str(refused.value.facts["keys"])


def test_a_restored_database_tells_which_of_its_rows_lost_their_keys(tmp_path: Path) -> None:
    scene = KeyScene(tmp_path)
    scene.settle()
    scene.backup.unlink()
    back_up(scene.url, scene.backup)
    scene.destroy()
    scene.restore()
    center = scene.deciding()
    seen = look_at_restore(center, connect(center, transport=Wires()))
    assert seen.codes == "database-outdated"
    assert list(seen.keys_gone) == ["destroyed index 1", "destroyed seal 1"]
