"""A lake of its own for each test, migrated and open for writing."""

import datetime as dt

import pytest

from warehouse.lake import Lake, opened, writing
from warehouse.migrate import migrate

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)


@pytest.fixture
def lake(tmp_path):
    """A lake with its schema in place."""
    made = Lake(tmp_path / "data")
    with writing(made), opened(made) as con:
        migrate(con)
    return made


@pytest.fixture
def con(lake):
    """A connection that may write to the lake."""
    with opened(lake) as connection:
        yield connection
