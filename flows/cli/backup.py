"""``tidings backup``: a copy of the whole warehouse."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from tidings.flows.cli.places import UserError
from tidings.flows.settings import read_settings


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder, on another disk at best.")],
) -> None:
    """Copy archive, lake, releases, report and Prefect's memory of runs into a folder, as of one moment.

    Readers are not interrupted. A running night waits until the copy is complete. `tidings restore DIR` restores the copy.

    The command reads every file completely. If a file is damaged, the command still makes the backup, but it names the file and
    exits with status 1.
    """
    from tidings.warehouse.backup import back_up
    from tidings.warehouse.copy_log import record_copy

    lake = read_settings().lake
    made = back_up(lake, folder, dt.datetime.now(dt.UTC), lambda text: print(f"tidings: {text}", file=sys.stderr))
    record_copy(lake, "backup", folder, made.release_id or "", dt.datetime.now(dt.UTC))
    last = f"up to release {made.release_id}" if made.release_id else "before any release"
    print(f"{len(made.files):,} files, {made.byte_count:,} bytes, {last}", file=sys.stderr)
    print(folder)
    if made.damage:
        lines = "\n".join(made.damage)
        raise UserError(
            f"{len(made.damage)} files are damaged in the warehouse and in this backup: keep your earlier backups.\n{lines}"
        )
