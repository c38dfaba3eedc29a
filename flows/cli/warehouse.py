"""``tidings warehouse``: where the warehouse lies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.settings import read_settings
from warehouse.address import lake_at
from warehouse.adopt import adopt as adopt_lake
from warehouse.lake import Lake
from warehouse.move import move as move_lake

warehouse = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Where the warehouse lies: move it, and back; adopt a copy."
)


@warehouse.callback()
def start() -> None:
    """Where the warehouse lies: move it, and back; adopt a copy."""


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
    """Make a warehouse that was copied or moved by hand usable where it now is.

    A catalog names the folder of its tables by its full path; a copy is refused until it is adopted, so that two copies never
    write into one another. Before it changes that path, the command checks that no run is writing, that the catalog is sound,
    that every file which it names is present below FOLDER, and that none of FOLDER's parts is a link to the original.

    The original, where it still exists, stays a warehouse of its own: let only one of the two run every night.
    """
    lake = read_settings().lake if folder is None else Lake(folder.resolve())
    before = adopt_lake(lake, lambda text: print(f"tidings: {text}", file=sys.stderr))
    if before is None:
        print(f"{lake.root} was already the place that its catalog names; nothing was changed.")
        return
    print(f"{lake.root} is a warehouse of its own now; its catalog named {before}.")
    if Path(before).is_dir():
        print(f"{before} still exists: let only one of the two run every night.", file=sys.stderr)
