"""Where the vectors of linkage lie, and how to read them."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent.parent / "vectors"


def read(name: str) -> Any:
    """A JSON file of vectors."""
    return json.loads((VECTORS / name).read_text("utf-8"))
