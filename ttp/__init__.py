"""Treuhandstelle: the trust center service."""
