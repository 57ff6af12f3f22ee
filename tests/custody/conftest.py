"""A home whose root three custodians hold, any two of whom open it."""

from pathlib import Path

import pytest

from tests.custody.quorum_home import QuorumHome, quorum_home


@pytest.fixture
def home(tmp_path: Path) -> QuorumHome:
    """A new home in the custody of Anders, Brandt and Celik."""
    return quorum_home(tmp_path)
