"""Access: accounts, clients, sessions, second factors, grants, roles, and the glass that may be broken."""
