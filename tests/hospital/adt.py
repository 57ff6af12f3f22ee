"""ADT messages for tests: made up, in the ways German hospital systems write them."""

from __future__ import annotations

PERSONS = {
    "17": "PID|1||17^^^KIS^PI||Müller^Änne^Eva^^Dr.^^L||19500201|F|||Hauptstr. 1^^Greifswald^^17489^D^H",
    "18": "PID|1||18^^^KIS^PI||Quandt^Zoltan^^^^^L||19710615|M|||Weg 2^^Bremen^^28195^D^H",
    "19": "PID|1||19^^^KIS^PI||Jebsen^Ottilie^^^^^L||19880930|F|||Gasse 3^^Mainz^^55116^D^H",
}


def adt(
    event: str, *segments: str, at: str = "20261122101530", charset: str = "UNICODE UTF-8"
) -> str:
    """A message of this event, written at this time."""
    head = f"MSH|^~\\&|KIS|HAUS|TTP|THS|{at}||ADT^{event}|M{at}|P|2.5|||||DEU|{charset}"
    return "\r".join([head, f"EVN|{event}|{at}", *segments]) + "\r"


def person(number: str, event: str = "A04", *, at: str = "20261122101530") -> str:
    """The data of a person."""
    return adt(event, PERSONS[number], at=at)


def merge(first: str, second: str, event: str = "A40", *, at: str = "20261122101530") -> str:
    """The first number was merged into the second."""
    return adt(event, f"PID|1||{second}^^^KIS^PI", f"MRG|{first}^^^KIS^PI", at=at)


def unlink(first: str, second: str, *, at: str = "20261122101530") -> str:
    """The link or merge of two is taken back."""
    ends = [f"PID|1||{one}^^^KIS^PI" for one in (first, second)]
    return adt("A37", *ends, at=at)
