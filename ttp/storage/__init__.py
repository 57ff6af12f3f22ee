"""The only SQL: implements the ports of the core on SQLite and PostgreSQL by the same code."""
