"""Run the console script ``tidings`` as ``python -m tidings.cli``."""

from tidings.cli import main

main()
