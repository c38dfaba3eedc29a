"""Test the detection of days without any article, and sentences on changes of shares."""

import datetime as dt
from pathlib import Path

import duckdb
from lxml import html

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.analysis.report.small_release import compare_shares
from tests.cases import cases
from tidings.analysis.report.release import read_silence

LAST = dt.date(2026, 8, 30)  # the current, unfinished day


@cases(
    "days, since",
    ([(1, 1, False)], None),  # published yesterday
    ([(2, 1, False), (1, 0, False)], None),  # a covered day without news
    # a day that was a gap for every outlet
    ([(2, 1, False), (1, 0, True)], dt.date(2026, 8, 29)),
    ([(7, 1, False), (1, 0, False)], dt.date(2026, 8, 24)),  # a week without an article
    ([(1, 0, True)], None),  # no outlet ever published
)
def test_silence_begins_on_the_first_day_without_articles(
    days: list[tuple[int, int, bool]], since: dt.date | None
) -> None:
    """A silence is a finished day that is a gap everywhere, or seven days without an article."""
    with duckdb.connect() as con:
        con.execute("create schema marts")
        columns = "publisher_id text, published_on date, article_count int, excluded_count int"
        con.execute(f"create table marts.outlet_daily ({columns}, is_gap boolean)")
        rows = [
            ("a", LAST - dt.timedelta(ago), count, 0, gap)
            for ago, count, gap in [*days, (0, 0, False)]
        ]
        rows += [("b", day, 0, 0, gap) for _, day, _, _, gap in rows]
        con.executemany("insert into marts.outlet_daily values (?, ?, ?, ?, ?)", rows)
        assert read_silence(con) == since


def test_sentences_on_a_change_name_the_outlets_compared(tmp_path: Path) -> None:
    """If an outlet joins, pages state the shares of the others, and that they are theirs."""
    path = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(path) as con:
        for table in ("outlet_daily", "theme_outlet_daily"):
            days = "publisher_id = 'daily' and published_on < '2026-05-04'"
            con.execute(f"delete from marts.{table} where {days}")
        compare_shares(con)
        now, before = con.execute(
            "select panel_share, panel_previous_share from marts.share_change"
            " where theme_id = 'grain' and is_significant"
        ).fetchall()[0]
    write_files(path, tmp_path / "report")
    pages = [
        " ".join(html.parse(tmp_path / f"report/{name}.html").getroot().text_content().split())
        for name in ("index", "themes/grain")
    ]
    assert f"{now:.1%} of articles (20 of 28), from {before:.1%}" in pages[0]
    assert "Changes compare the 1 outlet collected in both periods." in pages[0]
    assert f"Policy areas that changedSupply {now:.1%} of articles (20 of 28)" in pages[0]
    change = f"points (significant), to {now:.1%}, in the 1 outlet collected in both periods"
    assert change in pages[1]
