"""Pseudonyms as use cases, on both databases."""
