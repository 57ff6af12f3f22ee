"""Run clkhash: `RECORDS.csv SCHEMA.json SECRET FILTERS.npy`; one process, filters to a file."""

import io
import json
import sys
import time
from pathlib import Path

import numpy as np
from clkhash.clk import generate_clk_from_csv  # type: ignore[import-not-found]  # its own environment
from clkhash.schema import from_json_file  # type: ignore[import-not-found]  # its own environment

records, schema_file, secret, result = sys.argv[1:5]
with Path(schema_file).open() as file:
    schema = from_json_file(file)
text = io.StringIO(Path(records).read_text())
started = time.process_time()
filters = generate_clk_from_csv(text, secret, schema, progress_bar=False, max_workers=1)
seconds = time.process_time() - started
np.save(result, np.stack([np.frombuffer(one.tobytes(), np.uint8) for one in filters]))
sys.stdout.write(json.dumps({"CPU s": seconds, "records/s": len(filters) / seconds}))
