"""Files of which values are exchanged: CSV, Parquet, NDJSON and FHIR; every byte that is not meant stays as it was."""
