"""FHIR data rewritten by rules."""
