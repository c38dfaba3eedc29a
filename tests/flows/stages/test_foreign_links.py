"""Feeds that list other publishers' pages: a run over real HTTP with an outlet, a false feed and an unlisted host."""

import dataclasses
import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from tests.flows.fetch.loopback import NOW, item, rss
from tests.flows.nights import settings_for
from tidings.flows.fetch.window import Window
from tidings.flows.stages.clean import clean, reprocess
from tidings.flows.stages.obtain import obtain
from tidings.flows.stages.poll import poll
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import open_lake, transaction
from tidings.warehouse.writer_lock import writer_lock

TRUE, FORGED = ("The council of the town voted for the bridge. " * 30, "The council has sold the bridge to a liar. " * 30)
CONTENT = f"</description><content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[<p>{FORGED}</p>]]>"
CONTENT += "</content:encoded><description>"


def page(text, canonical=""):
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    return f"<html><head><title>A vote</title>{link}</head><body><article><h1>A vote</h1><p>{text}</p></article></body></html>"


@pytest.fixture
def web(tmp_path):
    """An outlet on 127.0.3.1, a full-text feed on 127.0.3.2 that lists the outlet's page, and an unlisted host on 127.0.3.3."""
    routes, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            found = routes.get((self.server.server_address[0], self.path))
            body = found if isinstance(found, bytes) else (found or "").encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/rss+xml" if isinstance(found, bytes) else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    servers = [ThreadingHTTPServer((f"127.0.3.{number}", 0), Handler) for number in (1, 2, 3)]
    outlet, liar, stranger = (f"http://{host}:{port}" for host, port in (server.server_address for server in servers))
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    early = "Thu, 01 Jan 2026 00:00:00 GMT"
    links = [outlet + "/a", stranger + "/b", liar + "/c", liar + "/d"]
    forged = [item(number, link=link, text=CONTENT, title="Sold", date=early) for number, link in enumerate(links)]
    routes |= {
        ("127.0.3.1", "/feed"): rss(item(1, link=outlet + "/a", title="A vote")),
        ("127.0.3.1", "/a"): page(TRUE),
        ("127.0.3.2", "/full"): rss(*forged[:3]),
        ("127.0.3.2", "/teasers"): rss(item(9, link=liar + "/d", title="A vote", date=early)),
        ("127.0.3.2", "/d"): page(FORGED, canonical=outlet + "/a"),
        ("127.0.3.3", "/b"): page(TRUE.replace("bridge", "ferry")),
    }
    feeds = tmp_path / "feeds.csv"
    feeds.write_text(
        "feed_id,url,publisher_id,has_full_text\n"
        f"a_full,{liar}/full,liar,true\na_teasers,{liar}/teasers,liar,false\nown,{outlet}/feed,outlet,false\n",
        encoding="utf-8",
    )
    settings = settings_for(tmp_path / "data", feeds, [place.removeprefix("http://") for place in (outlet, liar, stranger)])
    told = []
    yield SimpleNamespace(settings=settings, outlet=outlet, liar=liar, stranger=stranger, told=told, routes=routes, asked=asked)
    for server in servers:
        server.shutdown()
        server.server_close()


def gather(web, now=NOW):
    """Run the stages up to cleaning and return the run."""
    run = start_run(web.settings, now=now, run_id="test", log=web.told.append)
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    return run


def articles(run):
    """Return the publisher, the kind of capture, whether the text is forged, and the date, by URL."""
    with open_lake(run.lake, read_only=True) as con:
        found = con.execute(
            "select a.url, a.publisher_id, c.kind, contains(a.body_text, 'liar'), a.published_on::varchar"
            " from core.articles as a join raw.captures as c using (capture_id)"
        ).fetchall()
    return {row[0]: row[1:] for row in found}


def test_a_feed_speaks_for_its_own_publisher_only(web):
    """Another outlet's page is fetched and belongs to that outlet; an unlisted host's page belongs to no listed publisher."""
    run = gather(web)
    stranger = web.stranger.removeprefix("http://")
    assert articles(run) == {
        web.outlet + "/a": ("outlet", "page", False, "2026-06-01"),  # dated by the outlet's feed, not by the liar's
        web.stranger + "/b": (stranger, "page", False, "2026-06-01"),  # first seen
        web.liar + "/c": ("liar", "entry", True, "2026-01-01"),
        web.liar + "/d": ("liar", "page", True, "2026-01-01"),
    }
    assert f"articles on domains without a known publisher count for no outlet: {stranger} 1." in " ".join(web.told)


def test_reprocessing_attributes_stored_history_again(web):
    """The article of a full text from a foreign feed is removed, and the next run fetches the page."""
    run = gather(web)
    with writer_lock(run.lake), open_lake(run.lake) as con, transaction(con):  # as an older version stored it
        con.execute(f"delete from raw.captures where url = '{web.outlet}/a'")
        con.execute(f"update raw.captures set url = '{web.outlet}/a', final_url = '{web.outlet}/a' where kind = 'entry'")
        con.execute("update core.articles set publisher_id = 'liar'")
    reprocess(run, ["liar"], Window(NOW.date().replace(month=1, day=1), NOW.date()))
    with open_lake(run.lake, read_only=True) as con:
        assert con.execute("select url from core.extractions where outcome = 'foreign_text'").fetchall() == [(web.outlet + "/a",)]
    found = articles(gather(web, NOW + dt.timedelta(days=1)))
    assert found[web.outlet + "/a"] == ("outlet", "page", False, "2026-06-01")
    assert found[web.stranger + "/b"][0] == web.stranger.removeprefix("http://")


def test_an_outlet_pays_for_its_own_pages_and_has_them_first(web):
    """A foreign feed that lists an outlet's URLs does not use the outlet's budget."""
    foreign = [item(number, link=f"{web.outlet}/x{number}") for number in range(3)]
    web.routes["127.0.3.2", "/teasers"] = rss(*foreign, item(9, link=web.outlet + "/a"))
    web.settings = dataclasses.replace(web.settings, budget=dataclasses.replace(web.settings.budget, pages=2))
    run = gather(web)
    asked = [path for path in web.asked if path.startswith(("/x", "/a"))]
    assert (asked[0], len(asked)) == ("/a", 3)
    with open_lake(run.lake, read_only=True) as con:
        assert con.execute(
            "select feed_id from raw.captures where url = ? and kind = 'page'", [web.outlet + "/a"]
        ).fetchall() == [("own",)]


def test_only_an_outlets_own_feed_dates_when_its_page_was_first_seen(web):
    """A foreign feed that lists a URL weeks early does not change the article's date."""
    body = web.routes.pop(("127.0.3.1", "/a"))
    own = web.routes.pop(("127.0.3.1", "/feed"))
    web.routes["127.0.3.1", "/feed"] = rss(item(5, link=web.outlet + "/other"))
    gather(web)
    web.routes |= {("127.0.3.1", "/a"): body, ("127.0.3.1", "/feed"): own}
    later = NOW + dt.timedelta(days=20)
    run = gather(web, later)
    with open_lake(run.lake, read_only=True) as con:
        found = con.execute("select first_seen_at from core.articles where url = ?", [web.outlet + "/a"]).fetchall()
    assert found == [(later,)]


def test_a_challenge_to_one_page_uses_up_no_try_of_another(web):
    """A page that was not requested because of a challenge to another page stays missing, and is tried in later runs."""
    web.routes["127.0.3.1", "/feed"] = rss(item(1, link=web.outlet + "/0"), item(2, link=web.outlet + "/a"))
    web.routes["127.0.3.1", "/0"] = "<html><title>Just a moment...</title>"
    for night in range(2):
        gather(web, NOW + dt.timedelta(days=night))
    assert (web.asked.count("/0"), web.asked.count("/a")) == (2, 0)
    assert articles(gather(web, NOW + dt.timedelta(days=2)))[web.outlet + "/a"][0] == "outlet"  # the other one waits
