"""A backfill's modes as plain functions: what each brings, which days are built again, and that nobody is asked in vain."""

import csv
import dataclasses
import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.flows.conftest import SEEDS
from tests.flows.fetch.loopback import item, rss
from tests.flows.nights import contents, night, settings_for
from tidings.flows.fetch.window import Window
from tidings.flows.stages.clean import clean, reprocess
from tidings.flows.stages.discover import discover, listing_urls
from tidings.flows.stages.import_warc import import_files
from tidings.flows.stages.obtain import obtain
from tidings.flows.stages.plan import check_feeds, find_recent_gaps, plan, plan_sentence
from tidings.flows.stages.prepare import prepare, registry_of
from tidings.flows.stages.release import audit, days_told, model, release
from tidings.flows.stages.run import start_run
from tidings.sample.serve import END
from tidings.warehouse.lake import WarehouseError, open_lake
from tidings.warehouse.writer_lock import writer_lock

JUNE = Window(dt.date(2026, 6, 8), dt.date(2026, 6, 12))


@pytest.fixture
def ministry(newsroom, tmp_path):
    """Return a maker of settings for a warehouse fed by the ministry's listing alone, with further seeds where given."""
    newsroom.set_now(END)
    return lambda *more, name="data": fed_by(newsroom, tmp_path, "sample_ministry_list", name, *more)


def fed_by(newsroom, folder, sources, name="data", *seeds):
    lines = newsroom.feeds_csv().splitlines()
    feeds = folder / "feeds.csv"
    feeds.write_text("\n".join([lines[0], *(line for line in lines if line.startswith(sources))]) + "\n", encoding="utf-8")
    hosts = [url.removeprefix("http://") for url in newsroom.base_urls.values()]
    return settings_for(folder / name, feeds, hosts, ":".join([SEEDS, *map(str, seeds)]))


def begin(settings, now=END):
    told = []
    run = start_run(settings, now=now, run_id="test", log=told.append)
    return run, prepare(run), told


def finish(run):
    with writer_lock(run.lake):
        days = model(run)
        release(run, audit(run))
    return days


def gather(settings, window, now=END):
    run, feeds, _ = begin(settings, now)
    discover(run, feeds, window)
    obtain(run, feeds, window)
    clean(run)
    return run


def refetch(settings, window, now=END):
    return finish(gather(settings, window, now))


def published(newsroom, window):
    return {
        one.url: one.published_on
        for one in newsroom.truth.articles
        if one.outlet == "ministry" and window.contains(one.published_on)
    }


def overlay(folder, name, *rows):
    """Write rows of a seed into a folder of its own, which overlays the package's."""
    folder.mkdir()
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list({column: None for row in rows for column in row}))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def pages_asked(newsroom):
    return [one["path"] for one in newsroom.log() if one["path"] != "/robots.txt"]


def test_a_refetch_brings_what_the_window_held_and_asks_no_second_time(ministry, newsroom):
    """Every item that the window's listings hold is there and none of another day; a second refetch asks for nothing."""
    settings = ministry()
    days = refetch(settings, JUNE)
    expected = published(newsroom, JUNE)
    run, _, _ = begin(settings)
    with open_lake(run.lake, read_only=True) as con:
        assert dict(con.execute("select url, published_on from core.articles").fetchall()) == expected
    assert set(days) >= set(expected.values())
    newsroom.clear_log()
    assert refetch(settings, JUNE) == []
    assert pages_asked(newsroom) == []


def test_two_overlapping_refetches_end_as_one(ministry):
    """The entries, pages and articles of two windows that overlap are those of one window over both."""
    for window in (Window(JUNE.start, dt.date(2026, 6, 11)), Window(dt.date(2026, 6, 10), JUNE.end)):
        two = gather(ministry(name="two"), window)
    one = gather(ministry(name="one"), JUNE)
    assert contents(two.lake) == contents(one.lake)


def test_a_refetch_takes_the_texts_that_a_feed_carries(newsroom, tmp_path):
    """From a feed with full texts a backfill takes them as a night would, and asks for no page of theirs."""
    newsroom.set_now(END)
    settings = fed_by(newsroom, tmp_path, "sample_bulletin_de")
    newsroom.clear_log()
    run = gather(settings, JUNE)
    expected = {one.url for one in newsroom.truth.articles if one.outlet == "bulletin" and JUNE.contains(one.published_on)}
    assert expected
    with open_lake(run.lake, read_only=True) as con:
        found = con.execute("select a.url, c.kind from core.articles as a join raw.captures as c using (capture_id)").fetchall()
    assert dict(found) == dict.fromkeys(expected, "entry")
    assert pages_asked(newsroom) == ["/feed/volltext.xml"]


def test_a_changed_rule_cleans_again_and_builds_only_the_days_it_changed(ministry, newsroom, tmp_path):
    """A rule for pages from one day on changes the articles of those days and no other; no page is fetched for it."""
    refetch(ministry(), JUNE)
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
    run, _, _ = begin(ministry(rules))
    reprocess(run, ["sample_ministry"], JUNE)
    changed = {day for day in published(newsroom, JUNE).values() if day.day >= 10}
    assert changed
    assert finish(run) == sorted(changed)
    assert pages_asked(newsroom) == []


def test_a_changed_phrase_tags_again_and_builds_only_the_days_it_stands_on(ministry, newsroom, tmp_path):
    """A phrase added to the lexicon changes the days whose articles hold it and no other, with nothing fetched or cleaned."""
    refetch(ministry(), JUNE)
    word = "居民"
    held = {
        one.published_on
        for one in newsroom.truth.articles
        if one.outlet == "ministry"
        and JUNE.contains(one.published_on)
        and word in "".join([one.text.title, *one.text.paragraphs])
    }
    assert held
    assert held < set(published(newsroom, JUNE).values()), "a word that stands on every day would show nothing"
    row = {"phrase_id": "added", "theme_id": "sample_harbour_compact", "language": "zh", "phrase": word, "source": "a test"}
    phrase = overlay(tmp_path / "phrases", "theme_phrases", {**row, "match_type": "substring", "role": "include"})
    newsroom.clear_log()
    run, _, _ = begin(ministry(phrase))
    assert finish(run) == sorted(held)
    assert pages_asked(newsroom) == []


def test_a_plan_counts_and_asks_nobody(ministry, newsroom):
    """A dry run tells what is listed, held and missing by day and source, and the requests that fetching would take."""
    settings = ministry()
    run, feeds, _ = begin(settings)
    newsroom.clear_log()
    before = plan(run, feeds, JUNE, "refetch")
    assert [row["requests"] for row in before] == [1] * 5, "a listing for each day"
    assert pages_asked(newsroom) == []
    refetch(settings, JUNE)
    after = plan(run, feeds, JUNE, "refetch")
    assert sum(row["held"] for row in after) == len(published(newsroom, JUNE))
    assert {row["missing"] for row in after} == {0}
    assert "0 requests" in plan_sentence(after, JUNE, "refetch")


def test_an_unknown_feed_is_named(ministry):
    """A feed that nobody knows is refused with a sentence that names it."""
    _, feeds, _ = begin(ministry())
    with pytest.raises(ValueError, match="There is no feed sample_nobody in the registry"):
        check_feeds(feeds, ["sample_nobody"], [], [])


class Harbour(BaseHTTPRequestHandler):
    """An outlet with a notice a day at noon, a feed of the last four and a sitemap of all; ``today`` is on the server."""

    def do_GET(self):
        notices = [dt.date(2026, 5, 1) + dt.timedelta(days=number) for number in range(60)]
        notices = [day for day in notices if day <= self.server.today]
        home = f"http://127.0.0.1:{self.server.server_port}"
        if self.path == "/rss.xml":
            shown = [
                item(day, link=f"{home}/{day}.html", guid=day, date=f"{day:%a, %d %b %Y} 12:00:00 GMT") for day in notices[-4:]
            ]
            body = rss(*shown)
        elif self.path == "/sitemap.xml":
            places = "".join(f"<url><loc>{home}/{day}.html</loc><lastmod>{day}</lastmod></url>" for day in notices)
            body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'.encode()
        elif self.path == "/robots.txt":
            body = b""
        else:
            day = self.path.strip("/").removesuffix(".html")
            text = f"<p>The harbour board met on {day} and agreed to dredge the northern basin before the winter storms come.</p>"
            dated = f'<meta property="article:published_time" content="{day}T12:00:00Z">'
            body = f"<html><head>{dated}</head><body><article><h1>Notice of {day}</h1>{text * 3}</article></body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if self.path.endswith(".html") else "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def harbour():
    """The harbour's server, running."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Harbour) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_days_off_are_a_gap_that_catching_up_closes(harbour, tmp_path):
    """After days off the next night names the days that the feed no longer shows; the sitemap closes them, each day held."""
    host = f"127.0.0.1:{harbour.server_port}"
    rows = [
        "feed_id,url,kind,publisher_id",
        f"h,http://{host}/rss.xml,feed,harbour",
        f"map,http://{host}/sitemap.xml,sitemap,harbour",
    ]
    (tmp_path / "feeds.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    settings = settings_for(tmp_path / "data", tmp_path / "feeds.csv", [host])
    evenings = [dt.datetime(2026, 6, day, 20, tzinfo=dt.UTC) for day in (10, 20)]
    for evening in evenings:
        harbour.today = evening.date()
        night(settings, evening)
    run, feeds, _ = begin(settings, evenings[1])
    found = find_recent_gaps(run, feeds)
    assert found is not None
    window, publishers = found
    assert publishers == ["harbour"]
    assert (window.start, window.end) == (dt.date(2026, 6, 7), dt.date(2026, 6, 17)), (
        "the first day shown was seen from noon only"
    )
    refetch(settings, window, evenings[1])
    assert find_recent_gaps(run, feeds) is None
    with open_lake(run.lake, read_only=True) as con:
        held = con.execute("select published_on, count(*) from core.articles group by all order by all").fetchall()
    assert held == [(dt.date(2026, 6, day), 1) for day in range(7, 21)]


def test_a_day_is_no_gap_before_it_is_over_where_the_publisher_is(tmp_path):
    """Of a day that runs on in the publisher's zone nothing is caught up, though it is over in UTC; an hour later it is."""
    rows = ["feed_id,url,kind,publisher_id", "map,http://127.0.0.1:9/sitemap.xml,sitemap,sample_agency_zh"]
    (tmp_path / "feeds.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    settings = settings_for(tmp_path / "data", tmp_path / "feeds.csv", [])
    midnight = dt.datetime(2026, 6, 3, 4, tzinfo=dt.UTC)  # in New York
    run, feeds, _ = begin(settings, midnight - dt.timedelta(hours=1))
    with open_lake(run.lake) as con:
        con.execute("update ref.publishers set time_zone = 'America/New_York'")
        con.execute("create schema if not exists marts")
        con.execute(
            "create table marts.outlet_daily as select 'sample_agency_zh' as publisher_id, date '2026-06-02' as published_on,"
            " true as is_gap, 'partly_covered' as gap_reason"
        )
    assert find_recent_gaps(run, feeds) is None
    day = dt.date(2026, 6, 2)
    assert find_recent_gaps(dataclasses.replace(run, now=midnight), feeds) == (Window(day, day), ["sample_agency_zh"])


def test_pages_of_a_warc_file_come_in_and_never_replace_an_original(ministry, newsroom, tmp_path):
    """A WARC file's pages of the window become articles; where an original capture is there, the article stays its own."""
    seen, crawled = dt.datetime(2026, 6, 13, tzinfo=dt.UTC), dt.datetime(2026, 6, 14, tzinfo=dt.UTC)
    newsroom.set_now(seen)
    files = sorted(gather(ministry(name="source"), JUNE, crawled).lake.archive.rglob("*.warc.gz"))
    first = min(published(newsroom, JUNE).values())
    held = ministry(name="held")
    refetch(held, Window(first, first), seen)
    run, feeds, _ = begin(held)
    with open_lake(run.lake, read_only=True) as con:
        before = dict(con.execute("select article_id, capture_id from core.articles").fetchall())
    newsroom.clear_log()
    import_files(run, files, registry_of(held)[1], JUNE, sources=listing_urls(feeds, JUNE))
    clean(run)
    finish(run)
    assert pages_asked(newsroom) == []
    with open_lake(run.lake, read_only=True) as con:
        found = dict(con.execute("select article_id, capture_id from core.articles").fetchall())
        urls = {url for (url,) in con.execute("select url from core.articles where excluded_reason is null").fetchall()}
    assert urls == set(published(newsroom, JUNE))
    assert {key: found[key] for key in before} == before


def test_a_file_that_is_no_warc_is_one_sentence(ministry, tmp_path):
    """What is no WARC file is refused by name."""
    path = tmp_path / "notes.warc.gz"
    path.write_bytes(b"\x1f\x8b no archive")
    run, _, _ = begin(ministry())
    with pytest.raises(WarehouseError, match="notes.warc.gz cannot be read as WARC"):
        import_files(run, [path], [], JUNE)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([], "no day"),
        ([1], "1 day (2026-06-01)"),
        ([1, 2, 3], "3 days (2026-06-01 to 2026-06-03)"),
        ([1, 3, 5, 7, 8], "5 days (…, 2026-06-03, 2026-06-05, 2026-06-07 to 2026-06-08)"),
    ],
)
def test_days_are_told_in_spans(days, told):
    """Days are told by their number and their spans, the last three at most."""
    assert days_told([dt.date(2026, 6, day) for day in days]) == told
