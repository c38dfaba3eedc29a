"""A shared lake yields the same rows and the same release as a lake in a folder."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import contents, night, settings_for
from tests.flows.test_nightly import feed_list, hosts_of
from tests.storage.services import shared_address
from tidings.demo.serve import END
from tidings.storage.release import file_release, open_release, refresh_release_file
from tidings.storage.remote_lake import lake_of

pytestmark = pytest.mark.slow


def night_at(place: str, newsroom: Any, folder: Path) -> Any:
    """Run a night in a new warehouse; return its settings, all rows, their counts and the release
    ID.
    """
    newsroom.set_now(END)
    settings = settings_for(place, feed_list(newsroom, folder), hosts_of(newsroom), DEMO_SEEDS)
    made = night(settings, END)
    return settings, contents(lake_of(settings)), made.row_counts, made.release_id


@pytest.fixture(scope="module")
def alone(newsroom: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the night in a folder, which all shared lakes must equal."""
    folder = tmp_path_factory.mktemp("alone")
    return night_at(str(folder / "data"), newsroom, folder)


@pytest.mark.timeout(900)
def test_a_night_on_postgresql_and_object_storage_comes_to_the_same_rows(
    newsroom: Any, alone: Any, pg: Any, s3: Any, tmp_path: Path
) -> None:
    """Every table has the same rows as in a folder, and another machine makes the same release file
    from the lake.
    """
    address = shared_address(pg, tmp_path / "one")
    here, rows, counts, release_id = alone
    settings, *shared = night_at(address, newsroom, tmp_path)
    assert shared[0].keys() == rows.keys()
    for table in rows:
        assert set(shared[0][table]) ^ set(rows[table]) == set(), table
    assert shared[1:] == [counts, release_id]
    there = address.replace(str(tmp_path / "one"), str(tmp_path / "two"))
    elsewhere = lake_of(settings_for(there, settings.feeds, [], DEMO_SEEDS))
    refresh_release_file(elsewhere)
    assert file_release(elsewhere.release_file) == release_id
    with (
        open_release(elsewhere) as con,
        duckdb.connect(lake_of(here).release_file, read_only=True) as own,
    ):
        for table in counts:
            if table != "ops.releases":
                select = f"select * from {table} order by all"
                assert con.execute(select).fetchall() == own.execute(select).fetchall(), table
