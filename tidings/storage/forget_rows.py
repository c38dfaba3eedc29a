"""Remove rows from a lake's Parquet files, in all snapshots that read them.

SQL cannot change a lake's history, so each such file is written again under a new name, and one
change of the catalog replaces the old one, with its sizes, the row positions in delete files, and
the minimum and maximum of columns:
https://ducklake.select/docs/stable/specification/tables/overview
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.storage.lake import FILES, META, Connection, quoted, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from tidings.storage.lake import Lake

FIRST_TEXT, LAST_TEXT = "", "\U0010ffff"  # bounds that contain every text and reveal none
PAGE_COLUMNS = ("article_id", "other_article_id", "source_article_id", "group_id")
URL_COLUMNS = ("url", "final_url")
NO_PAGES = ("raw.feeds", "raw.feed_states", "raw.forgotten", "raw.robots")
# Columns that quote pages, in rows about many pages.
QUOTES = {
    "stories": ("title",),
    "events": ("title", "title_en"),
    "front_page": ("text",),
    "event_days": ("title", "title_en"),
    "theme_peaks": ("title",),
    "candidate_phrases": ("examples",),
    "candidates": ("examples",),
}


@dataclass(frozen=True, slots=True)
class _File:
    """A data file in the catalog."""

    data_file_id: int
    table_id: int
    table: str
    folder: str
    path: str
    is_active: bool

    @property
    def source(self) -> str:
        return f"read_parquet({quoted(self.path)}, file_row_number => true)"


def remove_rows(
    con: Connection,
    lake: Lake,
    urls: Iterable[str],
    article_ids: Iterable[UUID],
    *,
    capture_ids: Iterable[UUID],
    texts: Sequence[str],
) -> int:
    """Remove a page's rows from all data files, blank its quotes in other rows, and return the
    number of removed rows.
    """
    tables: dict[str, tuple[str, Iterable[object]]] = {
        "page_urls": ("varchar[]) as url", urls),
        "page_ids": ("uuid[]) as id", article_ids),
        "page_captures": ("uuid[]) as id", capture_ids),
        "page_texts": ("varchar[]) as text", texts),
    }
    for name, (column, values) in tables.items():
        query = f"create or replace temp table {name} as select unnest($1::{column}"
        con.execute(query, [list(map(str, values))])
    count = 0
    root = lake.attach_options()["DATA_PATH"]
    query = f"from ({FILES}) where data_file_id is not null order by data_file_id"
    for row in con.execute(query, {"root": root}).fetchall():
        file = _File(*row)
        described = con.execute(f"describe from {file.source}").fetchall()
        columns = {name: kind for name, kind, *_ in described}
        where, blanks = _condition(file, columns), _blanks(file, columns)
        quotes = [f"({new}) is distinct from {name}" for name, new in blanks.items()]
        rows = con.execute(
            f"select file_row_number, {where} from {file.source}"
            f" where {' or '.join([where, *quotes])} order by 1"
        ).fetchall()
        if rows:
            positions = [number for number, is_of_page in rows if is_of_page]
            _rewrite_file(con, file, positions, blanks)
            count += len(positions)
    return count


def _condition(file: _File, columns: dict[str, str]) -> str:
    if file.table in NO_PAGES:
        return "false"
    if file.table == "raw.captures":  # captures of sources remain, without their bodies
        return (
            "(kind in ('page', 'entry', 'document') and (capture_id in (select id from"
            " temp.page_captures)"
            # page_captures includes the targets of redirects
            " or url in (select url from temp.page_urls)))"
        )
    values = [(name, "UUID", "id from temp.page_ids") for name in PAGE_COLUMNS]
    values += [(name, "VARCHAR", "url from temp.page_urls") for name in URL_COLUMNS]
    if file.table != "raw.feed_entries":  # capture_id is the feed's capture
        values.append(("capture_id", "UUID", "id from temp.page_captures"))
    tests = [
        f"{name} in (select {found})" for name, kind, found in values if columns.get(name) == kind
    ]
    return f"({' or '.join(tests) or 'false'})"


def _blanks(file: _File, columns: dict[str, str]) -> dict[str, str]:
    """Return the SQL of each column that may quote the page, with the quote blanked."""
    is_quote = (
        "exists (select 1 from temp.page_texts as p where contains(regexp_replace(p.text,"
        " '\\s+', ' ', 'g'), trim({}, ' …')))"
    )
    blanked = {}
    for name in QUOTES.get(file.table.partition(".")[2], ()):
        if columns.get(name) == "VARCHAR":
            blanked[name] = f"case when {is_quote.format(name)} then null else {name} end"
        elif columns.get(name) == "VARCHAR[]":
            blanked[name] = (
                f"(select coalesce(list(case when {is_quote.format('x')} then '' else x end"
                " order by n), []::varchar[])"
                f" from (select unnest({name}) as x, generate_subscripts({name}, 1) as n))"
            )
    return blanked


def _rewrite_file(
    con: Connection,
    file: _File,
    positions: list[int],
    blanks: dict[str, str],
) -> None:
    """Write a file and its delete files without some rows, and replace the old files at once."""
    new = _write(
        con,
        f"{_select('exclude (file_row_number)', blanks)} from {file.source}"
        f" where file_row_number not in (select unnest({positions}::bigint[]))"
        " order by file_row_number",
        file.path,
        f"{file.folder}ducklake-{uuid.uuid4()}.parquet",
    )
    deletes = _write_deletes(con, file, new[0], positions)
    texts = f"select column_id from {META}.ducklake_column where table_id = ?"
    texts += " and column_type = 'varchar'"
    with transaction(con):
        _update_file(con, "data", "record_count", file.data_file_id, new)
        for delete_file_id, values in deletes:
            _update_file(con, "delete", "delete_count", delete_file_id, values)
        con.execute(f"delete from {META}.ducklake_delete_file where delete_count = 0")
        for table, key, value in (
            ("ducklake_file_column_stats", "data_file_id", file.data_file_id),
            ("ducklake_table_column_stats", "table_id", file.table_id),
        ):
            con.execute(
                f"update {META}.{table} set min_value = ?, max_value = ? where {key} = ?"
                f" and min_value is not null and column_id in ({texts})",
                [FIRST_TEXT, LAST_TEXT, value, file.table_id],
            )
        if file.is_active:
            count = f"update {META}.ducklake_table_stats set record_count = record_count - ?"
            con.execute(f"{count} where table_id = ?", [len(positions), file.table_id])


def _select(columns: str, values: dict[str, str]) -> str:
    replaced = ", ".join(f"{value} as {name}" for name, value in values.items())
    return f"select * {columns}" + (f" replace ({replaced})" if values else "")


# A Parquet file's path, rows, bytes and footer bytes.
_Written = tuple[str, int, int, int]


def _write(con: Connection, query: str, source: str, path: str) -> _Written:
    """Write rows of a Parquet file to another, with its field IDs (the catalog's column IDs)."""
    con.execute(
        f"copy ({query}) to {quoted(path)} (format parquet, compression zstd, field_ids"
        f" {_field_ids(con, source)})"
    )
    measures = "select num_rows, file_size_bytes, footer_size from parquet_file_metadata"
    ((rows, size, footer),) = con.execute(f"{measures}({quoted(path)})").fetchall()
    return path, rows, size, footer


def _update_file(con: Connection, kind: str, count: str, file_id: int, values: _Written) -> None:
    path, *measures = values
    con.execute(
        f"update {META}.ducklake_{kind}_file set path = ?, path_is_relative = true, {count} = ?,"
        f" file_size_bytes = ?, footer_size = ? where {kind}_file_id = ?",
        [path.rpartition("/")[2], *measures, file_id],
    )


def _write_deletes(
    con: Connection, file: _File, new: str, positions: list[int]
) -> list[tuple[int, _Written]]:
    """Write the file's delete files with the new row positions; return their values by ID."""
    known = con.execute(
        f"select delete_file_id, if(path_is_relative, ? || path, path)"
        f" from {META}.ducklake_delete_file where data_file_id = ?",
        [file.folder, file.data_file_id],
    ).fetchall()
    values = {
        "file_path": quoted(new),
        "pos": f"pos - len(list_filter({positions}::bigint[], place -> place < pos))",
    }
    rewritten = []
    for delete_file_id, old in known:
        remaining = (
            f"{_select('', values)} from read_parquet({quoted(old)}) where pos not in"
            f" (select unnest({positions}::bigint[])) order by pos"
        )
        path = f"{file.folder}ducklake-{uuid.uuid4()}-delete.parquet"
        rewritten.append((delete_file_id, _write(con, remaining, old, path)))
    return rewritten


def _field_ids(con: Connection, path: str) -> str:
    """Return a file's IDs of columns for COPY's FIELD_IDS."""
    rows = con.execute(
        f"select name, num_children, field_id from parquet_schema({quoted(path)})"
    ).fetchall()
    (_, total, _), rest = rows[0], rows[1:]
    parts = [_field(rest) for _ in range(int(total))]
    return "{" + ", ".join(parts) + "}"


def _field(rows: list[Any]) -> str:
    """Remove one column with its children from the rows, and return its FIELD_IDS."""
    name, children, field_id = rows.pop(0)
    inner = [_field(rows) for _ in range(int(children or 0))]
    if not inner:
        return f'"{name}": {field_id}'
    if field_id is None:  # Parquet's layer between a list and its elements
        return ", ".join(inner)
    return f'"{name}": {{__duckdb_field_id: {field_id}, {", ".join(inner)}}}'
