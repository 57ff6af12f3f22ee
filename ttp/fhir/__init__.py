"""The national FHIR pseudonymization interface: a door like any other; rules live in services."""
