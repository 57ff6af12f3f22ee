"""Check digits: what each method finds and misses."""
