"""Where a command finds its warehouse, and the error that it shows as one sentence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tidings.flows.settings import read_settings
from tidings.warehouse.release import refresh_release_file
from tidings.warehouse.remote_lake import demo_lake

if TYPE_CHECKING:
    from tidings.warehouse.lake import Lake


class UserError(Exception):
    """What the person at the keyboard can put right; the message is one sentence."""


def reading_lake() -> Lake:
    """Return the lake to read from: the settings' own, or the demo's in the same folder while no night has run."""
    lake = read_settings().lake
    if demo := demo_lake(lake):
        print(f"tidings: no night has run here yet; this is the demo's warehouse, {demo.root}", file=sys.stderr)
        return demo
    if lake.is_shared and lake.exists:
        refresh_release_file(lake)
    return lake
