"""Run recordlinkage: `A.csv B.csv PAIRS.csv`; the pairs its ECM classifier links, with their probability.

Columns as `linkage.synthetic` names them; the same blocking as for Splink.
"""

import json
import sys
import time

import pandas as pd
import recordlinkage as rl

tables = [pd.read_csv(path, dtype=str).fillna("").set_index("record_id") for path in sys.argv[1:3]]
started, spent = time.perf_counter(), time.process_time()
blocks = rl.Index()
for rule in (
    ["surname", "given_name"],
    ["birth_date", "given_name"],
    ["birth_date", "surname"],
    ["postcode", "birth_date"],
):
    blocks.block(rule)
pairs = blocks.index(*tables)
compare = rl.Compare()
for name in ("given_name", "surname", "city"):
    compare.string(name, name, method="jarowinkler", threshold=0.9, label=name)
for name in ("birth_date", "sex", "postcode"):
    compare.exact(name, name, label=name)
features = compare.compute(pairs, *tables)
classifier = rl.ECMClassifier()
links = classifier.fit_predict(features)
probabilities = classifier.prob(features).loc[links]
figures = {"s": time.perf_counter() - started, "CPU s": time.process_time() - spent}
probabilities.rename("probability").to_csv(sys.argv[3])
sys.stdout.write("\n" + json.dumps({**figures, "pairs": len(links)}))
