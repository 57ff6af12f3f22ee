"""Consents: recorded, imported, and asked by whatever uses a person's data."""
