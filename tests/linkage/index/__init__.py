"""The search index: exact, incremental, shared, in memory alone."""
