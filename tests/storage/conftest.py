"""A migrated lake for each test: in one folder, or shared by several machines."""

import contextlib
import datetime as dt
import functools
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.once import made_once
from tests.storage.services import WHEEL, copy_shared_lake, postgres_versions, shared_address
from tidings.storage.lake import Lake, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.remote_lake import lake_at
from tidings.storage.writer_lock import writer_lock

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)


# These modules contain SQL for PostgreSQL, and also run on shared lakes with the catalog in each
# version of PostgreSQL and the data on an S3 server. Of those without such SQL, a slow test does.
ON_ALL = {"test_lake", "test_load", "test_migrate", "test_writer_lock"}
ON_BOTH = {"test_an_earlier_release_reads_as_it_was"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    is_on_all = metafunc.module.__name__.rpartition(".")[2] in ON_ALL
    if "lake" in metafunc.fixturenames and (is_on_all or metafunc.function.__name__ in ON_BOTH):
        slow = pytest.param(WHEEL, marks=pytest.mark.slow)
        servers = postgres_versions() if is_on_all else [slow]
        metafunc.parametrize("lake", ["folder", *servers], indirect=True)


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A migrated lake for tests to copy. Creating a lake takes half a second of CPU time."""
    made: Lake = made_once(tmp_path_factory, "empty_lake", _make_empty_lake)
    return made


def _make_empty_lake(folder: Path) -> Lake:
    made = Lake(folder / "data")
    with writer_lock(made), open_lake(made) as con:
        migrate(con)
    add_statistics(made)
    return made


@pytest.fixture(scope="session")
def empty_shared_lakes(pg_servers: Any, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function that returns a migrated shared lake to copy, by the version of PostgreSQL."""

    @functools.cache
    def make(version: str) -> Lake:
        folder = tmp_path_factory.mktemp("empty shared")
        made = lake_at(shared_address(pg_servers(version), folder / "data"), folder)
        with writer_lock(made), open_lake(made) as con:
            migrate(con)
        return made

    return make


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A lake with the current schema."""
    version = getattr(request, "param", "folder")
    if version == "folder":
        return copy_lake(request.getfixturevalue("empty_lake"), tmp_path / "data")
    empty, server = (
        request.getfixturevalue("empty_shared_lakes")(version),
        request.getfixturevalue("pg_servers")(version),
    )
    return lake_at(copy_shared_lake(server, empty, tmp_path / "data"), tmp_path)


def copy_lake(lake: Lake, folder: Path) -> Lake:
    """Copy a lake to a new folder, and return the copy."""
    shutil.copytree(lake.root, folder)
    return Lake(folder)


def add_statistics(lake: Lake) -> None:
    """Add statistics to each table of a lake in a folder that has none, as a table has from which
    all rows were deleted.

    DuckLake searches its catalog for missing statistics again for each column of a query, half of
    the time of a second build.
    """
    with contextlib.closing(sqlite3.connect(lake.catalog)) as catalog, catalog:
        catalog.execute(
            "insert into ducklake_table_column_stats (table_id, column_id, contains_null)"
            " select table_id, column_id, 1 from ducklake_column"
            " where end_snapshot is null and column_type not in ('list', 'map', 'struct')"
            " and table_id not in (select table_id from ducklake_table_stats)"
        )
        catalog.execute(
            "insert into ducklake_table_stats select table_id, 0, 0, 0 from ducklake_table"
            " where end_snapshot is null"
            " and table_id not in (select table_id from ducklake_table_stats)"
        )


@pytest.fixture
def con(lake: Lake) -> Iterator[Any]:
    """A writable connection to the lake."""
    with open_lake(lake) as connection:
        yield connection
