"""Custody of keys: rotated, destroyed, backed up, held by one host, and opened by custodians."""
