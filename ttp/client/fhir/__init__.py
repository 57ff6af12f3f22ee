"""FHIR data at the site: identifiers and references are exchanged by rules; every other byte stays as it was."""
