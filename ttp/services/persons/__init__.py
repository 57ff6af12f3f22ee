"""Persons: records are registered, find their person, change, rest, are looked up, shown and deleted."""
