"""``tidings warehouse``: where the warehouse lies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tidings.flows.settings import read_settings
from tidings.warehouse.lake import Lake
from tidings.warehouse.relocate import adopt_folder, move_lake
from tidings.warehouse.remote_lake import lake_at

warehouse = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Move the warehouse to another location and back, or adopt a copy."
)


@warehouse.callback()
def start() -> None:
    """Move the warehouse to another location and back, or adopt a copy."""


@warehouse.command()
def move(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The warehouse as it is: a folder or a lake address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A place that holds none yet.")],
) -> None:
    """Copy a warehouse to another address, releases included, and check that it is the same.

    A lake address is `postgresql://USER@HOST/DATABASE?data=s3://BUCKET/PREFIX`; see docs/scale.md.

    Files are read back and compared, then every table by count and hash, now and as each release has it. The old one is left
    as it is: set `TIDINGS_WAREHOUSE` to the new address, and take the old one away when you trust it. Stopped anywhere, start
    it again.
    """
    folder = read_settings().warehouse
    moved = move_lake(lake_at(source, folder), lake_at(target, folder), lambda text: print(text, file=sys.stderr))
    print(
        f"Moved: {moved.files:,} files ({moved.byte_count:,} bytes), {moved.tables} tables, {moved.releases} releases."
        " Set TIDINGS_WAREHOUSE to the new address."
    )


@warehouse.command()
def adopt(
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="The copy. Without it, TIDINGS_WAREHOUSE.")] = None,
) -> None:
    """Make a warehouse that was copied or moved by hand usable at its new location.

    A catalog stores the full path of its tables' folder. Tidings refuses a copy until you adopt it, so that two copies never
    write into each other. Before it changes that path, the command checks that no run is writing, that the catalog is intact,
    that every file in the catalog exists below FOLDER, and that no part of FOLDER is a link to the original.

    The original, if it still exists, remains a separate warehouse: let only one of the two run every night.
    """
    lake = read_settings().lake if folder is None else Lake(folder.resolve())
    before = adopt_folder(lake, lambda text: print(f"tidings: {text}", file=sys.stderr))
    if before is None:
        print(f"The catalog of {lake.root} already names this folder; nothing was changed.")
        return
    print(f"{lake.root} is now a separate warehouse; its catalog named {before}.")
    if Path(before).is_dir():
        print(f"{before} still exists: let only one of the two run every night.", file=sys.stderr)
