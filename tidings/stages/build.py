"""Build the tables of the dbt project in the lake, in one transaction.

The rule: a table whose model names a day column (``meta.changed``) is computed for the days that
changed, which ``int_day_versions`` finds; every other table, and after a change of the project's
SQL each one, is computed completely. Only rows that differ from the stored rows are written.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from tidings.base.languages.plural import counted
from tidings.base.records import LastBuild
from tidings.stages.revisions import keep_released_figures, record_lexicon_change, record_revisions
from tidings.stages.run import Run
from tidings.stages.true_rates import record_true_rates
from tidings.storage.lake import META, Connection, Lake, WarehouseError, open_lake, transaction
from tidings.storage.load import (
    CHANGED,
    column_types,
    count_rows,
    has_rows,
    merge,
    read_column,
    read_last,
    write_differences,
)
from tidings.storage.migrate import add_statistics
from tidings.storage.project import Node, Project, read_project, read_sources, transforms_version
from tidings.storage.reference import lexicon_version
from tidings.storage.release import changed_tables, last_release

DAYS = "int_day_versions"  # one row per day: a hash of everything behind its rows
# sources that a poll without news changes
POLL_TABLES = frozenset({"raw.captures", "raw.feeds", "raw.feed_gaps"})
_ANNOTATION_RULES = """
    select left(md5(coalesce(string_agg(distinct rules order by rules), '')), 12)
    from (select concat(mentions, statements) as rules from annotations.articles)
"""
LENGTHS = {"day": 0, "week": 6, "month": 30}  # days between two days of a period, at most
MAX_SPANS = 3  # date ranges in a log line


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The duration, the seconds by model, and the days built again."""

    seconds: float
    timings: Mapping[str, float]
    days: tuple[dt.date, ...]


def model(run: Run, *, is_whole: bool = False) -> list[dt.date]:
    """Build the tables, and return the days that changed; ``is_whole`` computes all rows.

    Raises WarehouseError with the name of a model that failed.
    """
    with run.reading() as con:
        lexicon = lexicon_version(con)
        # With TIDINGS_RELEASE_ON=news, polls alone are no reason to build and to release.
        ignored = POLL_TABLES if run.settings.release_on == "news" else frozenset()
        if not is_whole and last_release(con) and is_up_to_date(con, run.now, ignored):
            run.log("models: nothing changed since the last run")
            return []
    built = build(run.lake, as_of=run.now, lexicon=lexicon, is_whole=is_whole)
    run.log(
        f"{counted(len(built.timings), 'model')} built in {built.seconds:.1f} s;"
        f" {describe_days(built.days)} rebuilt"
    )
    return list(built.days)


def build(
    lake: Lake,
    *,
    as_of: dt.datetime,
    lexicon: str,
    models: Sequence[str] = (),
    is_whole: bool = False,
) -> BuildResult:
    """Build the tables in one transaction; the caller has the writer lock.

    ``as_of``, the run time with a time zone, decides which days are over. ``lexicon`` is the
    version of the lake's word list. ``models`` are built completely, in this order, by default all
    for the days that changed; ``is_whole`` computes all rows. Raises ProjectError if the project
    cannot be read, and WarehouseError with the name of a model that failed, after which nothing was
    written.
    """
    started = time.monotonic()
    project = read_project()
    chosen = models or [*project.models]
    timings: dict[str, float] = {}
    name = "lexicon_changes"
    with open_lake(lake) as con:
        before = read_last(con, LastBuild)
        builder = _Builder(con, project, {"as_of": as_of.isoformat(), "lexicon_version": lexicon})
        builder.is_whole = bool(
            is_whole
            or models
            or before is None
            or not before.rules_version.startswith(transforms_version())
            or builder.lacks_tables(chosen)
        )
        try:
            with transaction(con):
                read_at = count_rows(con, f"select max(snapshot_id) from {META}.ducklake_snapshot")
                rules = f"{transforms_version()}-{read_column(con, _ANNOTATION_RULES)[0]}"
                record_lexicon_change(con, lexicon)
                released = keep_released_figures(con)
                recorders = {
                    "revised_figures": partial(
                        record_revisions, con, released, before, rules=rules, lexicon=lexicon
                    ),
                    "int_day_versions": partial(record_true_rates, con),
                }
                for name in chosen:
                    then = time.monotonic()
                    if record := recorders.get(name):
                        record()
                    builder.build(project.models[name])
                    timings[name] = time.monotonic() - then
                if not models:
                    builder.drop_obsolete()
                    new = LastBuild(read_at, as_of, rules, lexicon)
                    _record(con, before, new, has_written=builder.has_written)
            add_statistics(con)
        except duckdb.Error as error:
            raise WarehouseError(f"The model {name} failed: {str(error).strip()}") from error
    return BuildResult(time.monotonic() - started, timings, builder.days)


def _record(con: Connection, last: LastBuild | None, new: LastBuild, *, has_written: bool) -> None:
    """Record a build, unless it wrote nothing and has the versions of the last one."""
    known = last and last.read_at is not None and (last.rules_version, last.lexicon_version)
    if has_written or known != (new.rules_version, new.lexicon_version):
        con.execute(f"delete from {LastBuild.TABLE}")
        merge(con, [new])


class _Builder:
    """Builds models on a connection, in its transaction."""

    def __init__(self, con: Connection, project: Project, variables: dict[str, Any]) -> None:
        self._con, self._project, self._variables = con, project, variables
        self.is_whole = True
        self.has_written = False
        self.days: tuple[dt.date, ...] = ()
        # duckdb_tables() also reads the statistics of every table, which takes ten times as long.
        query = " union all ".join(
            f"select schema_name, {kind}_name, '{kind}' from {META}.ducklake_{kind} as named"
            f" inner join {META}.ducklake_schema using (schema_id) where named.end_snapshot is null"
            for kind in ("table", "view")
        )
        self._stored = {
            (schema, name): kind for schema, name, kind in con.execute(query).fetchall()
        }

    def lacks_tables(self, names: Iterable[str]) -> bool:
        """Return whether the lake lacks one of these tables or views."""
        nodes = (self._project.models[name] for name in names)
        return any((node.schema, node.name) not in self._stored for node in nodes)

    def drop_obsolete(self) -> None:
        """Drop what models wrote that the project no longer has."""
        known = {(node.schema, node.name) for node in self._project.models.values()}
        for schema, name in sorted(self._stored.keys() - known):
            if schema in {"intermediate", "marts", "measures", "staging"}:
                kind = self._stored[schema, name]
                self._con.execute(f"drop {kind} lake.{schema}.{name}")

    def build(self, node: Node) -> None:
        """Create a view, or compute the rows of a table and write those that differ."""
        query = self._project.render(node, self._variables)
        is_stored = (node.schema, node.name) in self._stored
        if not is_stored:
            self._con.execute(f"create schema if not exists lake.{node.schema}")
        if node.is_view:
            self._create_view(node, query)
            return
        self._con.execute(f"create or replace temp table fresh as ({query})")
        if is_stored:
            stored, fresh = (column_types(self._con, name) for name in (str(node), "temp.fresh"))
            if [*stored.items()] != [*fresh.items()]:
                self._con.execute(f"drop table {node}")
                is_stored = False
        keys = ", ".join(node.keys)
        order = ", ".join(filter(None, (node.meta.get("order_by", node.meta.get("changed")), keys)))
        if is_stored:
            condition = self._variables.get(f"changed_{node.meta.get('period', 'day')}", "true")
            column = node.meta.get("changed")
            self.has_written |= write_differences(
                self._con,
                f"{node.schema}.{node.name}",
                "from temp.fresh",
                keys,
                scope=condition.replace("{}", column) if column else "true",
                order_by=order,
            )
        else:
            self._con.execute(f"create table {node} as from temp.fresh order by {order}")
            self.has_written = True
        if node.name == DAYS:
            self._find_days(is_stored=is_stored)
        if hook := node.config.get("post_hook"):
            template = self._project.environment.from_string(hook)
            self._con.execute(template.render(this=str(node), var=self._variables.get))

    def _create_view(self, node: Node, query: str) -> None:
        """Create a view, unless the project's SQL is that of the last build."""
        if self.is_whole or (node.schema, node.name) not in self._stored:
            self._con.execute(f"create or replace view {node} as ({query})")

    def _find_days(self, *, is_stored: bool) -> None:
        """Set the days whose version differs from the stored one."""
        table = CHANGED if is_stored and not self.is_whole else "temp.fresh"
        found = set(read_column(self._con, f"select published_on from {table}"))
        self.days = tuple(sorted(day for day in found if day))
        if not self.is_whole:
            self._variables |= _conditions(self.days, has_undated=None in found)


def _conditions(days: Sequence[dt.date], *, has_undated: bool) -> dict[str, str]:
    """Return conditions for the macro ``is_changed``, with ``{}`` for the column. Their constants
    let the lake skip files.
    """
    days, conditions = days or [dt.date.max], {}
    first, last = f"date '{days[0]}'", f"date '{days[-1]}'"
    for period, length in LENGTHS.items():
        start = "{}" if period == "day" else f"date_trunc('{period}', {{}})"
        listed = ", ".join(start.format(f"date '{day}'") for day in days)
        conditions[f"changed_{period}"] = (
            f"({{}} between {first} - {length} and {last} + {length} and {start} in ({listed}))"
        )
    if has_undated:
        conditions["changed_day"] = f"({conditions['changed_day']} or {{}} is null)"
    return conditions


def is_up_to_date(con: Connection, as_of: dt.datetime, ignored: Collection[str] = ()) -> bool:
    """Return whether a build would write nothing: code, sources except ``ignored``, and the local
    dates of all publishers are those of the last build.
    """
    last = read_last(con, LastBuild)
    if not (last and last.read_at and last.rules_version.startswith(transforms_version())):
        return False
    if not has_rows(con, f"{META}.ducklake_snapshot where snapshot_id = {last.read_at}"):
        return False
    read = {f"{node.schema}.{node.name}" for node in read_sources() if node.schema != "ops"}
    if (changed_tables(con, last.read_at) & read) - set(ignored):
        return False
    names = "select distinct time_zone from lake.ref.publishers union select 'UTC'"
    zones = map(ZoneInfo, read_column(con, names))
    return all(as_of.astimezone(z).date() == last.as_of.astimezone(z).date() for z in zones)


def describe_days(days: Sequence[dt.date]) -> str:
    """Return the number of sorted days and their last three ranges."""
    if not days:
        return "no days"
    runs = [
        [day for _, day in run]
        for _, run in groupby(enumerate(days), lambda pair: pair[1] - dt.timedelta(pair[0]))
    ]
    spans = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    more = "…, " if len(spans) > MAX_SPANS else ""
    return f"{counted(len(days), 'day')} ({more}{', '.join(spans[-MAX_SPANS:])})"
