"""Select the lake that a command reads."""

from __future__ import annotations

import sys

from tidings.flows.settings import read_settings
from tidings.warehouse.lake import Lake
from tidings.warehouse.release import refresh_release_file


def find_lake(*, is_silent: bool = False) -> Lake:
    """Return the configured lake, or the demo's lake in the same folder if the configured one does not exist.

    Unless ``is_silent``, print a line to standard error if the result is the demo's lake.
    """
    settings = read_settings()
    lake = settings.lake
    demo = Lake(settings.warehouse / "demo")
    if not lake.exists and not lake.is_lost and demo.exists:
        if not is_silent:
            print(f"tidings: No nightly run has created a warehouse yet; using the demo warehouse {demo.root}.", file=sys.stderr)
        return demo
    if lake.is_shared and lake.exists:
        refresh_release_file(lake)
    return lake
