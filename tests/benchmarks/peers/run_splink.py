"""Run Splink: `A.csv B.csv PAIRS.csv`; the pairs it would link with their match probability.

Columns as `linkage.synthetic` names them. Five blocking rules, frequencies of names, parameters
by its own estimation without truth.
"""

import json
import sys
import time

import pandas as pd
import splink.comparison_library as cl  # type: ignore[import-not-found]  # its own environment
from splink import (
    DuckDBAPI,
    Linker,
    SettingsCreator,
    block_on,
)

tables = [pd.read_csv(path, dtype=str) for path in sys.argv[1:3]]
rules = [
    block_on("surname", "given_name"),
    block_on("birth_date", "given_name"),
    block_on("birth_date", "surname"),
    block_on("postcode", "birth_date"),
    block_on("surname", "postcode", "substr(birth_date, 1, 4)"),
]
settings = SettingsCreator(
    link_type="link_only",
    unique_id_column_name="record_id",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(
            term_frequency_adjustments=True
        ),
        cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]).configure(
            term_frequency_adjustments=True
        ),
        cl.LevenshteinAtThresholds("birth_date", [1, 2]),
        cl.ExactMatch("sex"),
        cl.LevenshteinAtThresholds("postcode", [1]),
        cl.JaroWinklerAtThresholds("city", [0.9]).configure(term_frequency_adjustments=True),
    ],
)
started, spent = time.perf_counter(), time.process_time()
api = DuckDBAPI()
frames = [
    api.register(table, dataset_display_name=name)
    for table, name in zip(tables, ("a", "b"), strict=True)
]
linker = Linker(frames, settings)
linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.8)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
linker.training.estimate_parameters_using_expectation_maximisation(rules[0])
linker.training.estimate_parameters_using_expectation_maximisation(rules[3])
found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
figures = {"s": time.perf_counter() - started, "CPU s": time.process_time() - spent}
found[["record_id_l", "record_id_r", "match_probability"]].to_csv(sys.argv[3], index=False)
sys.stdout.write("\n" + json.dumps({**figures, "pairs": len(found)}))
