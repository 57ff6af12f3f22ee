"""A center on each kind of database, asked by tests."""

from tests.services.pseudonyms.conftest import ask, center

__all__ = ["ask", "center"]
