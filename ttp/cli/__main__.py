"""``python -m ttp.cli`` is ``ttp``."""

from ttp.cli import main

main(prog_name="ttp")
