"""Upkeep, step by step: what may go goes, every kept release stays readable, and each step says what it did."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tidings.warehouse.damage import note_files
from tidings.warehouse.format import upgrade_format
from tidings.warehouse.lake import WarehouseError, opened, writing
from tidings.warehouse.migrate import migrate
from tidings.warehouse.upkeep import Keep, tidy_lake
from tidings.warehouse.upkeep_files import check_disk, forget_runs, remove_strays, renew_whole, thin_archive, vacuum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.flows.stages.run import Run
    from tidings.warehouse.upkeep import Done


def maintain(run: Run, keep: Keep, *, dry_run: bool = False) -> list[Done]:
    """Do the upkeep, or with ``dry_run`` only say what it would do, and return what each step came to.

    Raises WarehouseError where there is no lake, or where a kept release would have come out changed; nothing is then deleted.
    """
    if not run.lake.exists:
        raise WarehouseError(run.lake.why_missing())
    done = []
    with writing(run.lake, log=run.log):
        for one in _steps(run, keep, dry_run=dry_run):
            done.append(one)
            run.log(f"{one.step}: {one.text}{_given_back(one, dry_run=dry_run)}")
    return done


def _steps(run: Run, keep: Keep, *, dry_run: bool) -> Iterator[Done]:
    lake, prefect = run.lake, run.settings.warehouse / "prefect" / "prefect.db"
    raw_before = run.now - dt.timedelta(days=keep.raw_days) if keep.raw_days is not None else None
    if not dry_run:
        upgrade_format(lake)
        with opened(lake) as con:
            migrate(con)
    yield thin_archive(lake, raw_before, dry_run=dry_run)
    yield from tidy_lake(lake, run.now, keep, dry_run=dry_run)
    if not dry_run:
        note_files(lake)
    yield remove_strays(lake, dry_run=dry_run)
    yield renew_whole(lake, dry_run=dry_run)
    if not lake.is_shared:
        yield vacuum(lake.catalog, dry_run=dry_run)
    yield forget_runs(prefect, run.now - dt.timedelta(days=keep.run_days), dry_run=dry_run)
    yield vacuum(prefect, dry_run=dry_run)
    yield check_disk(lake)


def _given_back(done: Done, *, dry_run: bool) -> str:
    if done.step == "disk" or not done.byte_count:
        return ""
    sign = "would give back" if dry_run else "gave back" if done.byte_count > 0 else "took"
    return f"; {sign} {abs(done.byte_count):,} bytes"
