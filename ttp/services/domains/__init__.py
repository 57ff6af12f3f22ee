"""Domains: made, placed among their parents, led through their life, read."""
