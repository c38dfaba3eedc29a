"""Check the state after a run: the files on disk, the release file and the rows."""

import contextlib
import hashlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from tests.faults.scene import Scene
from tests.flows.nights import contents
from tidings.storage.lake import open_lake
from tidings.storage.release import file_release, last_release, open_release


def state_of(scene: Scene) -> Any:
    """Return a fingerprint of the warehouse on disk: all files, and the rows of the catalog."""
    root, catalog = scene.lake.root, scene.lake.catalog
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and catalog.stem not in path.name:
            digest.update(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}\n".encode())
    if catalog.exists():
        with tempfile.TemporaryDirectory() as name:
            for path in catalog.parent.glob(f"{catalog.name}*"):
                if not path.name.endswith("-shm"):
                    shutil.copy(path, name)
            with contextlib.closing(sqlite3.connect(Path(name) / catalog.name)) as con:
                tables = [
                    row[0]
                    for row in con.execute(
                        "select name from sqlite_master where type = 'table' order by 1"
                    )
                ]
                for table in tables:
                    for row in con.execute(f'select * from "{table}"'):
                        digest.update(repr((table, row)).encode())
    return digest.hexdigest()


def check_file(scene: Scene) -> Any:
    """Return the problem of the release file, or None: it must have the articles of its release."""
    file = scene.lake.release_file
    if not file.exists():
        return None
    with duckdb.connect(file, read_only=True) as con:
        named = con.execute(
            "select row_counts['core.articles'] from ops.releases order by snapshot_id desc limit 1"
        ).fetchone()
        count = con.execute("select count(*) from articles").fetchone()
    return (
        None
        if named == count
        else (f"the release file has {count} articles where its release names {named}")
    )


def check_end(scene: Scene) -> Any:
    """Return the problem after a complete run, or None: the file has the last release."""
    if broken := check_release(scene):
        return broken
    with open_lake(scene.lake, read_only=True) as con:
        newest = last_release(con)
    if (release_id := file_release(scene.lake.release_file)) != newest.release_id:
        return f"the release file is of {release_id} where the last release is {newest.release_id}"
    return None


def check_release(scene: Scene) -> Any:
    """Return the problem for readers, or None: file and last release in the lake are complete."""
    lake = scene.lake
    if broken := check_file(scene):
        return broken
    if not lake.exists:
        return None
    with open_lake(lake, read_only=True) as con:
        there = con.execute(
            "select 1 from duckdb_tables() where table_name = 'releases' and database_name = 'lake'"
        ).fetchone()
        newest = last_release(con) if there else None
    if newest is None:
        return None
    with open_release(lake, newest.release_id) as con:
        count = con.execute("select count(*) from articles").fetchone()
    if count != (newest.row_counts["core.articles"],):
        return f"release {newest.release_id} has {count} articles in the lake"
    return None


def differences(expected: Any, actual: Any) -> Any:
    """Return the number of different rows by table."""
    names = sorted(expected.keys() | actual.keys())
    return {
        name: len(set(expected.get(name, [])) ^ set(actual.get(name, [])))
        for name in names
        if sorted(expected.get(name, [])) != sorted(actual.get(name, []))
    }


def shown(differing: Any, expected: Any, actual: Any) -> Any:
    """Return the different tables in one line, then rows of the first, which others derive from."""
    lines = [str(differing)]
    for name in sorted(differing, key=lambda name: (not name.startswith("raw"), name))[:3]:
        for sign, here, there in (("-", expected, actual), ("+", actual, expected)):
            apart = sorted(set(here.get(name, [])) - set(there.get(name, [])))
            lines += [f"    {sign} {name} {row[:400]}" for row in apart[:3]]
    return "\n".join(lines)


def rows(scene: Scene) -> Any:
    return contents(scene.lake)
