"""``tidings warehouse``: where the warehouse lies."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.settings import read_settings
from warehouse.address import lake_at
from warehouse.move import move as move_lake

warehouse = typer.Typer(add_completion=False, no_args_is_help=True, help="Where the warehouse lies: move it, and back.")


@warehouse.callback()
def start() -> None:
    """Where the warehouse lies: move it, and back."""


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
