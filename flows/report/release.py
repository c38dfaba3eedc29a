"""What a release holds: its name, the span of its days, and which tables and columns are there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

WINDOW_DAYS = 28  # four whole weeks, so that weekdays weigh alike
SMALL_YEARS = 2
UNIT_LIMIT_DAYS = 400  # below this, small charts show weeks: three months would be three dots


@dataclass(frozen=True, slots=True)
class Facts:
    """The release and its span.

    ``first_on`` and ``last_on`` are the first and last day of any outlet, None before any article is held. ``unit`` is the step
    of small charts, week or month. ``columns`` maps ``schema.table`` to the columns that the release has.
    """

    release_id: str
    released_at: dt.datetime
    lexicon_version: str
    code_version: str
    run_id: str
    audit_passed: int | None
    audit_warned: int | None
    first_on: dt.date | None
    last_on: dt.date | None
    outlet_count: int
    article_count: int
    columns: dict[str, tuple[str, ...]]

    @property
    def unit(self) -> str:
        """The step of small charts: week below 400 days of history, month above."""
        if self.first_on is None or self.last_on is None or (self.last_on - self.first_on).days < UNIT_LIMIT_DAYS:
            return "week"
        return "month"

    @property
    def window_from(self) -> dt.date | None:
        """The first of the last 28 days, or None where there is no day."""
        return self.last_on - dt.timedelta(days=WINDOW_DAYS - 1) if self.last_on else None

    @property
    def small_from(self) -> dt.date | None:
        """The day from which small charts start: two years back at most, so that work does not grow with the past."""
        if self.first_on is None or self.last_on is None:
            return None
        return max(self.last_on.replace(year=self.last_on.year - SMALL_YEARS, day=1), self.first_on)

    def has(self, table: str, *names: str) -> bool:
        """Return whether the release holds a table with all these columns."""
        return table in self.columns and set(names) <= set(self.columns[table])


def read_facts(con: duckdb.DuckDBPyConnection) -> Facts:
    """Return what the release is and holds. Tables that are missing count as empty, never as an error."""
    columns: dict[str, list[str]] = {}
    for table, column in con.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns()"
        " where schema_name in ('core', 'marts', 'ref', 'ops') and database_name = current_database()"
        " order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append(column)
    found: dict[str, Any] = next(
        iter(
            rows(
                con,
                "select release_id, released_at, lexicon_version, code_version, run_id, audit_passed, audit_warned"
                " from ops.releases order by released_at desc, snapshot_id desc limit 1",
            )
            if "ops.releases" in columns
            else []
        ),
        {},
    )
    span = _one(con, "select min(published_on), max(published_on), count(distinct publisher_id) from marts.outlet_daily", columns)
    held = _one(con, "select count(*) from core.articles where excluded_reason is null", columns)
    return Facts(
        release_id=found.get("release_id", "unreleased"),
        released_at=found.get("released_at") or dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        lexicon_version=found.get("lexicon_version", ""),
        code_version=found.get("code_version", ""),
        run_id=found.get("run_id", ""),
        audit_passed=found.get("audit_passed"),
        audit_warned=found.get("audit_warned"),
        first_on=span[0] if span else None,
        last_on=span[1] if span else None,
        outlet_count=span[2] if span else 0,
        article_count=held[0] if held else 0,
        columns={table: tuple(names) for table, names in columns.items()},
    )


def _one(con: duckdb.DuckDBPyConnection, query: str, columns: dict[str, list[str]]) -> tuple[Any, ...] | None:
    table = query.split(" from ")[1].split(maxsplit=1)[0]
    return con.execute(query).fetchone() if table in columns else None


def rows(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
    """Return a query's rows as dictionaries by column name."""
    found = con.execute(query, values or None)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
