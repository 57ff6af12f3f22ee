"""Access: keys, accounts, sessions, and every route tried by everybody."""
