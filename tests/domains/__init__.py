"""Domains: forms, policies, parents, life."""
