"""Pages are tried as people use them: log in, read, fill in forms."""
