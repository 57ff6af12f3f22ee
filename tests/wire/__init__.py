"""Foreign wire forms mean what their specification says."""
