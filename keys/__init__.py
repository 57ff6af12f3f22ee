"""Keys: custody of the root, derivation, sealing, signing and transparency.

This package knows nothing of patients, databases or the web: bytes in, bytes out.
"""
