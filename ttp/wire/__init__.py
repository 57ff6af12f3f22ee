"""FHIR wire forms shared by doors: Parameters, Bundles, OperationOutcome; no rules, no I/O."""
