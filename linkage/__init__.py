"""Linkage: encode, compare, classify and group records of persons, without any knowledge of the service."""
