"""A lake of its own for each test, migrated and open for writing: in one folder, and shared by machines."""

import datetime as dt

import pytest

from tests.warehouse.services import shared_address
from tidings.warehouse.lake import open_lake
from tidings.warehouse.migrate import migrate
from tidings.warehouse.remote_lake import lake_at
from tidings.warehouse.writer_lock import writer_lock

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)


# These hold for a lake that machines share too, with PostgreSQL's catalog and its data on an S3 server.
ON_BOTH = {"test_lake", "test_load", "test_migrate", "test_pending", "test_reference", "test_release", "test_writer_lock"}


def pytest_generate_tests(metafunc):
    if "lake" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("lake", ["folder", "shared"], indirect=True)


@pytest.fixture
def lake(request, tmp_path):
    """A lake with its schema in place."""
    address = str(tmp_path / "data")
    if getattr(request, "param", "folder") == "shared":
        request.getfixturevalue("s3")
        address = shared_address(request.getfixturevalue("pg"), tmp_path / "data")
    made = lake_at(address, tmp_path)
    with writer_lock(made), open_lake(made) as con:
        migrate(con)
    return made


@pytest.fixture
def con(lake):
    """A connection that may write to the lake."""
    with open_lake(lake) as connection:
        yield connection
