"""The promises of the keys package."""
