"""Where a command finds its warehouse, and the error that it shows as one sentence."""

from __future__ import annotations

import sys

from tidings.flows.settings import read_settings
from tidings.warehouse.lake import Lake
from tidings.warehouse.reading import renew_release_file


def find_lake() -> Lake:
    """Return the lake to read from: the settings' own, or the demo's in the same folder while no night has run."""
    settings = read_settings()
    lake = settings.lake
    demo = Lake(settings.warehouse / "demo")
    if not lake.exists and not lake.is_lost and demo.exists:
        print(f"tidings: no night has run here yet; this is the demo's warehouse, {demo.root}", file=sys.stderr)
        return demo
    if lake.is_shared and lake.exists:
        renew_release_file(lake)
    return lake
