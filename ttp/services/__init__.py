"""The use cases, one per file, verb first, in packages by subject: they know rules and ports, no web, no database."""
