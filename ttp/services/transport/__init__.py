"""Transport: transfers, transport IDs, and what follows from a project's own key."""
