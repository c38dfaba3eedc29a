"""Run the console script ``tidings`` as ``python -m tidings.flows.cli``."""

from tidings.flows.cli import main

main()
