"""Macros in releases."""

from typing import Any

import duckdb

from tests.storage.rows import NOW
from tidings.storage.lake import Lake, transaction
from tidings.storage.release import open_release, release

QUESTION = (
    "select round(wilson_low(81, 263), 4), share(1, 4), (select count(*) from"
    " kleinberg_bursts('b'))"
)


def test_a_release_brings_the_measures_along(lake: Lake, con: Any) -> None:
    """The macros exist in plain DuckDB, through open_release, and in an earlier release."""
    with transaction(con):
        con.execute("insert into ref.baselines values ('b1', null, null, null)")
    made, _ = release(con, lake, now=NOW, lexicon="lex", code="0", run_id="run", passed=3, warned=0)
    for reader in (
        duckdb.connect(lake.release_file, read_only=True),
        open_release(lake),
        open_release(lake, made.release_id),
    ):
        with reader:
            reader.execute(
                "create temp table b as select 's' as series, date '2023-01-01' as"
                " batch_on, 1 as hits, 2 as total"
            )
            assert reader.execute(QUESTION).fetchall() == [(0.2553, 0.25, 1)]
