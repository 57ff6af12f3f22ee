"""Peers: other trust centers, whom to trust, whose requests to answer, and who witnesses whose log."""
