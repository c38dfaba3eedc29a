"""Read what a release contains: its metadata, its tables and columns with descriptions, whether its
data are invented, the front page, and each theme's share in the last 28 days compared with the
previous 28 days, over the same outlets.

Articles of the sample newsroom are the evidence that data are invented, so that the statement
survives copies, exports and further runs.
"""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from tidings.analysis.answers import Answer, Answers, Row, ask, has_table, read_rows
from tidings.analysis.breaks import Break, read_breaks
from tidings.base.functions import create_functions
from tidings.base.languages.plural import counted
from tidings.storage.lake import Connection
from tidings.storage.load import read_column
from tidings.storage.project import Node, read_project
from tidings.storage.release import KEYS
from tidings.storage.seed_checks import KEYS as REFERENCE_KEYS

# IDs instead of an import: importing the sample takes longer than a short query.
PUBLISHERS = (
    "sample_agency",
    "sample_bulletin",
    "sample_daily",
    "sample_gazette",
    "sample_ministry",
)


class Invented(NamedTuple):
    """A label for titles and a sentence for notices; both are empty if all data are real."""

    label: str = ""
    notice: str = ""

    def mark(self, title: str) -> str:
        """Return a title with the label in brackets."""
        return f"{title} ({self.label})" if self.label else title


NONE = Invented()
ALL = Invented(
    "invented sample data",
    "Invented sample data: the outlets, people and articles in this release do not exist.",
)
PART = Invented(
    "partly invented sample data",
    "Partly invented sample data: some outlets, people and articles in this release do not exist.",
)


def read_invented(con: Connection) -> Invented:
    """Return the statement for the release that a connection has opened."""
    query = "select count(*) filter (publisher_id in ?), count(*) from core.articles"
    [(invented, total)] = con.execute(query, [list(PUBLISHERS)]).fetchall()
    return (ALL if invented == total else PART) if invented else NONE


# of tables without a key in dbt's files
_KNOWN_KEYS = {f"ref.{name}": key for name, key in REFERENCE_KEYS.items()} | KEYS
WINDOW_DAYS = 28  # four whole weeks, so that each weekday has the same weight
COVERAGE_DAYS = 364
SMALL_CHART_YEARS = 2
# SQL: whether a day, week or month of ``outlet_daily`` is over
IS_OVER = (
    "(bool_and(is_complete or is_gap or published_on < $last_on)"
    " and max(date_trunc($unit, published_on)) + ('1 ' || $unit)::interval <= $last_on + 1)"
)
# with less history than this, small charts show weeks: three months would give only three points
WEEKLY_BELOW_DAYS = 400


@dataclass(frozen=True, slots=True)
class Facts:
    """Metadata of a release.

    ``first_on`` and ``last_on`` are the days of any outlet, or None before the first article.
    ``unit`` is the period of small charts: ``week`` for less than 400 days of history, otherwise
    ``month``; ``since`` is their first day, at most two years back. ``breaks`` are the open data
    problems.
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
    unit: str = "week"
    since: dt.date | None = None
    invented: Invented = NONE
    breaks: tuple[Break, ...] = ()

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """First and last day, or None before the first article."""
        return (self.first_on, self.last_on) if self.first_on and self.last_on else None

    @property
    def values(self) -> Row:
        """The values that questions about the release name."""
        return {"last_on": self.last_on, "since": self.since, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a released table; ``description`` is empty if dbt's files contain none.

    The audit verifies that a required column has no null, a unique column no value twice, and that
    all values are among ``values``, if there are any.
    """

    name: str
    kind: str
    description: str
    is_required: bool = False
    is_unique: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A released table. ``key`` identifies a row and is empty if a column of ``sort_key`` may be
    null.
    """

    name: str
    description: str
    row_count: int
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    sort_key: tuple[str, ...] = ()


_FACTS = f"""
select release_id, released_at, lexicon_version, code_version, run_id, audit_passed,
    audit_warned, days.*,
    (select count(*) from core.articles where excluded_reason is null) as article_count,
    if(last_on - first_on >= {WEEKLY_BELOW_DAYS}, 'month', 'week') as unit,
    greatest(
        date_trunc('month', last_on - interval {SMALL_CHART_YEARS} year)::date, first_on
    ) as since
from {{}} cross join (
    select min(published_on) as first_on, max(published_on) as last_on,
        count(distinct publisher_id) as outlet_count
    from marts.outlet_daily
) as days
order by released_at desc, snapshot_id desc limit 1
"""


def read_facts(con: Connection) -> Facts:
    """Return the metadata of the release that a connection has opened."""
    # open_release adds the row of an earlier release to a copy
    table = "temp.releases" if has_table(con, "temp.releases") else "ops.releases"
    [row] = read_rows(con, _FACTS.format(table))
    return Facts(**row, invented=read_invented(con), breaks=tuple(read_breaks(con)))


def cite(facts: Facts, query: str = "") -> dict[str, str]:
    """Return label and text of each line of a citation."""
    source = f"The Tidings authors: Tidings, policy themes in the news, release {facts.release_id}"
    lines = {
        "Source": facts.invented.mark(source),
        "Release": facts.release_id,
        "Released": f"{facts.released_at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC",
        "Word list": facts.lexicon_version,
        "Code version": facts.code_version,
        "Days": f"{facts.first_on} to {facts.last_on}" if facts.first_on else "none",
        "Notice": facts.invented.notice,
        "Data problems": "\n".join(map(str, facts.breaks)),
        "Times": "UTC. An empty cell is unknown, not zero.",
        "SQL query": query.strip(),
    }
    return {label: text for label, text in lines.items() if text}


def read_dictionary(con: Connection) -> list[Table]:
    """Return the released tables, marts first, with descriptions from dbt's files."""
    project = read_project()
    nodes = {
        (node.schema, node.name): node
        for node in (*project.models.values(), *project.sources.values())
    }
    found = con.execute(
        "select schema_name, table_name, list((column_name, data_type) order by column_index)"
        " from duckdb_columns()"
        " where schema_name in $schemas and database_name = current_database()"
        " and (schema_name, table_name) not in"
        " (select (schema_name, view_name) from duckdb_views())"
        " group by schema_name, table_name"
        " order by list_position($schemas, schema_name), table_name",
        {"schemas": ["marts", "core", "ref", "ops", "measures"]},
    ).fetchall()
    tables = []
    for schema, name, columns in found:
        [(count,)] = con.execute(f'select count(*) from "{schema}"."{name}"').fetchall()
        node = nodes.get((schema, name), Node(name, schema))
        tables.append(_describe_table(node, columns, count))
    return tables


def _describe_table(node: Node, columns: list[tuple[str, str]], row_count: int) -> Table:
    table = f"{node.schema}.{node.name}"
    tests = {(options.get("column_name"), name): options for name, options in node.tests}
    unique = [(str(column),) for column, name in tests if name == "unique"]
    known = _KNOWN_KEYS.get(table, ())
    key = next(iter(unique), tuple(node.keys) or (() if node.schema == "ref" else known))
    described = tuple(
        Column(
            name,
            kind,
            node.columns.get(name, ""),
            is_required=(name, "not_null") in tests or name in key,
            is_unique=(name,) in (key, *unique),
            values=tuple(tests.get((name, "accepted_values"), {}).get("values", ())),
        )
        for name, kind in columns
    )
    return Table(table, node.description, row_count, described, key, key or known)


# How completely each outlet was collected, with conditions on ``outlet_daily`` and ``publishers``.
OUTLET_COVERAGE = """select d.publisher_id, any_value(p.name) as name,
    any_value(p.country) as country, any_value(p.publisher_type) as publisher_type,
    min(published_on) as first_day, max(published_on) as last_day,
    count(*) as day_count, count(*) filter (is_gap) as gap_day_count,
    sum(article_count)::bigint as article_count,
    sum(excluded_count)::bigint as excluded_count,
    list_sort(list(distinct gap_reason) filter (is_gap)) as gap_reasons
from marts.outlet_daily as d
left join ref.publishers as p using (publisher_id)
where true{}
group by d.publisher_id
order by article_count desc, d.publisher_id"""
LISTED_COUNT = 8
SILENT_DAYS = 7

_WINDOWS = f"""
with days as (
    select * from marts.outlet_daily
    where not is_gap and published_on > $last_on - {WINDOW_DAYS}
),
sums as (
    select theme_id, coalesce(label_en, theme_id) as label, parent_id,
        coalesce(sum(about_count), 0)::bigint as hits,
        (select coalesce(sum(text_count), 0)::bigint from days) as total,
        coalesce(sum(article_count), 0)::bigint as mention_hits,
        count(distinct publisher_id) filter (about_count > 0) as outlet_count
    from ref.themes left join (
        from marts.theme_outlet_daily semi join days using (publisher_id, published_on)
    ) using (theme_id)
    group by all
)
select sums.*, share(hits, total) as now, wilson_low(hits, total) as low,
    wilson_high(hits, total) as high,
    share(mention_hits, total) as mentioned,
    panel_outlet_count, panel_article_count, panel_total_count,
    panel_share as panel_now, panel_previous_share as before, panel_change as change,
    coalesce(is_significant, false) as is_significant,
    wilson_low(panel_article_count, panel_total_count) as panel_low,
    wilson_high(panel_article_count, panel_total_count) as panel_high,
    coalesce(p.name, leading_publisher_id) as leading_outlet
from sums left join marts.share_change using (theme_id)
left join ref.publishers as p on leading_publisher_id = p.publisher_id
where theme_id = $id
"""
# The lines of the front page, each with the articles behind it, the newest first.
FRONT_PAGE = """
select f.* exclude (article_ids, article_id), coalesce(list({'url': a.url,
    'title': headline(a.title), 'language': a.language, 'published_on': a.published_on,
    'outlet': coalesce(p.name, a.publisher_id)}
    order by a.published_on desc, a.article_id) filter (a.article_id is not null), [])
    as articles
from (select *, unnest(if(article_ids = [], [null], article_ids)) as article_id
    from marts.front_page) as f
left join core.articles as a using (article_id)
left join ref.publishers as p using (publisher_id)
group by all order by kind, rank
"""


@dataclass(frozen=True, slots=True)
class Trends:
    """The front page, the shares of the themes, and the eight largest themes.

    ``windows`` are the rows of ``shares``, by theme, over covered outlet days only: ``now`` is the
    share of articles about it of all outlets in the last 28 days; ``panel_now``, ``before`` and
    ``change`` are those of ``marts.share_change``, None without an outlet that was covered in both
    periods, or without articles. ``largest`` contains policy areas only if no theme has a parent.
    """

    labels: dict[str, str]
    shares: Answers
    windows: dict[str, Row]
    front: Answer
    largest: list[str]
    silent_since: dt.date | None = None

    def lines(self, kind: str) -> list[Row]:
        """Return the lines of the front page of a kind."""
        return [row for row in self.front.rows if row["kind"] == kind]

    @property
    def rising(self) -> list[str]:
        """The themes that rose significantly, the surest first."""
        return [row["subject_id"] for row in self.lines("rising")]

    @property
    def panel_count(self) -> int:
        """The number of outlets that were collected in both periods."""
        return max((row["panel_outlet_count"] or 0 for row in self.windows.values()), default=0)

    @property
    def compared(self) -> str:
        """A sentence on the outlets over which shares are compared."""
        if not self.panel_count:
            return (
                f"Nothing is compared with the previous {WINDOW_DAYS} days, because no outlet was"
                " collected on at least half of the days of both periods."
            )
        return (
            f"Changes compare the {counted(self.panel_count, 'outlet')} collected in both periods."
        )


def read_trends(con: Connection) -> Trends:
    """Return the trends of a release or lake, which is the connection's current database."""
    create_functions(con)
    [(last_on,)] = con.execute("select max(published_on) from marts.outlet_daily").fetchall()
    shares = Answers(con, _WINDOWS, last_on=last_on)
    windows = {theme: row for theme, [row] in shares.by_id.items()}
    listed = [row for row in windows.values() if row["parent_id"]] or windows.values()
    known = sorted((-row["now"], row["theme_id"]) for row in listed if row["hits"])
    return Trends(
        {theme: row["label"] for theme, row in windows.items()},
        shares,
        windows,
        ask(con, FRONT_PAGE),
        [theme for _, theme in known[:LISTED_COUNT]],
        read_silence(con),
    )


def read_silence(con: Connection) -> dt.date | None:
    """Return the first day without any article if there is a silence, otherwise None.

    A silence is a finished day that is a gap for every outlet, or seven days without an article.
    """
    query = f"""
    with days as (
        select published_on, sum(article_count + excluded_count) > 0 as is_published,
            bool_and(is_gap) as is_gap, max(published_on) over () as last_on
        from marts.outlet_daily group by published_on
    )
    select max(published_on) filter (is_published) + 1 as silent_on from days
    having max(last_on) - silent_on >= {SILENT_DAYS - 1}
        or max(published_on) filter (is_gap and published_on < last_on) >= silent_on
    """
    return next(iter(read_column(con, query)), None)
