"""Approvals: the one mechanism of four eyes."""
