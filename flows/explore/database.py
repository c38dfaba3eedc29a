"""Open a release file for questions: read-only, without access to other files, and with limits on memory and time."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from tidings.flows.explore.lists import read_choices
from tidings.transforms.text.udf import register_word_hits
from tidings.warehouse.release import SEARCH_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SECONDS = 20.0
"""Time limit of a query."""
MEMORY = "2GB"
MOST_QUERIES = 4
"""Queries that run at the same time; others wait."""
THREADS = min(4, os.cpu_count() or 1)
CLOSED = "set global TimeZone = 'UTC'; set enable_external_access = false; set lock_configuration = true"

Row = dict[str, Any]


class QueryTimeoutError(Exception):
    """A query was interrupted because it reached its time limit."""


class OpenRelease:
    """A release file, open for questions from several threads.

    ``facts`` has release_id, released_at (ISO 8601, UTC), lexicon_version and code_version; ``days`` the first and last observed
    day, or None before the first article.
    """

    def __init__(self, path: Path) -> None:
        config: dict[str, Any] = {"memory_limit": MEMORY, "threads": THREADS, "temp_directory": ""}
        self._con = duckdb.connect(path, read_only=True, config=config)
        self.path = path
        self.file = file_identity(path)
        register_word_hits(self._con)
        self._con.execute(CLOSED)
        self._slots = threading.Semaphore(MOST_QUERIES)
        [release] = self.rows(
            "select release_id, released_at, lexicon_version, code_version from releases order by snapshot_id desc limit 1"
        )
        self.facts: Row = release | {"released_at": release["released_at"].isoformat().replace("+00:00", "Z")}
        [days] = self.rows("select min(published_on) as first, max(published_on) as last from outlet_daily")
        self.days = (days["first"], days["last"]) if days["first"] else None
        self.choices = read_choices(self)
        self.parents: dict[str, str | None] = dict(self.table("select theme_id, parent_id from themes")[1])

    def close(self) -> None:
        """Close the file."""
        self._con.close()

    @contextmanager
    def cursor(self, seconds: float = SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
        """Return a connection whose queries together are interrupted after a number of seconds.

        Raises:
            QueryTimeoutError: If they were.
        """
        with self._slots, self._con.cursor() as cursor:
            cursor.execute(f"set search_path = '{SEARCH_PATH}'")
            timer = threading.Timer(seconds, cursor.interrupt)
            timer.daemon = True
            timer.start()
            try:
                yield cursor
            except duckdb.InterruptException as error:
                raise QueryTimeoutError(
                    f"The query was stopped after {seconds:g} seconds. Choose fewer days, series or words."
                ) from error
            finally:
                timer.cancel()

    def table(self, query: str, values: Sequence[Any] | Row = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the column names and rows of a query."""
        with self.cursor() as cursor:
            return fetch(cursor, query, values)

    def rows(self, query: str, values: Sequence[Any] | Row = ()) -> list[Row]:
        """Return a query's rows as dictionaries by column name."""
        columns, rows = self.table(query, values)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def descendants(self, theme_id: str) -> list[str]:
        """Return a theme and all themes below it, in order."""
        found = {theme_id}
        while below := {theme for theme, parent in self.parents.items() if parent in found} - found:
            found |= below
        return sorted(found)


def fetch(
    con: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] | Row = ()
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the column names and rows of a query on a connection."""
    result = con.execute(query, values or None)
    return [column[0] for column in result.description or ()], result.fetchall()


def file_identity(path: Path) -> tuple[int, int, int]:
    """Return values that change if another file replaces a file."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
