"""Set the sight: how a person sees the pages is theirs alone and follows them to every browser; it leaves no leaf."""

from __future__ import annotations

from ttp.core.accounts import DENSITIES, THEMES, Sight
from ttp.core.errors import InvalidField
from ttp.core.logins import SignedIn
from ttp.core.ports import Transaction
from ttp.services.access.open_account import LANGUAGES


def set_sight(tx: Transaction, found: SignedIn, *, language: str, sight: Sight) -> None:
    """Store language, theme, density and whether single letters act.

    Raises:
        InvalidField: one of them is none of those there are; nothing is changed.
    """
    if language not in LANGUAGES or sight.theme not in THEMES or sight.density not in DENSITIES:
        raise InvalidField("There is no such language, theme or density.")
    tx.staff.set_sight(found.staff.id, language=language, sight=sight)
