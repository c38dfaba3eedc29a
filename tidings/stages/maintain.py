"""Maintain the warehouse step by step and log the result of each step; all kept releases remain
readable.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tidings.storage.find_damage import record_checksums
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.maintain_files import (
    check_disk,
    delete_old_captures,
    delete_old_runs,
    delete_stray_files,
    rewrite_release_file,
    vacuum,
)
from tidings.storage.maintain_lake import Retention, maintain_lake
from tidings.storage.migrate import migrate, upgrade_format
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.stages.run import Run
    from tidings.storage.maintain_lake import StepResult


def maintain(run: Run, keep: Retention, *, dry_run: bool = False) -> list[StepResult]:
    """Run all maintenance steps and return their results; with ``dry_run`` only report the changes.

    Raises WarehouseError, and deletes nothing, if the lake is missing or a kept release would have
    changed.
    """
    if not run.lake.exists:
        raise WarehouseError(run.lake.why_missing())
    results = []
    with writer_lock(run.lake, log=run.log):
        for result in _steps(run, keep, dry_run=dry_run):
            results.append(result)
            run.log(f"{result.step}: {result.text}{_bytes_freed(result, dry_run=dry_run)}")
    return results


def _steps(run: Run, keep: Retention, *, dry_run: bool) -> Iterator[StepResult]:
    lake, prefect = run.lake, run.settings.warehouse / "prefect" / "prefect.db"
    raw_before = run.now - dt.timedelta(days=keep.raw_days) if keep.raw_days is not None else None
    if not dry_run:
        upgrade_format(lake)
        with open_lake(lake) as con:
            migrate(con)
    yield delete_old_captures(lake, raw_before, dry_run=dry_run)
    yield from maintain_lake(lake, run.now, keep, dry_run=dry_run)
    if not dry_run:
        record_checksums(lake)
    yield delete_stray_files(lake, dry_run=dry_run)
    yield rewrite_release_file(lake, dry_run=dry_run)
    if not lake.is_shared:
        yield vacuum(lake.catalog, dry_run=dry_run)
    yield delete_old_runs(prefect, run.now - dt.timedelta(days=keep.run_days), dry_run=dry_run)
    yield vacuum(prefect, dry_run=dry_run)
    yield check_disk(lake)


def _bytes_freed(result: StepResult, *, dry_run: bool) -> str:
    if result.step == "disk" or not result.byte_count:
        return ""
    verb = "would free" if dry_run else "freed" if result.byte_count > 0 else "added"
    return f"; {verb} {abs(result.byte_count):,} bytes"
