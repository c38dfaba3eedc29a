"""``tidings release``, ``report`` and ``export``: make a release and write its report and its tables."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from tidings.flows.cli.lake import find_lake
from tidings.flows.cli.run_flow import run_flow
from tidings.flows.cli.terminal import UserError
from tidings.flows.settings import read_instant, read_settings


def release(
    accept_loss: Annotated[
        str | None, typer.Option(metavar="REASON", help="Release although rows are missing, and record this reason.")
    ] = None,
    now: Annotated[str, typer.Option(help="Run time (ISO 8601 with time zone). Empty: the current time.")] = "",
) -> None:
    """Rebuild every table from the stored articles, audit and release, without a request to any source.

    The audit refuses a release that lacks rows of the last release, unless a reprocess, a retag or a forgotten page explains
    the loss. This command restores all rows that can be computed again. If a loss remains, it needs a reason, which
    `ops.releases` stores.
    """
    if accept_loss is not None and not accept_loss.strip():
        raise UserError('--accept-loss needs a reason, such as: tidings release --accept-loss "the archive of 2019 was lost"')
    if now:
        read_instant(now)
    if not read_settings().lake.exists:
        raise UserError(read_settings().lake.why_missing())
    run_flow("tidings.flows.release:release", {"accepted_loss": (accept_loss or "").strip(), "now": now})


def report(
    whole: Annotated[bool, typer.Option("--whole", help="Write every page anew, not only those that changed.")] = False,
) -> None:
    """Write the report of the last release and print the path of its first page.

    It opens from disk in any browser, with no network: `tidings report` prints the path that you open.
    """
    from tidings.flows.report import Manifest, write_report
    from tidings.warehouse.reading import open_release

    lake = find_lake()
    with open_release(lake) as con:
        made = write_report(con, lake.report, Manifest() if whole else None)
    print(
        f"release {made.release_id}: {made.written} of {made.pages} files written, {made.removed} removed",
        file=sys.stderr,
    )
    print(made.index)


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
    from tidings.warehouse.exports import note_copy
    from tidings.warehouse.reading import open_release

    lake = find_lake()
    with open_release(lake, release) as con:
        try:
            made = export_release(con, folder, with_text=with_text)
        except FileExistsError as error:
            raise UserError(str(error)) from error
        except OSError as error:
            raise UserError(f"{folder} cannot be written: {error.strerror or error}.") from error
    with contextlib.suppress(OSError):  # who may only read the warehouse may still take an export home
        note_copy(lake, "export", folder, made.release_id, dt.datetime.now(dt.UTC), has_text=with_text)
    texts = "with publishers' texts" if made.has_text else "without publishers' texts"
    print(f"release {made.release_id}: {len(made.tables)} tables, {texts}", file=sys.stderr)
    print(made.folder)
