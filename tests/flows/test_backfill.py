"""The modes of a backfill as plain functions: their articles, the rebuilt days, and the
requests.
"""

import csv
import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.loopback import item, rss
from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import collect, contents, settings_for, settings_with
from tests.flows.test_nightly import feed_list, hosts_of
from tests.storage.conftest import copy_lake
from tests.transforms.conftest import with_ancestors
from tests.web_server import web_server
from tidings.base.messages import explain
from tidings.base.settings import SettingsError
from tidings.demo.serve import END
from tidings.fetch.window import Window
from tidings.stages.annotate import annotate
from tidings.stages.audit import audit
from tidings.stages.build import build as build_models
from tidings.stages.build import describe_days, model
from tidings.stages.clean import clean, reprocess
from tidings.stages.discover import discover, listing_urls
from tidings.stages.group import group
from tidings.stages.obtain import import_files, obtain
from tidings.stages.plan import check_feeds, find_recent_gaps, plan, plan_sentence, read_window
from tidings.stages.prepare import prepare, registry_of
from tidings.stages.release import release
from tidings.stages.run import start_run
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.writer_lock import writer_lock

COLUMNS = "feed_id,url,kind,publisher_id"
JUNE = Window(dt.date(2026, 6, 8), dt.date(2026, 6, 12))


@pytest.fixture
def ministry(newsroom: Any, tmp_path: Path) -> Any:
    """Return a function that makes settings for a warehouse with only the ministry's listing, and
    optional seeds folders.
    """
    newsroom.set_now(END)
    return lambda *more, name="data": settings_of(
        newsroom, tmp_path, "sample_ministry_list", name, *more
    )


@pytest.fixture(scope="module")
def gathered(newsroom: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the lake of a refetch of JUNE before the models. Tests change copies of it."""
    newsroom.set_now(END)
    folder = tmp_path_factory.mktemp("june")
    return gather(settings_of(newsroom, folder, "sample_ministry_list"), JUNE).lake


@pytest.fixture(scope="module")
def june(newsroom: Any, gathered: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the lake and the modelled days of a refetch of JUNE. Tests change copies of it."""
    folder = tmp_path_factory.mktemp("june")
    copy_lake(gathered, folder / "data")
    run, _ = begin(settings_of(newsroom, folder, "sample_ministry_list"))
    return run.lake, finish(run)


def settings_of(newsroom: Any, folder: Any, source: Any, name: str = "data", *seeds: Any) -> Any:
    feeds = feed_list(newsroom, folder, (source,))
    folders = ":".join([DEMO_SEEDS, *map(str, seeds)])
    return settings_for(folder / name, feeds, hosts_of(newsroom), folders)


def begin(settings: Any, now: Any = END) -> Any:
    run = start_run(settings, now=now, run_id="test")
    return run, prepare(run)


def build(run: Any) -> Any:
    """Annotate, group and build, and return the days that were built."""
    with writer_lock(run.lake):
        annotate(run)
        group(run)
        return model(run)


def finish(run: Any) -> Any:
    days = build(run)
    with writer_lock(run.lake):
        release(run, audit(run))
    return days


def gather(settings: Any, window: Any, now: Any = END) -> Any:
    run, feeds = begin(settings, now)
    discover(run, feeds, window)
    obtain(run, feeds, window)
    clean(run)
    return run


def refetch(settings: Any, window: Any, now: Any = END) -> Any:
    return finish(gather(settings, window, now))


def published(newsroom: Any, window: Any) -> Any:
    return {
        article.url: article.published_on
        for article in newsroom.truth.articles
        if article.outlet == "ministry" and window.contains(article.published_on)
    }


def overlay(folder: Any, name: Any, *rows: Any) -> Any:
    """Write rows of a seed to a folder that overlays the bundled seeds, and return the folder."""
    folder.mkdir()
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list({column: None for row in rows for column in row}))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def requested_paths(newsroom: Any) -> Any:
    return [request["path"] for request in newsroom.log() if request["path"] != "/robots.txt"]


@pytest.mark.slow
def test_a_refetch_collects_the_window_once(
    ministry: Any, june: Any, newsroom: Any, tmp_path: Path
) -> None:
    """A refetch collects exactly the items of the window; a second refetch makes no requests."""
    lake, days = june
    copy_lake(lake, tmp_path / "data")
    settings = ministry()
    expected = published(newsroom, JUNE)
    run, _ = begin(settings)
    with open_lake(run.lake, read_only=True) as con:
        assert (
            dict(con.execute("select url, published_on from core.articles").fetchall()) == expected
        )
    assert set(days) >= set(expected.values())
    newsroom.clear_log()
    assert refetch(settings, JUNE) == []
    assert requested_paths(newsroom) == []


@pytest.mark.slow
def test_two_overlapping_refetches_equal_one(ministry: Any) -> None:
    """Two overlapping windows yield the same rows as one window over both."""
    for window in (
        Window(JUNE.start, dt.date(2026, 6, 11)),
        Window(dt.date(2026, 6, 10), JUNE.end),
    ):
        two = gather(ministry(name="two"), window)
    one = gather(ministry(name="one"), JUNE)
    assert contents(two.lake) == contents(one.lake)


def test_a_refetch_uses_the_full_texts_of_a_feed(newsroom: Any, tmp_path: Path) -> None:
    """A backfill uses the full texts of a feed and requests none of its pages."""
    newsroom.set_now(END)
    settings = settings_of(newsroom, tmp_path, "sample_bulletin_de")
    newsroom.clear_log()
    week = Window(dt.date(2026, 7, 6), dt.date(2026, 7, 10))
    run = gather(settings, week)
    expected = {
        article.url
        for article in newsroom.truth.articles
        if article.outlet == "bulletin" and week.contains(article.published_on)
    }
    assert expected
    with open_lake(run.lake, read_only=True) as con:
        kinds = con.execute(
            "select a.url, c.kind from core.articles as a join raw.captures as c using (capture_id)"
        ).fetchall()
    assert dict(kinds) == dict.fromkeys(expected, "entry")
    assert requested_paths(newsroom) == ["/feed/volltext.xml"]


@pytest.mark.slow
def test_a_changed_rule_rebuilds_only_its_days(
    ministry: Any, june: Any, newsroom: Any, tmp_path: Path
) -> None:
    """A reprocess with a rule for some days changes only those days, and the first days of events
    that last until them, and makes no requests.
    """
    copy_lake(june[0], tmp_path / "data")
    old = {
        "rule_id": "sample_ministry",
        "publisher_id": "sample_ministry",
        "url_pattern": "/2026/6/[89]/",
        "title": "div.title",
        "body": "#zoom",
        "date": "span.date",
        "date_format": "%Y年%m月%d日 %H:%M",
        "section": "div.position span",
    }
    new = {**old, "rule_id": "shorter", "url_pattern": "/2026/6/1", "body": "#zoom p:first-of-type"}
    rules = overlay(tmp_path / "rules", "extraction_rules", old, new)
    newsroom.clear_log()
    run, _ = begin(ministry(rules))
    reprocess(run, ["sample_ministry"], JUNE)
    changed = {day for day in published(newsroom, JUNE).values() if day.day >= 10}
    assert changed
    rebuilt = build(run)
    with open_lake(run.lake, read_only=True) as con:
        begun = con.execute(
            "select distinct min(event_day_on) from annotations.article_events"
            " group by event_id having max(event_day_on) >= date '2026-06-10'"
        ).fetchall()
    assert rebuilt == sorted(changed | {day for (day,) in begun})
    assert rebuilt != sorted(set(published(newsroom, JUNE).values())), "not every day"
    assert requested_paths(newsroom) == []


@pytest.mark.slow
def test_a_changed_phrase_rebuilds_only_its_days(
    ministry: Any, june: Any, newsroom: Any, tmp_path: Path
) -> None:
    """A new phrase rebuilds only the days of articles that contain it, and the first days of their
    events, and makes no requests.
    """
    copy_lake(june[0], tmp_path / "data")
    word = "居民"
    days = {
        article.published_on
        for article in newsroom.truth.articles
        if article.outlet == "ministry"
        and JUNE.contains(article.published_on)
        and word in "".join([article.text.title, *article.text.paragraphs])
    }
    assert days
    assert days < set(published(newsroom, JUNE).values()), "a word of every day would prove nothing"
    row = {
        "phrase_id": "added",
        "theme_id": "sample_harbour_compact",
        "language": "zh",
        "phrase": word,
        "source": "a test",
    }
    phrase = overlay(
        tmp_path / "phrases", "theme_phrases", {**row, "match_type": "substring", "role": "include"}
    )
    newsroom.clear_log()
    run, _ = begin(ministry(phrase))
    rebuilt = build(run)
    with open_lake(run.lake, read_only=True) as con:
        begun = con.execute(
            "select distinct min(event_day_on) from annotations.article_events group by event_id"
            " having list_has_any(list(event_day_on), ?)",
            [sorted(days)],
        ).fetchall()
    assert rebuilt == sorted(days | {day for (day,) in begun})
    assert rebuilt != sorted(set(published(newsroom, JUNE).values())), "not every day"
    assert requested_paths(newsroom) == []


def test_a_plan_makes_no_requests(
    ministry: Any, gathered: Any, newsroom: Any, tmp_path: Path
) -> None:
    """A plan counts listed, stored and missing items by day and source, and the required
    requests.
    """
    run, feeds = begin(ministry(name="empty"))
    newsroom.clear_log()
    before = plan(run, feeds, JUNE, "refetch")
    assert [row["requests"] for row in before] == [1] * 5, "a listing for each day"
    assert requested_paths(newsroom) == []
    copy_lake(gathered, tmp_path / "data")
    run, feeds = begin(ministry())
    after = plan(run, feeds, JUNE, "refetch")
    assert sum(row["stored"] for row in after) == len(published(newsroom, JUNE))
    assert {row["missing"] for row in after} == {0}
    assert "0 requests" in plan_sentence(after, JUNE, "refetch")


def test_invalid_feeds_files_and_dates_are_errors(ministry: Any, tmp_path: Path) -> None:
    """The error names the unknown feed or the invalid WARC file, and a refetch without dates is
    one; a retag without dates processes all days.
    """
    _, feeds = begin(ministry())
    with pytest.raises(ValueError, match="Unknown feed ID: sample_nobody") as error:
        check_feeds(feeds, ["sample_nobody"], [], [])
    assert explain(error.value) == str(error.value)
    path = tmp_path / "notes.warc.gz"
    path.write_bytes(b"\x1f\x8b no archive")
    run, _ = begin(ministry())
    with pytest.raises(WarehouseError, match="notes.warc.gz cannot be read as WARC"):
        import_files(run, [path], [], JUNE)
    assert read_window("", "", "retag") is None
    with pytest.raises(SettingsError, match="refetch needs a first and a last day"):
        read_window("", "", "refetch")


class Harbour:
    """An outlet with one notice per day at noon, the last four in a feed and all in a sitemap, up
    to ``today``.
    """

    home = ""
    today = dt.date(2026, 5, 1)

    def respond(self, path: str, _: bytes) -> tuple[int, dict[str, str], bytes]:
        first = dt.date(2026, 5, 1)
        notices = [first + dt.timedelta(number) for number in range((self.today - first).days + 1)]
        links = {day: f"{self.home}/{day}.html" for day in notices}
        kind, body = "application/xml", b""
        if path == "/rss.xml":
            noon = "{:%a, %d %b %Y} 12:00:00 GMT".format
            body = rss(
                *(
                    item(link=links[day], title=f"Notice {day}", guid=f"{day}", date=noon(day))
                    for day in notices[-4:]
                )
            )
        elif path == "/sitemap.xml":
            places = "".join(
                f"<url><loc>{link}</loc><lastmod>{day}</lastmod></url>"
                for day, link in links.items()
            )
            schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
            body = f'<urlset xmlns="{schema}">{places}</urlset>'.encode()
        elif path != "/robots.txt":
            day = path.strip("/").removesuffix(".html")
            text = (
                f"<p>The harbour board met on {day} and agreed to dredge the northern basin"
                " before the winter storms come.</p>"
            )
            dated = f'<meta property="article:published_time" content="{day}T12:00:00Z">'
            article = f"<article><h1>Notice of {day}</h1>{text * 3}</article>"
            kind = "text/html; charset=utf-8"
            body = f"<html><head>{dated}</head><body>{article}</body></html>".encode()
        return 200, {"Content-Type": kind}, body


@pytest.fixture
def harbour() -> Iterator[Harbour]:
    """Return the harbour with a running server."""
    outlet = Harbour()
    with web_server(outlet.respond) as outlet.home:
        yield outlet


def build_coverage(run: Any) -> None:
    """Build only the tables with gaps, which depend on no text."""
    with writer_lock(run.lake):
        models = with_ancestors(["outlet_daily", "coverage"])
        build_models(run.lake, as_of=run.now, lexicon="v1", models=models)


@pytest.mark.slow
def test_missed_days_are_filled_from_the_sitemap(harbour: Harbour, tmp_path: Path) -> None:
    """After missed runs, the gap contains the days that the feed no longer shows, and a refetch
    from the sitemap fills them.
    """
    rows = [
        f"h,{harbour.home}/rss.xml,feed,harbour",
        f"map,{harbour.home}/sitemap.xml,sitemap,harbour",
    ]
    settings = settings_with(
        tmp_path, rows, [harbour.home.removeprefix("http://")], DEMO_SEEDS, columns=COLUMNS
    )
    evenings = [dt.datetime(2026, 6, day, 20, tzinfo=dt.UTC) for day in (10, 20)]
    for evening in evenings:
        harbour.today = evening.date()
        run = collect(settings, evening)
    build_coverage(run)
    run, feeds = begin(settings, evenings[1])
    gap = find_recent_gaps(run, feeds)
    assert gap is not None
    window, publishers = gap
    assert publishers == ["harbour"]
    assert (window.start, window.end) == (dt.date(2026, 6, 7), dt.date(2026, 6, 17)), (
        "the feed showed only half of its first day"
    )
    build_coverage(gather(settings, window, evenings[1]))
    assert find_recent_gaps(run, feeds) is None
    with open_lake(run.lake, read_only=True) as con:
        counts = con.execute(
            "select published_on, count(*) from core.articles group by all order by all"
        ).fetchall()
    assert counts == [(dt.date(2026, 6, day), 1) for day in range(7, 21)]


def test_a_day_is_no_gap_before_its_end_in_the_time_zone(tmp_path: Path) -> None:
    """A day becomes a gap at its end in the publisher's time zone, not at its end in UTC."""
    row = "map,http://127.0.0.1:9/sitemap.xml,sitemap,sample_agency_zh"
    settings = settings_with(tmp_path, [row], [], DEMO_SEEDS, columns=COLUMNS)
    midnight = dt.datetime(2026, 6, 3, 4, tzinfo=dt.UTC)  # in New York
    run, feeds = begin(settings, midnight - dt.timedelta(hours=1))
    with open_lake(run.lake) as con:
        con.execute("update ref.publishers set time_zone = 'America/New_York'")
        con.execute("create schema if not exists marts")
        con.execute(
            "create table marts.outlet_daily as select 'sample_agency_zh' as publisher_id, date"
            " '2026-06-02' as published_on, true as is_gap, 'partly_covered' as gap_reason;create"
            " table marts.coverage (publisher_id text, published_on date, missing_count int,"
            " failures text[])"
        )
    assert find_recent_gaps(run, feeds) is None
    day = dt.date(2026, 6, 2)
    found = find_recent_gaps(dataclasses.replace(run, now=midnight), feeds)
    assert found == (Window(day, day), ["sample_agency_zh"])


@pytest.mark.slow
def test_imported_pages_never_replace_an_original(
    ministry: Any, newsroom: Any, tmp_path: Path
) -> None:
    """Pages of a WARC file become articles of the window, unless an original capture exists."""
    seen, crawled = dt.datetime(2026, 6, 13, tzinfo=dt.UTC), dt.datetime(2026, 6, 14, tzinfo=dt.UTC)
    newsroom.set_now(seen)
    files = sorted(gather(ministry(name="source"), JUNE, crawled).lake.archive.rglob("*.warc.gz"))
    first = min(published(newsroom, JUNE).values())
    settings = ministry(name="held")
    gather(settings, Window(first, first), seen)
    run, feeds = begin(settings)
    with open_lake(run.lake, read_only=True) as con:
        before = dict(con.execute("select article_id, capture_id from core.articles").fetchall())
    newsroom.clear_log()
    import_files(run, files, registry_of(settings)[1], JUNE, sources=listing_urls(feeds, JUNE))
    clean(run)
    assert requested_paths(newsroom) == []
    with open_lake(run.lake, read_only=True) as con:
        after = dict(con.execute("select article_id, capture_id from core.articles").fetchall())
        urls = {
            url
            for (url,) in con.execute(
                "select url from core.articles where excluded_reason is null"
            ).fetchall()
        }
    assert urls == set(published(newsroom, JUNE))
    assert {key: after[key] for key in before} == before


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ([], "no days"),
        ([1], "1 day (2026-06-01)"),
        ([1, 2, 3], "3 days (2026-06-01 to 2026-06-03)"),
        ([1, 3, 5, 7, 8], "5 days (…, 2026-06-03, 2026-06-05, 2026-06-07 to 2026-06-08)"),
    ],
)
def test_days_are_listed_in_spans(days: Any, text: Any) -> None:
    """The text contains the number of days and at most the last three spans."""
    assert describe_days([dt.date(2026, 6, day) for day in days]) == text
