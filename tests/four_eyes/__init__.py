"""Four eyes: one mechanism, every kind, every door."""
