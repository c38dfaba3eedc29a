"""``tidings restore``: a warehouse from a backup."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tidings.flows.cli.places import UserError
from tidings.flows.settings import read_settings


def restore(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `tidings backup` wrote.")]) -> None:
    """Make a warehouse of a backup, in the folder that TIDINGS_WAREHOUSE names; an existing warehouse is never overwritten.

    Before it writes anything, the command compares the names, sizes and SHA-256 hashes of all files with the backup's own list.
    It refuses links, and files that the list does not name. Afterwards it reads every table and every archive record. If a file
    was already damaged in the backup, the command names it and exits with status 1.
    """
    from tidings.warehouse.backup import restore as restore_warehouse

    lake = read_settings().lake
    made, damage = restore_warehouse(folder, lake, lambda text: print(f"tidings: {text}", file=sys.stderr))
    print(f"{len(made.files):,} files, {made.byte_count:,} bytes, as of {made.made_at}", file=sys.stderr)
    print(lake.root)
    if damage:
        raise UserError(f"{len(damage)} restored files were damaged before the backup:\n" + "\n".join(map(str, damage)))
