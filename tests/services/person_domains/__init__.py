"""Domains whose originals are persons of a local center."""
