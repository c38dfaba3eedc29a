"""Taking rows out of a lake's Parquet files, in every snapshot that reads them.

What DuckLake notes of a file, and what is put right here: its name, size and rows; the positions that its delete files name,
which move up; the least and greatest values of its columns, which for texts would repeat them. The specification of these
tables: https://ducklake.select/docs/stable/specification/tables/overview
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.warehouse.lake import quoted, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    import duckdb

    from tidings.warehouse.lake import Lake

META = "__ducklake_metadata_lake"
LEAST, GREATEST = "", "\U0010ffff"  # bounds of every text: they tell nothing, and no file is passed over for them
PAGE_COLUMNS = ("article_id", "other_article_id")
CAPTURE_COLUMNS = ("capture_id",)
URL_COLUMNS = ("url", "final_url")
NO_PAGES = ("raw.feeds", "raw.feed_states", "raw.forgotten", "raw.robots")
QUOTES = {"stories": ("title",), "candidate_phrases": ("examples",)}  # texts of pages in rows that speak of many


@dataclass(frozen=True, slots=True)
class _File:
    """A data file as the catalog has it, and its full address."""

    data_file_id: int
    table_id: int
    table: str
    folder: str
    name: str
    is_relative: bool
    is_active: bool

    @property
    def path(self) -> str:
        return f"{self.folder}{self.name}" if self.is_relative else self.name


def purge_files(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    urls: Iterable[str],
    article_ids: Iterable[UUID],
    *,
    capture_ids: Iterable[UUID],
    texts: Sequence[str],
) -> int:
    """Take the rows of a page out of all data files, blank what other rows quote of it, and return how many rows went."""
    con.execute("create or replace temp table page_urls as select unnest($1::varchar[]) as url", [sorted(urls)])
    con.execute("create or replace temp table page_ids as select unnest($1::uuid[]) as id", [[str(one) for one in article_ids]])
    con.execute("create or replace temp table page_captures as select unnest($1::uuid[]) as id", [[str(i) for i in capture_ids]])
    con.execute("create or replace temp table page_texts as select unnest($1::varchar[]) as text", [list(texts)])
    count = 0
    for file in _files(con, lake):
        columns = {row[0]: row[1] for row in con.execute(f"describe from read_parquet({quoted(file.path)})").fetchall()}
        where = _condition(file, columns)
        blanks = _blanks(file, columns)
        if where is None and not blanks:
            continue
        places = _places(con, file, where) if where else []
        if places or (blanks and _is_quoted(con, file, blanks)):
            _write_again(con, file, columns, places, blanks)
            count += len(places)
    for name in ("page_urls", "page_ids", "page_captures", "page_texts"):
        con.execute(f"drop table temp.{name}")
    return count


def _files(con: duckdb.DuckDBPyConnection, lake: Lake) -> list[_File]:
    root = lake.attach_options()["DATA_PATH"]
    rows = con.execute(
        f"""
        select f.data_file_id, f.table_id, s.schema_name || '.' || t.table_name,
            case when s.path_is_relative then $root || s.path else s.path end as schema_path, t.path, t.path_is_relative,
            f.path, f.path_is_relative, f.end_snapshot is null
        from {META}.ducklake_data_file as f
        inner join {META}.ducklake_table as t
            on t.table_id = f.table_id and f.begin_snapshot >= t.begin_snapshot
            and (t.end_snapshot is null or f.begin_snapshot < t.end_snapshot)
        inner join {META}.ducklake_schema as s using (schema_id)
        order by f.data_file_id
        """,
        {"root": root},
    ).fetchall()
    return [
        _File(row[0], row[1], row[2], f"{row[3]}{row[4]}" if row[5] else row[4], row[6], bool(row[7]), bool(row[8]))
        for row in rows
    ]


def _condition(file: _File, columns: dict[str, str]) -> str | None:
    """Return the SQL condition of the rows that are the page's, or None for a table that has no such rows."""
    if file.table in NO_PAGES:
        return None
    tests = [f"{name} in (select id from temp.page_ids)" for name in PAGE_COLUMNS if columns.get(name) == "UUID"]
    if file.table == "raw.captures":  # sources that showed the page stay, without their bodies
        return (
            "kind in ('page', 'entry') and (capture_id in (select id from temp.page_captures)"
            " or url in (select url from temp.page_urls))"  # where a redirect led is in the captures already, if it was the page
        )
    if file.table != "raw.feed_entries":  # its capture is the feed's
        tests += [f"{name} in (select id from temp.page_captures)" for name in CAPTURE_COLUMNS if name in columns]
    tests += [f"{name} in (select url from temp.page_urls)" for name in URL_COLUMNS if columns.get(name) == "VARCHAR"]
    return " or ".join(tests) or None


def _blanks(file: _File, columns: dict[str, str]) -> dict[str, str]:
    """Return, by column, the SQL of a value without what it quotes of the page."""
    wanted = QUOTES.get(file.table.partition(".")[2], ())
    said = "exists (select 1 from temp.page_texts as p where contains(regexp_replace(p.text, '\\s+', ' ', 'g'), {}))"
    made = {}
    for name in wanted:
        if columns.get(name) == "VARCHAR":
            made[name] = f"case when {said.format(f'trim({name}, ' + quoted(' …') + ')')} then null else {name} end"
        elif columns.get(name) == "VARCHAR[]":
            made[name] = (
                f"(select coalesce(list(case when {said.format('trim(x, ' + quoted(' …') + ')')} then '' else x end order by n),"
                " []::varchar[])"
                f" from (select unnest({name}) as x, generate_subscripts({name}, 1) as n))"
            )
    return made


def _places(con: duckdb.DuckDBPyConnection, file: _File, where: str) -> list[int]:
    found = con.execute(
        f"select file_row_number from read_parquet({quoted(file.path)}, file_row_number => true) where {where} order by 1"
    ).fetchall()
    return [int(row[0]) for row in found]


def _is_quoted(con: duckdb.DuckDBPyConnection, file: _File, blanks: dict[str, str]) -> bool:
    differs = " or ".join(f"({new}) is distinct from {name}" for name, new in blanks.items())
    return con.execute(f"select 1 from read_parquet({quoted(file.path)}) where {differs} limit 1").fetchone() is not None


def _write_again(
    con: duckdb.DuckDBPyConnection, file: _File, columns: dict[str, str], places: list[int], blanks: dict[str, str]
) -> None:
    """Write a file again without some rows, with its delete files, and put them in its place in one change of the catalog."""
    new = f"ducklake-{uuid.uuid4()}.parquet"
    listed = ", ".join(f"{blanks[name]} as {name}" if name in blanks else f'"{name}"' for name in columns)
    con.execute(
        f"copy (select {listed} from read_parquet({quoted(file.path)}, file_row_number => true)"
        f" where file_row_number not in (select unnest({places}::bigint[])) order by file_row_number)"
        f" to {quoted(file.folder + new)} (format parquet, compression zstd, field_ids {_field_ids(con, file)})"
    )
    rows, size, footer = _measure(con, file.folder + new)
    deletes = _write_deletes(con, file, new, places)
    with transaction(con):
        con.execute(
            f"update {META}.ducklake_data_file set path = ?, path_is_relative = true, record_count = ?, file_size_bytes = ?,"
            " footer_size = ? where data_file_id = ?",
            [new, rows, size, footer, file.data_file_id],
        )
        for delete_file_id, values in deletes:
            if values is None:
                con.execute(f"delete from {META}.ducklake_delete_file where delete_file_id = ?", [delete_file_id])
            else:
                con.execute(
                    f"update {META}.ducklake_delete_file set path = ?, path_is_relative = true, delete_count = ?,"
                    " file_size_bytes = ?, footer_size = ? where delete_file_id = ?",
                    [*values, delete_file_id],
                )
        _loosen_bounds(con, file)
        if file.is_active:
            con.execute(
                f"update {META}.ducklake_table_stats set record_count = record_count - ? where table_id = ?",
                [len(places), file.table_id],
            )


def _measure(con: duckdb.DuckDBPyConnection, path: str) -> tuple[int, int, int]:
    """Return a Parquet file's rows, bytes, and bytes of its footer."""
    row = con.execute(f"select num_rows, file_size_bytes, footer_size from parquet_file_metadata({quoted(path)})").fetchone()
    if row is None:
        raise ValueError(path)
    return int(row[0]), int(row[1]), int(row[2])


def _write_deletes(
    con: duckdb.DuckDBPyConnection, file: _File, new: str, places: list[int]
) -> list[tuple[int, tuple[str, int, int, int] | None]]:
    """Write the file's delete files again with the positions that rows have now; None where no position is left."""
    made: list[tuple[int, tuple[str, int, int, int] | None]] = []
    known = con.execute(
        f"select delete_file_id, path, path_is_relative from {META}.ducklake_delete_file where data_file_id = ?",
        [file.data_file_id],
    ).fetchall()
    for delete_file_id, name, is_relative in known:
        old = quoted(f"{file.folder}{name}" if is_relative else name)
        columns = [row[0] for row in con.execute(f"describe from read_parquet({old})").fetchall()]
        values = {
            "file_path": quoted(file.folder + new),
            "pos": f"pos - len(list_filter({places}::bigint[], place -> place < pos))",
        }
        listed = ", ".join(f"{values[name]} as {name}" if name in values else f'"{name}"' for name in columns)
        left = f"select {listed} from read_parquet({old}) where pos not in (select unnest({places}::bigint[])) order by pos"
        if con.execute(f"select count(*) from ({left})").fetchone() == (0,):
            made.append((delete_file_id, None))
            continue
        target = f"ducklake-{uuid.uuid4()}-delete.parquet"
        ids = {row[0]: row[1] for row in con.execute(f"select name, field_id from parquet_schema({old})").fetchall()}
        told = ", ".join(f"{name}: {ids[name]}" for name in columns if ids.get(name) is not None)
        con.execute(f"copy ({left}) to {quoted(file.folder + target)} (format parquet, compression zstd, field_ids {{{told}}})")
        made.append((delete_file_id, (target, *_measure(con, file.folder + target))))
    return made


def _field_ids(con: duckdb.DuckDBPyConnection, file: _File) -> str:
    """Return the FIELD_IDS of COPY that keep the ids by which the catalog knows columns, also those within lists and maps."""
    rows = con.execute(f"select name, num_children, field_id from parquet_schema({quoted(file.path)})").fetchall()
    (_, total, _), rest = rows[0], rows[1:]
    parts = [_field(rest) for _ in range(int(total))]
    return "{" + ", ".join(parts) + "}"


def _field(rows: list[Any]) -> str:
    """Take one column and what lies within it off the rows, and return it as FIELD_IDS writes it."""
    name, children, field_id = rows.pop(0)
    inner = [_field(rows) for _ in range(int(children or 0))]
    if not inner:
        return f'"{name}": {field_id}'
    if field_id is None:  # the layer that Parquet puts between a list and its elements
        return ", ".join(inner)
    return f'"{name}": {{__duckdb_field_id: {field_id}, {", ".join(inner)}}}'


def _loosen_bounds(con: duckdb.DuckDBPyConnection, file: _File) -> None:
    """Widen what is noted of the values of text columns to the bounds of all texts: a bound may be the page's own title."""
    texts = f"select column_id from {META}.ducklake_column where table_id = ? and column_type = 'varchar'"
    for table, key, value in (
        ("ducklake_file_column_stats", "data_file_id", file.data_file_id),
        ("ducklake_table_column_stats", "table_id", file.table_id),
    ):
        con.execute(
            f"update {META}.{table} set min_value = ?, max_value = ? where {key} = ? and min_value is not null"
            f" and column_id in ({texts})",
            [LEAST, GREATEST, value, file.table_id],
        )
