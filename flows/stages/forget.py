"""Forgetting a page: out of the lake and the archive, then out of everything that was made from them."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tidings.flows.report.export import export_release
from tidings.flows.report.manifest import Manifest
from tidings.flows.report.write import write_report
from tidings.flows.stages.release import AuditError, audit, model, release
from tidings.flows.urls import normalise_url
from tidings.transforms.run import TransformsError
from tidings.warehouse.copy_log import list_copies
from tidings.warehouse.forget import find_traces, forget, unfinished_urls
from tidings.warehouse.lake import WarehouseError, open_lake
from tidings.warehouse.maintain_files import delete_stray_files, rewrite_release_file, vacuum
from tidings.warehouse.migrate import migrate
from tidings.warehouse.release import open_release
from tidings.warehouse.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.stages.run import Run
    from tidings.warehouse.copy_log import Copy
    from tidings.warehouse.forget import Removal, Traces


def trace_page(run: Run, url: str) -> Traces:
    """Return what would go with a page, and take nothing out. Raises WarehouseError as ``forget_page`` does."""
    wanted = _addresses(run, url)
    with open_lake(run.lake, read_only=True) as con:
        return find_traces(con, run.lake, wanted)


def _addresses(run: Run, url: str) -> list[str]:
    known = normalise_url(url)
    if known is None:
        raise WarehouseError(f"{url} is no address of a page on the web.")
    if not run.lake.exists:
        raise WarehouseError(f"There is no warehouse in {run.lake.name} yet: there is nothing to forget.")
    return sorted({url, known})


def forget_page(run: Run, url: str) -> Removal:
    """Take a page out everywhere and return what went; it does not come back.

    Raises WarehouseError where the address is none of the web, or there is no warehouse. What was made from the lake is made
    again: the release file, the tables, the report and the exports known of. A backup is only named: it is not changed.
    """
    wanted = _addresses(run, url)
    with writer_lock(run.lake, log=run.log):
        with open_lake(run.lake) as con:
            migrate(con)
        gone = forget(run.lake, wanted, run.now)
        run.log(_sentence(gone))
        rewrite_release_file(run.lake, dry_run=False)
        delete_stray_files(run.lake, dry_run=False)  # a file of a killed run may hold the page, and no capture tells of it
        _clear_logs(run, gone)
    make_again(run)
    return gone


def finish_forgetting(run: Run) -> None:
    """Go on with what was broken off."""
    with writer_lock(run.lake, log=run.log), open_lake(run.lake) as con:
        migrate(con)
        left = unfinished_urls(con)
    if left:
        with writer_lock(run.lake, log=run.log):
            run.log(_sentence(forget(run.lake, left, run.now)))
            rewrite_release_file(run.lake, dry_run=False)


def make_again(run: Run) -> None:
    """Make anew what readers see: tables, release, report, exports. Where the audit fails the last release stays, without it."""
    try:
        with writer_lock(run.lake, log=run.log):
            model(run)
            release(run, audit(run))
            vacuum(run.lake.catalog, dry_run=False)
    except (AuditError, WarehouseError, TransformsError) as error:
        run.log(f"the page is gone from the last release too, but no new one was made: {error}")
    with contextlib.suppress(WarehouseError), open_release(run.lake) as con:
        write_report(con, run.lake.report, Manifest())
    for taken in list_copies(run.lake):
        _make_copy_again(run, taken)


def _make_copy_again(run: Run, taken: Copy) -> None:
    if taken.kind == "backup":
        run.log(f"the backup in {taken.folder} was made before and still holds the page: make a new one and delete it")
        return
    try:
        with open_release(run.lake, taken.release_id) as con:
            export_release(con, Path(taken.folder), with_text=taken.has_text)
        run.log(f"the export in {taken.folder} was written again")
    except (WarehouseError, duckdb.Error, OSError) as error:
        run.log(f"the export in {taken.folder} may still hold the page, delete it: {str(error).splitlines()[0]}")


def _clear_logs(run: Run, gone: Removal) -> None:
    """Remove what was logged of the page: dbt's folders, which are made again, and lines of Prefect's own database."""
    shutil.rmtree(run.lake.work, ignore_errors=True)
    path = run.settings.warehouse / "prefect" / "prefect.db"
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as con, con:
        for text in _said(gone):
            con.execute("delete from log where instr(message, ?) > 0", [text])
            con.execute("delete from artifact where instr(data, ?) > 0", [text])
    vacuum(path, dry_run=False)


def _said(gone: Removal) -> Sequence[str]:
    return [*gone.traces.urls, *(text for text in gone.traces.texts if len(text) > 12)]


def _sentence(gone: Removal) -> str:
    traces = gone.traces
    if not (traces.captures or gone.row_count):
        return "the page was not known here; it will not be fetched"
    return (
        f"{len(traces.captures)} captures of {len(traces.urls)} addresses, {len(traces.sources)} bodies of sources that"
        f" showed the page and {gone.row_count} rows are gone, {len(gone.releases)} releases are without it"
    )
