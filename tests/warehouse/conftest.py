"""A migrated lake for each test: in one folder, or shared by several machines."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.services import shared_address
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.migrate import migrate
from tidings.warehouse.remote_lake import lake_at
from tidings.warehouse.writer_lock import writer_lock

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)


# These modules also run on a shared lake, with the catalog in PostgreSQL and the data on an S3 server.
ON_BOTH = {"test_lake", "test_load", "test_migrate", "test_pending", "test_reference", "test_release", "test_writer_lock"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lake" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("lake", ["folder", "shared"], indirect=True)


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A lake with the current schema."""
    address = str(tmp_path / "data")
    if getattr(request, "param", "folder") == "shared":
        request.getfixturevalue("s3")
        address = shared_address(request.getfixturevalue("pg"), tmp_path / "data")
    made = lake_at(address, tmp_path)
    with writer_lock(made), open_lake(made) as con:
        migrate(con)
    return made


@pytest.fixture
def con(lake: Lake) -> Iterator[Any]:
    """A writable connection to the lake."""
    with open_lake(lake) as connection:
        yield connection
