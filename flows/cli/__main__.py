"""``python -m tidings.flows.cli``: the same as the console script ``tidings``."""

from tidings.flows.cli import main

main()
