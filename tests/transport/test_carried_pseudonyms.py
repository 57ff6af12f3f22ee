"""Pseudonyms that exist travel as they are, those of multi domains too; what stands for nothing any more does not."""

from pathlib import Path

import pytest

from tests.builders import ManualClock, make_domain, make_key
from tests.transport.station import Station, make_station
from ttp.core.access import OPERATOR
from ttp.core.errors import AtomicBatchRefused
from ttp.core.pseudonyms import Issued, IssuedMany
from ttp.core.validity import Validity
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms
from ttp.services.transport.hand_in_transfer import Item


@pytest.fixture
def station(tmp_path: Path, database_url: str) -> Station:
    made = make_station(tmp_path, database_url, ManualClock())
    make_domain(made.center, "samples", multi=True)
    make_domain(made.center, "brief", validity=Validity("P1D"))
    made.keys["cd"] = make_key(made.center, "samples", "brief", name="sender")
    return made


def test_secondary_pseudonyms_travel(station: Station) -> None:
    center = station.center
    (made,) = center.work.run(
        lambda tx: issue_secondary_pseudonyms(
            center, tx, OPERATOR, domain_name="samples", originals=["x"], count=2
        )
    )
    assert isinstance(made, IssuedMany)
    handed = station.hand_in(*(Item(pseudonym=one, domain="samples") for one in made.pseudonyms))
    assert list(station.exchange(handed.transfer).values()) == list(made.pseudonyms)


def test_what_is_over_does_not_travel(station: Station) -> None:
    center = station.center
    (made,) = center.work.run(
        lambda tx: issue_pseudonyms(center, tx, OPERATOR, domain_name="brief", originals=["x"])
    )
    assert isinstance(made, Issued)
    item = Item(pseudonym=made.pseudonym, domain="brief")
    assert len(station.hand_in(item).transport_ids) == 1
    station.clock.skip(days=1, seconds=1)
    with pytest.raises(AtomicBatchRefused):
        station.hand_in(item)
