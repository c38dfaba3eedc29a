"""``tidings restore``: a warehouse from a backup."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.settings import read_settings


def restore(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `tidings backup` wrote.")]) -> None:
    """Make a warehouse of a backup, in the folder that TIDINGS_WAREHOUSE names; an existing warehouse is never overwritten.

    Each file is checked against the backup's own list before the warehouse appears.
    """
    from warehouse.backup import restore as restore_warehouse

    lake = read_settings().lake
    made = restore_warehouse(folder, lake, lambda text: print(f"tidings: {text}", file=sys.stderr))
    print(f"{len(made.files):,} files, {made.byte_count:,} bytes, as of {made.made_at}", file=sys.stderr)
    print(lake.root)
