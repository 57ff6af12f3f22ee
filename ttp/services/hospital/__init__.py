"""Hospital systems: what a source says of its records, by message or by link, in its order."""
