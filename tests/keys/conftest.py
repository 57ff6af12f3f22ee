"""Here a guess costs what it costs in earnest."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher


@pytest.fixture(scope="module", autouse=True)
def _earnest_guesses() -> Iterator[None]:
    """Take back what makes other tests quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keys.custody.file.PASSES", 3)
        patch.setattr("keys.custody.file.MEMORY_KIB", 64 * 1024)
        patch.setattr("keys.passwords._HASHER", PasswordHasher(2, 19 * 1024, 1))
        yield
