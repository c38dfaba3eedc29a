"""Read the front page, and each theme's share in the last 28 days compared with the previous 28
days, over the same outlets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.analysis.answers import Answers, ask
from tidings.analysis.report.release import WINDOW_DAYS
from tidings.base.functions import create_functions
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    import datetime as dt

    from tidings.analysis.answers import Answer, Row
    from tidings.storage.lake import Connection

LISTED_COUNT = 8
SILENT_DAYS = 7

_WINDOWS = f"""
    with days as (
        select * from marts.outlet_daily
        where not is_gap and published_on > $last_on - {WINDOW_DAYS}
    ),
    totals as (
        select coalesce(sum(text_count), 0)::bigint as total from days
    ),
    theme_hits as (
        select d.theme_id, sum(d.about_count)::bigint as hits,
            sum(d.article_count)::bigint as mention_hits,
            count(distinct d.publisher_id) filter (d.about_count > 0) as outlet_count
        from marts.theme_outlet_daily as d inner join days using (publisher_id, published_on)
        where d.article_count > 0 and d.published_on > $last_on - {WINDOW_DAYS}
        group by all
    ),
    sums as (
        select t.theme_id, coalesce(hits, 0) as hits, total,
            coalesce(mention_hits, 0) as mention_hits, coalesce(outlet_count, 0) as outlet_count
        from ref.themes as t cross join totals left join theme_hits using (theme_id)
    )
    select sums.*, share(hits, total) as now, wilson_low(hits, total) as low,
        wilson_high(hits, total) as high,
        share(mention_hits, total) as mentioned,
        panel_outlet_count, panel_article_count, panel_total_count,
        panel_share as panel_now, panel_previous_share as before, panel_change as change,
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
    themes = con.execute(
        "select theme_id, coalesce(label_en, theme_id), parent_id from ref.themes"
    ).fetchall()
    labels = {theme: label for theme, label, _ in themes}
    listed = {theme for theme, _, parent in themes if parent} or set(labels)
    [(last_on,)] = con.execute("select max(published_on) from marts.outlet_daily").fetchall()
    shares = Answers(con, _WINDOWS, last_on=last_on)
    windows = {theme: row for theme, [row] in shares.by_id.items()}
    known = sorted((-row["now"], theme) for theme, row in windows.items() if row["hits"])
    largest = [theme for _, theme in known if theme in listed]
    return Trends(
        labels,
        shares,
        windows,
        ask(con, FRONT_PAGE),
        largest[:LISTED_COUNT],
        read_silence(con),
    )


def read_silence(con: Connection) -> dt.date | None:
    """Return the first day without any article if there is a silence, otherwise None.

    A silence is a finished day that is a gap for every outlet, or seven days without an article.
    """
    query = f"""
    with days as (
        select published_on, sum(article_count + excluded_count) > 0 as is_published,
            bool_and(is_gap) as is_gap,
            published_on < max(published_on) over () as is_over
        from marts.outlet_daily group by published_on
    ),
    last as (select max(published_on) filter (is_published) as published_on,
        max(published_on) as last_on from days)
    select last.published_on + 1 from last
    where last.last_on - last.published_on >= {SILENT_DAYS}
    or exists (select 1 from days
        where days.published_on > last.published_on and days.is_gap and days.is_over)
    """
    row = con.execute(query).fetchone()
    return row[0] if row else None
