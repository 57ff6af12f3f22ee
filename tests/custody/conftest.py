"""A home whose root three custodians hold, any two of whom open it; the chromium of the browser tests."""

from pathlib import Path

import pytest

from tests.browser.conftest import chromium
from tests.custody.quorum_home import QuorumHome, quorum_home

__all__ = ["chromium"]


@pytest.fixture
def home(tmp_path: Path) -> QuorumHome:
    """A new home in the custody of Anders, Brandt and Celik."""
    return quorum_home(tmp_path)
