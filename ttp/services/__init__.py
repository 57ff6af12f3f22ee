"""The use cases, one per file, verb first: they call rules and ports, never a web framework or a database."""
