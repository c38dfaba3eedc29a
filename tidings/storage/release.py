"""Release a snapshot of the lake that passed its audit, write the DuckDB file of a release, which
opens in DuckDB 1.2 and later without extensions, and open releases.

A release writes its file under a temporary name, commits itself to the lake, and renames the file.
If a run is killed between the last two steps, the next one writes the file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from operator import attrgetter
from pathlib import Path

import duckdb

from tidings.base.functions import create_functions
from tidings.base.records import TABLES, Release
from tidings.storage.file_store import replace_file
from tidings.storage.lake import (
    LIVE_TABLES,
    META,
    Connection,
    Lake,
    WarehouseError,
    open_lake,
    quoted,
    record_checksums,
    refuse,
    transaction,
)
from tidings.storage.load import count_rows, merge, read_column, read_records
from tidings.storage.writer_lock import writer_lock

READ = ("core", "marts", "measures", "ref")  # schemas whose changes cause a release
SCHEMAS = ("marts", "core", "ops", "ref", "measures")  # in the order of the search path


def newest_snapshot(con: Connection) -> int:
    """Return the ID of the lake's newest snapshot."""
    return count_rows(con, "select max(snapshot_id) from lake.snapshots()")


def last_release(con: Connection) -> Release | None:
    """Return the newest release, or None before the first."""
    newest = "snapshot_id = (select max(snapshot_id) from ops.releases)"
    return next(reversed(read_records(con, Release, newest)), None)


def has_changes(con: Connection, since: Release) -> bool:
    """Return whether tables that readers see have changed since a release."""
    return any(table.split(".")[0] in READ for table in changed_tables(con, since.snapshot_id))


def release(
    con: Connection,
    lake: Lake,
    *,
    now: dt.datetime,
    lexicon: str,
    code: str,
    run_id: str,
    passed: int,
    warned: int,
    accepted_loss: str | None = None,
) -> tuple[Release, bool]:
    """Release the lake's newest snapshot and replace the release file; return the release and
    whether it is new.

    Without changes, the last release is returned, and only a missing or damaged file is written
    again. The caller holds the writer lock and has run the audit.
    """
    before = last_release(con)
    if before is not None and not has_changes(con, before):
        ensure_release_file(lake, before)
        return before, False
    stem = f"{now:%Y-%m-%dT%H%M%SZ}"
    used = read_column(con, "select release_id from ops.releases")
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    new = Release(
        release_id=next(name for name in names if name not in used),
        released_at=now,
        snapshot_id=newest_snapshot(con),
        lexicon_version=lexicon,
        code_version=code,
        run_id=run_id,
        row_counts={},
        audit_passed=passed,
        audit_warned=warned,
        accepted_loss=accepted_loss,
    )
    part = write_file(con, lake.release_file, [*read_records(con, Release), new])
    with transaction(con):
        merge(con, [new])
    replace_file(part, lake.release_file)
    record_checksums(lake)
    return new, True


def ensure_release_file(lake: Lake, release: Release) -> None:
    """Write the release file unless it is intact and of this release."""
    if file_release(lake.release_file) != release.release_id or not is_intact(lake.release_file):
        replace_release_file(lake, release)


def replace_release_file(lake: Lake, release: Release) -> None:
    """Write the release file of a release."""
    replace_file(write_release(lake, release, lake.release_file), lake.release_file)


def write_release(lake: Lake, release: Release, target: Path) -> Path:
    """Write a release as ``write_file`` does, with a list of the kept releases up to it."""
    until = {"id": release.snapshot_id}
    with open_lake(lake, read_only=True) as con:
        kept = read_records(con, Release, "snapshot_id <= $id", until)
    with open_lake(lake, snapshot_id=release.snapshot_id) as con:
        return write_file(con, target, kept)


def search_path(con: Connection, catalog: str = "") -> str:
    """Return the schemas of a release (before 0.3 without ``measures``) in the order in which
    unqualified names are looked up. ``catalog`` is the name of an attached file.
    """
    here = "database_name = coalesce(?, current_database())"
    query = f"select schema_name from duckdb_schemas() where {here}"
    known = read_column(con, query, [catalog or None])
    return ",".join(f"{catalog}.{name}".strip(".") for name in SCHEMAS if name in known)


def open_release(lake: Lake, id_or_date: str | None = None) -> Connection:
    """Return a read-only connection to a release, with its schemas on the search path.

    ``id_or_date`` is a release_id, or a date (YYYY-MM-DD, UTC) for the last release until its end;
    None: the file of the last release. Raises WarehouseError.
    """
    if id_or_date is None:
        require_release(lake.release_file)
        return open_file(lake.release_file)
    release = find_release(lake, id_or_date)
    con = open_lake(lake, snapshot_id=release.snapshot_id)
    con.execute("create temp table releases as from ops.releases")
    add_release(con, "temp.releases", release)  # a release's row is written after its snapshot
    con.execute(f"set search_path = '{search_path(con)}'")
    return con


def require_release(path: Path) -> None:
    """Raise WarehouseError if there is no release file."""
    refuse(
        not path.exists(),
        f"There is no release in {path.parent} yet: run `tidings demo` or `tidings nightly` first.",
    )


def open_file(path: Path) -> Connection:
    """Return a connection to a release file as ``open_release`` does."""
    try:
        con = duckdb.connect(path, read_only=True)
        schemas = search_path(con)
        con.execute(f"set TimeZone = 'UTC'; set search_path = '{schemas}'")
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise WarehouseError(f"{path} is not a release of Tidings: {reason}") from error
    if "marts" not in schemas.split(","):
        con.close()
        raise WarehouseError(f"{path} is not a release of Tidings: it has no schema marts.")
    return con


@contextlib.contextmanager
def released_file(lake: Lake, id_or_date: str | None = None) -> Iterator[Path]:
    """Yield the path of the last release's file, or of a temporary file with an earlier release.
    Raises WarehouseError.
    """
    if id_or_date is None:
        require_release(lake.release_file)
        yield lake.release_file
        return
    release = find_release(lake, id_or_date)
    with tempfile.TemporaryDirectory(prefix="tidings-release-") as folder:
        yield write_release(lake, release, Path(folder) / lake.release_file.name)


def refresh_release_file(lake: Lake) -> None:
    """Update this machine's release file if another machine has made a newer release.

    It is written in the work folder, apart from a run here; a lock admits one reader.
    """
    with open_lake(lake, read_only=True) as con:
        newest = last_release(con)
    if newest is None or file_release(lake.release_file) == newest.release_id:
        return
    with writer_lock(Lake(lake.work), name="release.lock"):
        if file_release(lake.release_file) != newest.release_id:
            part = write_release(lake, newest, lake.work / lake.release_file.name)
            replace_file(part, lake.release_file)


def find_release(lake: Lake, id_or_date: str) -> Release:
    """Return a release by its ID or by date (the last until its end, UTC). Raises WarehouseError
    with the existing releases.
    """
    with open_lake(lake, read_only=True) as con:
        releases: list[Release] = read_records(con, Release)
    by_id = {release.release_id: release for release in releases}
    if id_or_date in by_id:
        return by_id[id_or_date]
    try:
        day = dt.date.fromisoformat(id_or_date)
    except ValueError:
        ids = ", ".join([*by_id][-5:]) or "none"
        known = f"The last releases are {ids}. A date such as 2026-08-31 is also valid."
        raise WarehouseError(f"Unknown release {id_or_date!r}. {known}") from None
    refuse(not releases, f"There is no release in {lake.name} yet.")
    until = [release for release in releases if release.released_at.date() <= day]
    if not until:
        first = f"the first release is from {releases[0].released_at:%Y-%m-%d}"
        raise WarehouseError(f"There is no release on or before {day}; {first}.")
    return max(until, key=attrgetter("snapshot_id"))


FORMER_NAMES = {f"mention_share{end}": f"share{end}" for end in ("", "_low", "_high")}
STORAGE = "v1.2.0"  # opens in DuckDB 1.2 and later
KEYS = {kind.TABLE: kind.KEY for kind in TABLES}  # type: ignore[attr-defined]


def changed_tables(con: Connection, since: int) -> set[str]:
    """Return the tables that were created, or whose rows changed, after a snapshot. Maintenance
    changes no row.
    """
    query = f"""
        select schema_name || '.' || table_name from {LIVE_TABLES} as tables
        where begin_snapshot > $since or exists (
            from {META}.ducklake_snapshot_changes as changes
            where snapshot_id > $since and regexp_matches(
                changes_made, '(inserted|deleted|inlined)[a-z_]*:' || table_id || '(,|$)'
            )
        )
    """
    return set(read_column(con, query, {"since": since}))


def file_release(path: Path) -> str | None:
    """Return the ID of the release in a file, or None if the file is missing or unreadable."""
    if not path.exists():
        return None
    try:
        with duckdb.connect(path, read_only=True) as con:
            return newest_release_id(con)
    except duckdb.Error:
        return None


def is_intact(path: Path) -> bool:
    """Return whether DuckDB can read all rows of a release file, whose blocks have checksums."""
    tables = "select schema_name || '.' || table_name from duckdb_tables()"
    try:
        with duckdb.connect(path, read_only=True) as con:
            for table in read_column(con, tables):
                con.execute(f"select bit_xor(hash(rows)) from {table} as rows").fetchall()
    except duckdb.Error:
        return False
    return True


def newest_release_id(con: Connection) -> str | None:
    """Return the ID of the newest release, or None before the first."""
    query = "select release_id from ops.releases order by snapshot_id desc limit 1"
    return next(iter(read_column(con, query)), None)


def write_file(con: Connection, target: Path, releases: Sequence[Release]) -> Path:
    """Write the lake's tables to a temporary DuckDB file beside the target, and return its path.
    ``releases`` is its list of releases; one without ``row_counts`` receives those of the tables.
    """
    part = target.with_name(f".{target.name}.part")
    for stale in (part, part.with_name(part.name + ".wal")):
        stale.unlink(missing_ok=True)
    con.execute(f"attach {quoted(str(part))} as file (storage_version '{STORAGE}')")
    try:
        con.execute("use file")
        # One transaction halves the CPU time, because DuckLake reads its catalog again in each.
        with transaction(con):
            _write_tables(con, releases)
        con.execute("checkpoint file")
    finally:
        con.execute("use lake")
        con.execute("detach file")
    return part


def _write_tables(con: Connection, releases: Sequence[Release]) -> None:
    for schema in SCHEMAS:
        con.execute(f"create schema if not exists {schema}")
    from tidings.storage.project import read_descriptions  # noqa: PLC0415 - readers do not need it

    described = read_descriptions()
    counts = {
        name: _copy_table(con, name, columns, described.get(name, {}))
        for name, columns in _read_columns(con).items()
    }
    con.execute("delete from file.ops.releases")
    for release in releases:
        if not release.row_counts:
            release.row_counts.update(counts)
        add_release(con, "file.ops.releases", release)
    create_functions(con, "file.main", "file.marts")


def _read_columns(con: Connection) -> dict[str, dict[str, str]]:
    """Return the released columns with their types, in order, by ``schema.table``."""
    rows = con.execute(
        f"""
        select schema_name || '.' || table_name as name,
            map(list(column_name order by column_index), list(data_type order by column_index))
        from duckdb_columns()
        where database_name = 'lake' and schema_name in {SCHEMAS}
            and table_name != 'schema_versions'
            and (table_name, column_name) != ('articles', 'signature')
            and (schema_name, table_name) not in (
                select (schema_name, view_name) from duckdb_views() where database_name = 'lake'
            )
        group by name order by name
        """
    ).fetchall()
    return dict(rows)


def _copy_table(
    con: Connection, table: str, columns: Mapping[str, str], described: Mapping[str, str]
) -> int:
    """Create and fill a table and its views, with their descriptions as comments, and return its
    number of rows.
    """
    listed = ", ".join(
        f"{name} {kind}{' using compression zstd' if name == 'body_text' else ''}"
        for name, kind in columns.items()
    )
    former = {old: new for new, old in FORMER_NAMES.items() if new in columns}
    added = "".join(f", {old} double as ({new})" for old, new in former.items())
    schema, name = table.split(".")
    con.execute(f"create table file.{table} ({listed}{added})")
    con.execute(f"create view main.{name} as select * from {table}")
    if schema == "measures":  # the name of earlier versions, until 0.4
        con.execute(f"create view marts.{name} as select * from {table}")
    texts = {column: described.get(column, "") for column in ("", *columns)}
    texts |= {old: f"Former name of {new}, until version 0.4." for old, new in former.items()}
    con.execute(_statements(f"file.{table}", texts, "table"))
    con.execute(_statements(f"main.{name}", texts, "view"))
    # By day, so that queries for recent days read only the last row groups.
    order = ["published_on", "article_id"] if table == "core.articles" else list(columns)
    by_day = ", ".join(sorted(order, key=lambda column: column != "published_on"))
    rows = f"select {', '.join(columns)} from lake.{table} order by {by_day}"
    return count_rows(con, f"insert into file.{table} {rows}")


def add_release(con: Connection, table: str, release: Release) -> None:
    """Add a release to a copy of ``ops.releases``, before the lake has its row."""
    columns = read_column(con, f"select column_name from (describe {table})")
    values = [getattr(release, name) for name in columns]
    con.execute(f"delete from {table} where release_id = ?", [release.release_id])
    con.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)


def _statements(table: str, texts: Mapping[str, str], kind: str) -> str:
    """Return the statements that describe a table or view (the name '') and its columns."""
    return "".join(
        f'comment on column {table}."{name}" is {quoted(text)};'
        if name
        else f"comment on {kind} {table} is {quoted(text)};"
        for name, text in texts.items()
        if text
    )
