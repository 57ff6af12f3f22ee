"""An erasure over HTTP gives its receipt, and gives it again to who lost it."""

from pathlib import Path

from keys.digests import canonical_json
from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.services.log.sequence_leaves import audit_signing_key

URL = "/api/v1/erasures"


def test_the_receipt_of_an_erasure_is_signed_and_can_be_had_again(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    make_domain(center, "diz")
    make_domain(center, "bio", deletable=True)
    http, headers = make_http(center), bearer(make_key(center, "diz", "bio"))
    for domain in ("diz", "bio"):
        http.post(
            f"/api/v1/domains/{domain}/pseudonyms", json={"originals": ["x"]}, headers=headers
        )
    body = {"pairs": [{"domain": "diz", "original": "x"}, {"domain": "bio", "original": "nobody"}]}
    named = {**headers, "Idempotency-Key": "e-1"}
    first, again = (http.post(URL, json=body, headers=named) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.get_json()["results"] == again.get_json()["results"]
    assert again.headers["Idempotent-Replay"] == "true"
    for receipt in (first.get_json()["receipt"], again.get_json()["receipt"]):
        signature = bytes.fromhex(receipt.pop("signature")["ed25519"])
        assert audit_signing_key(center).public.verify(signature, canonical_json(receipt))
        assert receipt["leaf_hash"] in first.headers["Ttp-Audit-Leaf"]
    everywhere = http.post(f"{URL}/everywhere", json={"original": "x"}, headers=headers)
    (line,) = everywhere.get_json()["receipt"]["ended"]
    assert (line["domain"], line["ended"]) == ("bio", "deleted")
