"""Feeds that list other publishers' pages: a run over real HTTP with an outlet, a false feed and an
unlisted host.
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fetch.loopback import NOW, item, rss
from tests.flows.nights import settings_with
from tests.web_server import web_server
from tidings.fetch.window import Window
from tidings.stages.clean import clean, reprocess
from tidings.stages.obtain import obtain
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.run import Run, start_run
from tidings.storage.lake import open_lake, transaction
from tidings.storage.writer_lock import writer_lock

pytestmark = pytest.mark.slow

TRUE, FORGED = (
    "The council of the town voted for the bridge. " * 30,
    "The council has sold the bridge to a liar. " * 30,
)
CONTENT = (
    f"</description><content:encoded"
    f" xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[<p>{FORGED}</p>]]>"
)
CONTENT += "</content:encoded><description>"


def page(text: str, canonical: str = "") -> str:
    """Return an HTML page with a title, a text and optionally a canonical URL."""
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    return (
        f"<html><head><title>A vote</title>{link}</head><body><article><h1>A"
        f" vote</h1><p>{text}</p></article></body></html>"
    )


@pytest.fixture
def web(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Serve an outlet (127.0.3.1), a feed that forges its page (.2) and an unlisted host (.3)."""
    routes: dict[tuple[str, str], str | bytes] = {}
    requests: list[str] = []

    def respond(host: str, path: str, _: bytes) -> tuple[int, dict[str, str], bytes]:
        content = routes.get((host, path), "")
        requests.append(path)
        if isinstance(content, bytes):
            return 200, {"Content-Type": "application/rss+xml"}, content
        status = 200 if content else 404
        return status, {"Content-Type": "text/html; charset=utf-8"}, content.encode()

    with contextlib.ExitStack() as stack:
        outlet, liar, stranger = (
            stack.enter_context(web_server(partial(respond, host), host))
            for host in ("127.0.3.1", "127.0.3.2", "127.0.3.3")
        )
        early = "Thu, 01 Jan 2026 00:00:00 GMT"
        forged = [
            item(number, link=link, text=CONTENT, title="Sold", date=early)
            for number, link in enumerate((f"{outlet}/a", f"{stranger}/b", f"{liar}/c"))
        ]
        routes |= {
            ("127.0.3.1", "/feed"): rss(item(1, link=f"{outlet}/a", title="A vote")),
            ("127.0.3.1", "/a"): page(TRUE),
            ("127.0.3.2", "/full"): rss(*forged),
            ("127.0.3.2", "/teasers"): rss(item(9, link=f"{liar}/d", title="A vote", date=early)),
            ("127.0.3.2", "/d"): page(FORGED, canonical=f"{outlet}/a"),
            ("127.0.3.3", "/b"): page(TRUE.replace("bridge", "ferry")),
        }
        rows = [
            f"a_full,{liar}/full,liar,true",
            f"a_teasers,{liar}/teasers,liar,false",
            f"own,{outlet}/feed,outlet,false",
        ]
        hosts = [origin.removeprefix("http://") for origin in (outlet, liar, stranger)]
        columns = "feed_id,url,publisher_id,has_full_text"
        settings = settings_with(tmp_path, rows, hosts, columns=columns)
        yield SimpleNamespace(
            settings=settings, lines=list[str](), routes=routes, requests=requests,
            outlet=outlet, liar=liar, stranger=stranger,
        )  # fmt: skip


def gather(web: SimpleNamespace, now: dt.datetime = NOW) -> Run:
    """Run the stages up to cleaning and return the run."""
    run = start_run(web.settings, now=now, run_id="test", log=web.lines.append)
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    return run


def articles(run: Run) -> dict[str, tuple[Any, ...]]:
    """Return by URL: publisher, kind of capture, true if the text is forged, and date."""
    with open_lake(run.lake, read_only=True) as con:
        rows = con.execute(
            "select a.url, a.publisher_id, c.kind, contains(a.body_text, 'liar'),"
            " a.published_on::varchar"
            " from core.articles as a join raw.captures as c using (capture_id)"
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_a_feed_provides_texts_of_its_own_publisher_only(web: SimpleNamespace) -> None:
    """Another outlet's page is fetched and belongs to that outlet; an unlisted host's page belongs
    to no listed publisher.
    """
    run = gather(web)
    stranger = web.stranger.removeprefix("http://")
    assert articles(run) == {
        # dated by the outlet's feed, not by the liar's
        web.outlet + "/a": ("outlet", "page", False, "2026-06-01"),
        web.stranger + "/b": (stranger, "page", False, "2026-06-01"),  # first seen
        web.liar + "/c": ("liar", "entry", True, "2026-01-01"),
        web.liar + "/d": ("liar", "page", True, "2026-01-01"),
    }
    assert (
        f"articles on domains without a known publisher count for no outlet: {stranger} 1."
        in " ".join(web.lines)
    )


def test_reprocessing_corrects_the_publisher_of_stored_articles(web: SimpleNamespace) -> None:
    """A foreign feed's full text loses its article, and the next run fetches the page."""
    run = gather(web)
    # as an older version stored it
    with writer_lock(run.lake), open_lake(run.lake) as con, transaction(con):
        con.execute(f"delete from raw.captures where url = '{web.outlet}/a'")
        con.execute(
            f"update raw.captures set url = '{web.outlet}/a', final_url = '{web.outlet}/a'"
            f" where kind = 'entry'"
        )
        con.execute("update core.articles set publisher_id = 'liar'")
    reprocess(run, ["liar"], Window(NOW.date().replace(month=1, day=1), NOW.date()))
    with open_lake(run.lake, read_only=True) as con:
        assert con.execute(
            "select url from core.extractions where outcome = 'foreign_text'"
        ).fetchall() == [(web.outlet + "/a",)]
    rows = articles(gather(web, NOW + dt.timedelta(days=1)))
    assert rows[web.outlet + "/a"] == ("outlet", "page", False, "2026-06-01")
    assert rows[web.stranger + "/b"][0] == web.stranger.removeprefix("http://")


def test_a_foreign_feed_does_not_use_an_outlets_budget(web: SimpleNamespace) -> None:
    """An outlet's own entries come first and count for its budget; a foreign feed's do not."""
    foreign = [item(number, link=f"{web.outlet}/x{number}") for number in range(3)]
    web.routes["127.0.3.2", "/teasers"] = rss(*foreign, item(9, link=web.outlet + "/a"))
    web.settings = dataclasses.replace(
        web.settings, budget=dataclasses.replace(web.settings.budget, pages=2)
    )
    run = gather(web)
    requests = [path for path in web.requests if path.startswith(("/x", "/a"))]
    assert (requests[0], len(requests)) == ("/a", 3)
    with open_lake(run.lake, read_only=True) as con:
        assert con.execute(
            "select feed_id from raw.captures where url = ? and kind = 'page'", [web.outlet + "/a"]
        ).fetchall() == [("own",)]


def test_only_an_outlets_own_feed_sets_the_first_seen_time(web: SimpleNamespace) -> None:
    """A foreign feed that lists a URL weeks early does not change the article's date."""
    body = web.routes.pop(("127.0.3.1", "/a"))
    own = web.routes.pop(("127.0.3.1", "/feed"))
    web.routes["127.0.3.1", "/feed"] = rss(item(5, link=web.outlet + "/other"))
    gather(web)
    web.routes |= {("127.0.3.1", "/a"): body, ("127.0.3.1", "/feed"): own}
    later = NOW + dt.timedelta(days=20)
    run = gather(web, later)
    with open_lake(run.lake, read_only=True) as con:
        rows = con.execute(
            "select first_seen_at from core.articles where url = ?", [web.outlet + "/a"]
        ).fetchall()
    assert rows == [(later,)]


def test_a_challenge_does_not_count_against_other_pages(web: SimpleNamespace) -> None:
    """If a challenge to one page prevents another request, later runs request that page."""
    web.routes["127.0.3.1", "/feed"] = rss(
        item(1, link=web.outlet + "/0"), item(2, link=web.outlet + "/a")
    )
    web.routes["127.0.3.1", "/0"] = "<html><title>Just a moment...</title>"
    for night in range(2):
        gather(web, NOW + dt.timedelta(days=night))
    assert (web.requests.count("/0"), web.requests.count("/a")) == (2, 0)
    # the challenged page is not due
    assert articles(gather(web, NOW + dt.timedelta(days=2)))[web.outlet + "/a"][0] == "outlet"
