"""Maintain the files beside the lake: archive, files of killed runs, release file, databases, free
disk space.

The caller must hold the writer lock.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.base.languages.plural import counted
from tidings.base.records import Release
from tidings.storage.archive import FORGOTTEN_FILE, leftover_parts
from tidings.storage.checksums import replace_file
from tidings.storage.lake import check_locks, open_lake, transaction
from tidings.storage.load import read_records
from tidings.storage.maintain_lake import StepResult
from tidings.storage.release import last_release, write_release

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.storage.lake import Lake

MIN_FREE_SHARE = 0.1  # of the disk; below it the step reports a full disk
# An archive file may be deleted when all its records are old and cleaned, and no younger record
# refers to a body in it.
OLD_FILES = """
    select warc_file from raw.captures where warc_file is not null
    group by warc_file
    having max(fetched_at) < $before
    and warc_file not in (
        select held.warc_file from raw.captures as held
        inner join raw.captures as later on later.digest = held.digest and later.is_revisit and
            later.fetched_at >= $before
        where held.warc_file is not null and not held.is_revisit
    )
    and warc_file not in (
        select warc_file from raw.captures where kind in ('page', 'entry') and outcome = 'ok' and
            warc_file is not null
        and capture_id not in (select capture_id from core.extractions)
    )
    order by warc_file
"""


def delete_old_captures(lake: Lake, before: dt.datetime | None, *, dry_run: bool) -> StepResult:
    """Delete archive files that are older than ``before`` and to which no younger record refers;
    None keeps all.

    Articles and figures do not change, but the deleted captures cannot be cleaned again. The rows
    are updated before the files are deleted, so that a kill leaves only files without rows.
    """
    if before is None:
        return StepResult("raw", 0, 0, "archive files are kept forever")
    with open_lake(lake, read_only=dry_run) as con:
        old = [row[0] for row in con.execute(OLD_FILES, {"before": before}).fetchall()]
        size = sum(_sizes(lake, old))
        if old and not dry_run:
            with transaction(con):
                con.execute(
                    "update raw.captures set warc_file = null, warc_offset = null, warc_length ="
                    " null"
                    " where warc_file in (select unnest($old::varchar[]))",
                    {"old": old},
                )
            for name in old:
                lake.raw.remove(name)
    return StepResult(
        "raw", len(old), size, f"{len(old)} archive files are older than {before:%Y-%m-%d}"
    )


def delete_stray_files(lake: Lake, *, dry_run: bool = False) -> StepResult:
    """Delete files of killed runs: archive files without rows, and unfinished files of processes
    that have ended.
    """
    with open_lake(lake, read_only=True) as con:
        rows = con.execute("select distinct warc_file from raw.captures").fetchall()
    named = {FORGOTTEN_FILE}.union(*rows)
    strays = [name for name in lake.raw.names() if name not in named]
    release = lake.release_file.with_name(f".{lake.release_file.name}.part")
    release_parts = (release, release.with_name(f"{release.name}.wal"))
    parts = [*leftover_parts(lake.raw), *filter(Path.is_file, release_parts)]
    size = sum(_sizes(lake, strays)) + sum(part.stat().st_size for part in parts)
    if not dry_run:
        check_locks()  # the files of another run are strays until it commits their rows
        for name in strays:
            lake.raw.remove(name)
        for part in parts:
            part.unlink(missing_ok=True)
    return StepResult(
        "strays",
        len(strays) + len(parts),
        size,
        f"{counted(len(strays) + len(parts), 'file')} of killed runs",
    )


def _sizes(lake: Lake, names: Iterable[str]) -> Iterable[int]:
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            yield lake.raw.size(name)


def rewrite_release_file(lake: Lake, *, dry_run: bool = False) -> StepResult:
    """Rewrite the last release's file completely: nightly updates do not free the space of deleted
    rows.
    """
    size = lake.release_file.stat().st_size if lake.release_file.exists() else 0
    with open_lake(lake, read_only=True) as con:
        newest, known = last_release(con), read_records(con, Release)
    if newest is None or dry_run:
        return StepResult(
            "release file",
            0,
            0,
            f"the release file of {size:,} bytes would be rewritten" if size else "no release yet",
        )
    part = write_release(lake, newest, lake.release_file, known)
    after = part.stat().st_size
    replace_file(part, lake.release_file)
    return StepResult(
        "release file", 1, size - after, f"rewrote the release file with {after:,} bytes"
    )


def vacuum(path: Path, *, dry_run: bool = False, patience: float = 30.0) -> StepResult:
    """Vacuum a SQLite database, which may be in use.

    A database that is busy for longer than ``patience`` seconds is skipped until the next
    maintenance.
    """
    count, freed, text = 0, 0, f"{path.name} does not exist"
    if path.exists():
        before = _database_size(path)
        text = f"{path.name} of {before:,} bytes would be vacuumed"
        if not dry_run:
            try:
                with contextlib.closing(
                    sqlite3.connect(path, timeout=patience, isolation_level=None)
                ) as con:
                    con.execute("vacuum")
                    con.execute("pragma wal_checkpoint(truncate)")
                after = _database_size(path)
                count, freed, text = 1, before - after, f"{path.name} has {after:,} bytes"
            except sqlite3.OperationalError as error:
                text = f"{path.name} is skipped until the next maintenance: {error}"
    return StepResult(f"vacuum {path.name}", count, freed, text)


def _database_size(path: Path) -> int:
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def delete_old_runs(path: Path, before: dt.datetime, *, dry_run: bool) -> StepResult:
    """Delete runs that ended before a time from Prefect's SQLite database, with their logs; keep
    deployments and settings.
    """
    if not path.exists():
        return StepResult("runs", 0, 0, "Prefect's database does not exist")
    old = (
        "from flow_run where state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') and"
        " end_time < ?"
    )
    stamp = f"{before.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as con:
        (count,) = con.execute(f"select count(*) {old}", [stamp]).fetchone()
        if not dry_run:
            con.execute("pragma foreign_keys = on")
            con.execute("begin immediate")
            for table in ("log", "artifact"):
                con.execute(f"delete from {table} where flow_run_id in (select id {old})", [stamp])
            con.execute(f"delete {old}", [stamp])
            con.execute("delete from event_resources where occurred < ?", [stamp])
            con.execute("delete from events where occurred < ?", [stamp])
            con.execute("commit")
    return StepResult("runs", count, 0, f"{count} Prefect runs ended before {before:%Y-%m-%d}")


def check_disk(lake: Lake) -> StepResult:
    """Report the free disk space; it is too low below a tenth of the disk or twice the size of the
    release file.
    """
    usage = shutil.disk_usage(lake.root)
    need = max(
        MIN_FREE_SHARE * usage.total,
        2 * (lake.release_file.stat().st_size if lake.release_file.exists() else 0),
    )
    is_low = usage.free < need
    text = f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB free"
    if is_low:
        text = (
            f"the disk is nearly full: {text}. Below {need / 1e9:.1f} GB a nightly run may fail:"
            " free space, or delete old captures with --keep-raw-days"
        )
    return StepResult("disk", int(is_low), usage.free, text)
