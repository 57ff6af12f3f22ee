"""FHIR wire forms shared by doors: Parameters, Bundles, OperationOutcome; parsing and rendering only."""
