"""Where next to no patient is common, schemas without a lesson link few strangers."""

import pytest

from linkage import schema
from linkage.encode import Encoder
from linkage.pipeline import link
from linkage.synthetic import MODERATE, generate


@pytest.mark.parametrize(("name", "most"), [("default", 130), ("field", 130)])
def test_a_patient_in_thirty_shared_does_not_link_hundreds_of_strangers(
    name: str, most: int
) -> None:
    """Of 3,000 records a site 92 are common; counts that confirm each other made 963 and 199 links of them."""
    seed = {"default": 11, "field": 12}[name]
    people = generate(["a", "b"], 3000, 0.03, seed, MODERATE)
    encoder = Encoder(schema.load(name), secret=b"a secret of at least thirty-two bytes")
    made = link([encoder.encode(people.table(site)) for site in people.sites])
    assert 70 <= len(made.links) <= most
