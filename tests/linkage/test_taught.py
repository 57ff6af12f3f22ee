"""Taught scorers: one for each shipped schema of views, right about chances, silent on other schemas."""

from dataclasses import replace

import numpy as np
import pytest

from linkage import schema
from linkage.decide import matter
from linkage.decide.logistic import Logistic
from linkage.decide.taught import LinkLesson, Taught, taught_for
from linkage.encode import Encoder
from linkage.synthetic import generate

TAUGHT = ("accurate", "views", "salted")


@pytest.mark.parametrize("name", TAUGHT)
def test_a_taught_scorer_has_the_columns_and_levels_of_its_schema(name: str) -> None:
    loaded = schema.load(name)
    found = taught_for(loaded)
    assert found is not None
    if name == "salted":
        people = generate(("a",), 5, 0.0, 1).table("a")
        sizes = matter.columns_of_salted(Encoder(loaded, secret=b"s" * 32).encode(people)).sizes
    else:
        sizes = (matter.BINS,) * len(loaded.views)
    assert tuple(len(table) - 1 for table in found.scorer.tables) == sizes
    assert 0 < found.links.share < 1
    assert found.links.slope > 0


def test_a_schema_that_is_not_shipped_has_none() -> None:
    assert taught_for(replace(schema.load("views"), name="of-our-own")) is None


@pytest.mark.parametrize("share", [0.01, 0.2, 0.7])
def test_doubts_are_right_whatever_share_of_the_links_is_true(share: float) -> None:
    """Planted: taught where half matched, asked where another share does."""
    rng = np.random.default_rng(7)
    matching = rng.random(200_000) < share
    evidence = np.where(matching, rng.normal(6, 3, 200_000), rng.normal(-6, 3, 200_000))
    bits = 12 * evidence / 9 / np.log(2)
    doubt = Taught(Logistic(0.0, ()), LinkLesson(1.0, 2.0, 0.5)).doubt((bits - 1.0) / 2.0)
    assert doubt.sum() == pytest.approx((~matching).sum(), rel=0.01)
    unsure = (doubt > 0.2) & (doubt < 0.8)
    assert doubt[unsure].mean() == pytest.approx((~matching)[unsure].mean(), abs=0.05)


@pytest.mark.filterwarnings("error")
def test_two_sources_without_a_link_have_nothing_to_doubt() -> None:
    taught = taught_for(schema.load("views"))
    assert taught is not None
    assert not len(taught.doubt(np.zeros(0)))
