"""The examples of docs/client.md run as they stand."""

import re
from pathlib import Path

from tests.cli.running import made, run, served

DOCUMENT = Path(__file__).parents[2] / "docs" / "client.md"
BLOCK = re.compile(r"tests/client/test_document\.py -->\n```python\n(.*?)```", re.DOTALL)


def test_the_examples_do_what_is_said(tmp_path: Path) -> None:
    home = made(tmp_path / "home", "diz")
    key = run(home, "client", "create", "p", "--role", "pipeline", "--domain", "diz").stdout.strip()
    (example,) = BLOCK.findall(DOCUMENT.read_text())
    with served(home) as (url, _):
        exec(compile(example, str(DOCUMENT), "exec"), {"url": url, "key": key})  # noqa: S102 - our own text
