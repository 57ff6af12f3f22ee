"""The database layer on both kinds of databases."""
