"""Keys: their versions and states, running rotations, copies of the keyring, destructions; no key is ever shown."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import orjson
from flask import Response, render_template, request, url_for

from keys.errors import SelfTestFailed
from keys.keyring import KeyState, Purpose
from keys.self_test import run as self_test
from ttp.core.access import Right
from ttp.core.errors import InvalidField
from ttp.core.key_destruction import KeyringBackup
from ttp.core.rotation import STEPS, RotationState
from ttp.http.center import read, the_center, write
from ttp.pages.case_forms import kept
from ttp.pages.listed import listed
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.custody.back_up_keyring import back_up_keyring
from ttp.services.custody.confirm_disposal import confirm_disposal
from ttp.services.custody.destroy_keys import request_destruction
from ttp.services.custody.rotate_keys import pause_rotation, request_rotation, resume_rotation
from ttp.services.custody.show_keys import KeyFilter, show_keys
from ttp.services.pseudonyms.issue_receipt import issue_receipt


@page("/keys", right=Right.READ_AUDIT)
def keyring() -> str:
    """All of it; the part with rotations asks for itself again while one is running."""
    center, actor, asked = the_center(), person().actor, request.args
    wanted = KeyFilter(*(asked.get(name, "").strip() for name in ("purpose", "scope", "state")))
    after = max(0, asked.get("after", 0, type=int))
    shown = read(lambda tx: show_keys(center, tx, actor, wanted=wanted, after=after))
    return render_template(
        "keyring.html",
        shown=shown,
        rotations=listed("rotations", shown.rotations),
        destructions=listed("destructions", shown.destructions),
        backups=listed("backups", [one for one in shown.backups if not _gone(one)]),
        wanted=wanted,
        after=after,
        kept=kept(asked, without="after"),
        domains=[domain.name for domain in read(lambda tx: tx.domains.all())],
        purposes=[purpose.value for purpose in Purpose],
        states=[state.value for state in KeyState],
        rotatable={purpose.value for purpose in STEPS},
        rotating=any(one.state is RotationState.RUNNING for one in shown.rotations),
        sound=_sound(),
        administers=actor.may(Right.ADMINISTER),
        moment=lambda ms: datetime.fromtimestamp(ms / 1000, UTC),
    )


@page("/keys/rotate", right=Right.ADMINISTER, method="POST")
def rotate_key() -> Response:
    """Ask for a rotation; the worker begins with it."""
    center, actor, form = the_center(), person().actor, request.form
    purpose, scope = _purpose(form.get("purpose", "")), form.get("scope", "")
    write(lambda tx: request_rotation(center, tx, actor, purpose=purpose, scope=scope))
    return go(url_for(".keyring"))


@page("/keys/rotations/<uuid:rotation_id>", right=Right.ADMINISTER, method="POST")
def steer_rotation(rotation_id: UUID) -> Response:
    """Pause a rotation, or let it go on."""
    act = resume_rotation if request.form.get("act") == "resume" else pause_rotation
    write(lambda tx: act(the_center(), tx, person().actor, rotation_id=rotation_id))
    return go(url_for(".keyring"))


@page("/keys/destroy", right=Right.ADMINISTER, method="POST")
def destroy_key() -> Response:
    """Ask for the destruction of one version, or of all keys of a domain; another person decides."""
    center, actor, form = the_center(), person().actor, request.form
    if "sure" not in form:
        raise InvalidField("A destruction needs its confirmation.")
    purpose = _purpose(form["purpose"]) if form.get("purpose") else None
    version, scope = form.get("version", type=int), form.get("scope", "")
    write(
        lambda tx: request_destruction(
            center, tx, actor, scope=scope, purpose=purpose, version=version
        )
    )
    return go(url_for(".keyring"))


@page("/keys/backups", right=Right.ADMINISTER, method="POST")
def back_up() -> Response:
    """A sealed copy of the keyring to keep apart from the database; recorded before it is handed out."""
    center, actor = the_center(), person().actor
    made, content = write(lambda tx: back_up_keyring(center, tx, actor))
    return _download(content, f"keyring-{made.generation}-{made.id}.backup")


@page("/keys/backups/<uuid:backup_id>", right=Right.ADMINISTER, method="POST")
def dispose(backup_id: UUID) -> Response:
    """Vouch that every medium with this copy was disposed of."""
    if "sure" not in request.form:
        raise InvalidField("A disposal needs its confirmation.")
    write(lambda tx: confirm_disposal(the_center(), tx, person().actor, backup_id=backup_id))
    return go(url_for(".keyring"))


@page("/keys/receipts/<uuid:destruction_id>", right=Right.READ_AUDIT)
def receipt(destruction_id: UUID) -> Response:
    """The signed receipt of a destruction as it stands now."""
    center, actor = the_center(), person().actor
    told = read(lambda tx: issue_receipt(center, tx, actor, destruction_id=destruction_id))
    return _download(orjson.dumps(told, option=orjson.OPT_INDENT_2), f"{destruction_id}.json")


def _gone(copy: KeyringBackup) -> bool:
    """Whether a copy is left out: those disposed of, where only the others are asked for."""
    return "kept" in request.args and copy.disposed_at is not None


def _sound() -> bool:
    """Whether cryptography gives the published answers now, as it did at the start."""
    try:
        self_test()
    except SelfTestFailed:
        return False
    return True


def _purpose(text: str) -> Purpose:
    try:
        return Purpose(text)
    except ValueError:
        raise InvalidField("There is no such purpose.") from None


def _download(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
