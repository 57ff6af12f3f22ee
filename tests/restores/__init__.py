"""Restores: an older database, keyring or history is noticed from outside, and accepted by two persons only."""
