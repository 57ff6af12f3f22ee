"""FHIR wire forms."""
