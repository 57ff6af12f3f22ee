"""The use cases, one per file, verb first: they know rules and ports, no web, no database."""
