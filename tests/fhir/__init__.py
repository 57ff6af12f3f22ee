"""The national pseudonymization interface as its clients see it."""
