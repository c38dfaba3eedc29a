"""``tidings export``: a release's tables as Parquet and CSV, with all that is needed to cite and understand them."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from tidings.flows.cli.places import UserError, reading_lake


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder, or an earlier export to be replaced.")],
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Publishers' texts too. They belong to their publishers: do not pass them on.")
    ] = False,
    release: Annotated[
        str | None, typer.Option(help="A release's id, or a date: the last release of that day or before.")
    ] = None,
) -> None:
    """Write a release's tables as Parquet and CSV, with a data dictionary, a citation and a Frictionless `datapackage.json`."""
    from tidings.flows.report.export import export_release
    from tidings.warehouse.copy_log import record_copy
    from tidings.warehouse.release import open_release

    lake = reading_lake()
    with open_release(lake, release) as con:
        try:
            made = export_release(con, folder, with_text=with_text)
        except FileExistsError as error:
            raise UserError(str(error)) from error
        except OSError as error:
            raise UserError(f"{folder} cannot be written: {error.strerror or error}.") from error
    with contextlib.suppress(OSError):  # who may only read the warehouse may still take an export home
        record_copy(lake, "export", folder, made.release_id, dt.datetime.now(dt.UTC), has_text=with_text)
    texts = "with publishers' texts" if made.has_text else "without publishers' texts"
    print(f"release {made.release_id}: {len(made.tables)} tables, {texts}", file=sys.stderr)
    print(made.folder)
