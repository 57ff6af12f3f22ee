"""Hospital systems: merges, updates and messages as they announce them."""
