"""A center opens only as its custody says, and serves only on what belongs together."""
