"""Schema versions."""

import datetime as dt
from typing import Any

import pytest

from tests.storage.rows import NOW, entry, store
from tidings.base.records import TABLES
from tidings.storage.archive import parse_lines, read_warc
from tidings.storage.lake import META, Lake, WarehouseError, open_lake
from tidings.storage.load import column_types, count_rows
from tidings.storage.maintain import delete_stray_files
from tidings.storage.migrate import (
    VERSION,
    add_statistics,
    entries_stem,
    export_entries,
    migrate,
    schema_version,
)


def test_the_current_schema_is_not_applied_again(con: Any) -> None:
    """A lake with the current schema is not changed."""
    assert schema_version(con) == VERSION
    before = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone()
    assert migrate(con) is False
    assert con.execute("select max(snapshot_id) from lake.snapshots()").fetchone() == before


def test_a_lake_of_an_earlier_version_gets_what_it_lacks(con: Any) -> None:
    """A lake without later tables and columns gets them, and keeps its rows."""
    kinds: Any = TABLES
    wanted = {kind.TABLE: column_types(con, kind.TABLE) for kind in kinds}
    con.execute("insert into ops.releases (release_id) values ('first')")
    con.execute("alter table core.articles drop column page_offsets")
    con.execute("alter table ops.releases drop column accepted_loss")
    con.execute("drop table raw.host_pauses")
    con.execute("drop table annotations.grouped")
    con.execute("update ops.schema_versions set version = 17")
    assert migrate(con) is True
    assert {kind.TABLE: column_types(con, kind.TABLE) for kind in kinds} == wanted
    assert con.execute("select release_id, accepted_loss from ops.releases").fetchall() == [
        ("first", None)
    ]
    assert con.execute("from annotations.grouped").fetchall() == []


def test_statistics_of_an_empty_table_are_those_of_its_later_rows(lake: Lake, con: Any) -> None:
    """Statistics exist once, also after rows, a new column, a deletion; filters find the rows."""
    con.execute("create table marts.many (n integer, names varchar[], counts map(varchar, bigint))")
    for _ in range(2):
        add_statistics(con)
    with open_lake(lake) as later:
        later.execute("insert into marts.many values (1, ['a'], map {'a': 1}), (9, ['b'], null)")
        later.execute("alter table marts.many add column day date")
        later.execute("insert into marts.many values (5, [], null, '2026-06-01')")
        later.execute("delete from marts.many where n = 1")
        assert later.execute("select n from marts.many where n > 5").fetchall() == [(9,)]
        assert later.execute("select n from marts.many where day < '2026-07-01'").fetchall() == [
            (5,)
        ]
        assert later.execute("from marts.many where n = 1").fetchall() == []
        for table, key in (("table", "table_id"), ("table_column", "table_id, column_id")):
            stats = f"{META}.ducklake_{table}_stats group by {key} having count(*) > 1"
            assert count_rows(later, f"select count(*) from (select {key} from {stats})") == 0
        missing = (
            f"select count(*) from {META}.ducklake_table anti join {META}.ducklake_table_stats"
        )
        assert count_rows(later, f"{missing} using (table_id) where end_snapshot is null") == 0


def test_entries_of_an_earlier_version_are_exported_by_run(lake: Lake, con: Any) -> None:
    """The archive gets a file with the entries of each run, once."""
    times = (NOW, NOW + dt.timedelta(days=1))
    rows = [entry(f"http://example.org/{n}", first_seen_at=times[n // 2]) for n in range(3)]
    store(con, *rows)
    export_entries(con, lake.raw)
    assert list(lake.raw.names()) == []
    con.execute("update ops.schema_versions set version = 23")
    for _ in range(2):  # an interrupted export is repeated
        export_entries(con, lake.raw)
    names = list(lake.raw.names())
    assert names == [f"{entries_stem(at)}000.warc.gz" for at in times]
    records = [record for name in names for record in read_warc(lake.raw, name) if record.is_rows]
    found = [row for record in records for row, _ in parse_lines(record.body)]
    assert sorted(found, key=str) == sorted(rows, key=str)
    delete_stray_files(lake)
    assert list(lake.raw.names()) == names


def test_a_newer_schema_is_refused(lake: Lake) -> None:
    """A lake of a newer version yields one sentence."""
    with open_lake(lake) as con:
        con.execute("insert into ops.schema_versions values (9999, 'later.sql', now())")
        with pytest.raises(WarehouseError, match="schema 9999, which is newer"):
            migrate(con)
