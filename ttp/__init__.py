"""Treuhandstelle: the trust center service."""

__version__ = "0.1.0"
