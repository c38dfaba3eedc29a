"""``python -m flows.cli``: the same as the console script ``tidings``."""

from flows.cli import main

main()
