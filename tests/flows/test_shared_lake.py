"""A shared lake yields the same rows and the same release as a lake in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import contents, night, settings_for
from tests.flows.test_nightly import feed_list, hosts_of
from tests.storage.services import shared_address
from tidings.demo.serve import END
from tidings.storage.release import open_release, refresh_release_file
from tidings.storage.release_file import file_release
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.timeout(900)
def test_a_night_on_postgresql_and_object_storage_comes_to_the_same_rows(
    newsroom: Any, pg: Any, s3: Any, tmp_path: Path
) -> None:
    """Every table has the same rows as in a folder, and another machine makes the same release file
    from the lake.
    """
    feeds, hosts = feed_list(newsroom, tmp_path), hosts_of(newsroom)
    address = shared_address(pg, tmp_path / "one")
    results = {}
    for place in (str(tmp_path / "alone"), address):
        settings = settings_for(place, feeds, hosts, DEMO_SEEDS)
        newsroom.set_now(END)
        made = night(settings, END)
        results[place] = (contents(lake_of(settings)), made.row_counts, made.release_id)
    alone, shared = results.values()
    assert shared[0].keys() == alone[0].keys()
    for table, rows in alone[0].items():
        assert set(shared[0][table]) ^ set(rows) == set(), table
    assert shared[1:] == alone[1:]
    elsewhere = lake_of(
        settings_for(
            address.replace(str(tmp_path / "one"), str(tmp_path / "two")), feeds, hosts, DEMO_SEEDS
        )
    )
    refresh_release_file(elsewhere)
    assert file_release(elsewhere.release_file) == alone[2]
    with (
        open_release(elsewhere) as there,
        duckdb.connect(tmp_path / "alone" / "tidings.duckdb", read_only=True) as here,
    ):
        for table in alone[1]:
            if table != "ops.releases":
                rows = f"select * from {table} order by all"
                assert there.execute(rows).fetchall() == here.execute(rows).fetchall(), table
