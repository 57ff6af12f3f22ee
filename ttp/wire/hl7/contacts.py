"""Contacts: how a PID segment says somebody can be reached (HL7 v2.5.1, XTN and XAD); they never identify anybody.

A contact without a value says that there is none of its kind.
"""

from __future__ import annotations

from ttp.core.identifying_data import ContactKind
from ttp.wire.hl7.message import DELETED, Components, Segment

Said = list[dict[str, str | None]]

_HOME, _BUSINESS = 13, 14
_MAIL_EQUIPMENT = frozenset({"INTERNET", "X.400"})
_ADDRESS_OF_MAIL = 4
_UNFORMATTED = 12
_NUMBER_PARTS = (5, 6, 7)


def contacts_of(pid: Segment, home: Components | None) -> Said:
    """Telephone numbers and mail addresses of PID-13 and PID-14, and the street of the home's address."""
    numbers = [one for field in (_HOME, _BUSINESS) for one in pid.repetitions(field)]
    found = [one for number in numbers if not number.deleted for one in _reached_by(number)]
    if not found and numbers and all(one.deleted for one in numbers):
        found = [_none_of(ContactKind.PHONE), _none_of(ContactKind.EMAIL)]
    return found + _street(pid, home)


def _reached_by(number: Components) -> Said:
    mail = number.text(2).upper() == "NET" or number.text(3).upper() in _MAIL_EQUIPMENT
    if mail:
        kind, value = ContactKind.EMAIL, number.text(_ADDRESS_OF_MAIL) or number.text(1)
    else:
        parts = " ".join(part for one in _NUMBER_PARTS if (part := number.text(one)))
        kind, value = ContactKind.PHONE, number.text(1) or number.text(_UNFORMATTED) or parts
    return [{"kind": kind.value, "value": value}] if value else []


def _street(pid: Segment, home: Components | None) -> Said:
    if home is None:
        addresses = pid.repetitions(11)
        gone = bool(addresses) and addresses[0].raw.strip() == DELETED
        return [_none_of(ContactKind.STREET)] if gone else []
    parts = " ".join(part for one in (2, 3) if (part := home.text(1, one)))
    street = home.text(1) or parts
    if street == DELETED:
        return [_none_of(ContactKind.STREET)]
    return [{"kind": ContactKind.STREET.value, "value": street}] if street else []


def _none_of(kind: ContactKind) -> dict[str, str | None]:
    return {"kind": kind.value, "value": None}
