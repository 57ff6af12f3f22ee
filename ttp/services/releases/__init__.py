"""Releases: requested, permitted by the sites, approved, drawn up and read."""
