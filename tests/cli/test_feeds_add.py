"""``tidings feeds add`` shows what it would collect, and adds rows if certain or confirmed."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_feeds import registry, rows_of, run
from tests.fetch.listing_templates import DEVELOPED, HELD_OUT
from tests.fetch.loopback import item, reply, rss
from tidings.fetch.registry import read_registry

__all__ = ["registry"]


def page_of(name: str) -> bytes:
    html = next(page.html for page in (*DEVELOPED, *HELD_OUT) if page.name == name)
    return reply(200, html.encode(), kind="text/html; charset=utf-8")


ROUTES = {
    "/news/": page_of("typo3"),
    "/three/": page_of("three items"),
    "/20260530/": page_of("list with dates in spans"),
    "/": reply(
        200,
        b'<html><body><h1>Ministry</h1><p><a href="/news/">Press</a></p></body></html>',
        kind="text/html",
    ),
}


def test_a_listing_is_added_with_its_selectors(registry: Any) -> None:
    """A clear listing becomes a row with selectors, after a table of items, dates and URLs."""
    ((code, output, origin),) = run(registry, ["add", "{}/news/"], routes=ROUTES)
    assert code == 0
    (row,) = rows_of(registry)
    assert (row["url"], row["kind"], row["language"]) == (f"{origin}/news/", "listing", "de")
    assert (row["item_selector"], row["next_selector"]) == ("div.news-list-item", ".next a")
    assert "There is no feed" in output
    assert "2026-05-29  Ministerin eröffnet das neue Hafenamt in Nordwick" in output
    assert f"{origin}/presse/mitteilung/900-2026" in output
    assert f"older items: {origin}/news/page-2" in output


def test_a_dry_run_or_an_invalid_id_writes_no_list(registry: Any) -> None:
    """A dry run shows the row of a home page's news section; an ID with a line end is refused."""
    ((code, output, origin),) = run(registry, ["add", "{}/", "--dry-run"], routes=ROUTES)
    assert code == 0
    assert f"url: {origin}/news/\n" in output
    assert "item_selector: div.news-list-item\n" in output
    assert not registry.exists()
    ((code, output, _),) = run(registry, ["add", "{}/news/", "--id", "a\nb"], routes=ROUTES)
    assert code != 0
    assert "feed_id contains the control character U+000A" in output
    assert not registry.exists()


def test_an_uncertain_choice_is_not_added_without_a_terminal(registry: Any) -> None:
    """With few items the command shows them, adds nothing and fails; --yes adds the row."""
    (first, output, _), (second, _, _) = run(
        registry, ["add", "{}/three/"], ["add", "{}/three/", "--yes"], routes=ROUTES
    )
    assert first != 0
    assert "La ministre inaugure" in output
    assert "the choice is uncertain" in " ".join(output.split())
    assert second == 0
    assert [row["item_selector"] for row in rows_of(registry)] == ["div.annonce"]


def test_an_uncertain_choice_may_be_confirmed(
    registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a terminal the user confirms an uncertain choice; a certain one needs no confirmation."""
    answers = iter([False, True])
    monkeypatch.setattr("tidings.cli.feeds_add._ask", lambda: next(answers))
    (first, _, _), (second, _, _), (third, _, _) = run(
        registry, ["add", "{}/three/"], ["add", "{}/three/"], ["add", "{}/news/"], routes=ROUTES
    )
    assert (first != 0, second, third) == (True, 0, 0)
    assert len(rows_of(registry)) == 2


def test_the_selector_may_be_corrected(registry: Any) -> None:
    """--select replaces the proposed selector; one that matches nothing is refused."""
    wrong, right = (
        ["add", "{}/news/", "--select", "h9"],
        ["add", "{}/news/", "--select", "h3 a", "--id", "mine"],
    )
    (first, output, _), (second, _, _) = run(registry, wrong, right, routes=ROUTES)
    assert first != 0
    assert "its item_selector matches no link" in output
    assert second == 0
    assert [
        (row["feed_id"], row["item_selector"], row["next_selector"]) for row in rows_of(registry)
    ] == [("mine", "h3 a", ".next a")]


def test_the_kind_may_be_chosen(registry: Any) -> None:
    """--kind chooses among the sources of a page, and fails if there is none."""
    routes = ROUTES | {
        "/feed": reply(200, rss(item(1))),
        "/both/": reply(
            200,
            page_of("typo3").partition(b"\r\n\r\n")[2] + b'<a href="/feed">RSS</a>',
            kind="text/html; charset=utf-8",
        ),
    }
    commands = [
        ["add", "{}/both/", "--kind", kind, "--dry-run"] for kind in ("listing", "feed")
    ] + [["add", "{}/news/", "--kind", "feed"]]
    (_, listing, _), (_, feed, origin), (code, missing, _) = run(registry, *commands, routes=routes)
    assert "kind: listing\n" in listing
    assert f"url: {origin}/feed\n" in feed
    assert code != 0
    assert f"Found no feed at {origin}/news/." in " ".join(missing.split())


def test_a_date_in_the_url_makes_a_listing_by_day(
    registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing whose URL contains a recent date has the pattern of its days, no next page."""
    monkeypatch.setattr("tidings.fetch.source_search._RECENT", dt.timedelta(days=10_000))
    ((_, _, origin),) = run(registry, ["add", "{}/20260530/", "--yes"], routes=ROUTES)
    (row,) = rows_of(registry)
    assert (row["day_url"], row["next_selector"]) == (f"{origin}/{{yyyy}}{{mm}}{{dd}}/", "")


def test_a_check_proposes_new_selectors(registry: Any) -> None:
    """A listing whose selector matches nothing fails, and the check proposes present ones."""
    registry.write_text("feed_id,url,kind,item_selector\nold,{}/news/,listing,ul.gone li\n")
    ((code, output, origin),) = run(registry, ["check", "old"], routes=ROUTES)
    assert code == 0
    assert "old: no_items. The page responds, but its item_selector matches no link." in output
    assert "10 items, first: Ministerin eröffnet" in output
    assert (
        f"Set url: {origin}/news/, kind: listing, item_selector: div.news-list-item,"
        " next_selector: .next a." in output
    )
    assert "Working sources: 0 of 1" in output


def test_a_feed_or_index_of_sitemaps_is_named_by_its_kind(registry: Any) -> None:
    """A URL of another kind is refused with its kind; an index of sitemaps is for backfills."""
    index = (
        b"<sitemapindex><sitemap><loc>https://ministry.example/a.xml</loc></sitemap></sitemapindex>"
    )
    routes = {"/feed": reply(200, rss(item(1))), "/index.xml": reply(200, index, kind="text/xml")}
    commands = [
        ["add", "{}/feed", "--kind", "listing"],
        ["add", "{}/feed", "--select", "li"],
        ["add", "{}/feed", "--kind", "feed", "--select", "li"],
        ["add", "{}/index.xml", "--dry-run"],
    ]
    (one, listing, _), (two, _, _), (three, selector, _), (four, sitemap, _) = run(
        registry, *commands, routes=routes
    )
    assert (one != 0, two, three != 0, four) == (True, 0, True, 0)
    assert "The URL has another source: feed." in " ".join(listing.split())
    assert "Only a listing has a selector." in selector
    assert "The sitemap names 1 sitemap." in sitemap


def test_name_and_time_zone_describe_a_new_publisher(registry: Any) -> None:
    """--name and --time-zone become columns of the registry, and items' days use the zone."""
    words = ["add", "{}/news/", "--name", "Ministry of Ports", "--time-zone", "Asia/Tokyo"]
    ((code, output, _),) = run(registry, words, routes=ROUTES)
    assert code == 0, output
    rows = rows_of(registry)
    assert (rows[0]["publisher_name"], rows[0]["time_zone"]) == ("Ministry of Ports", "Asia/Tokyo")
    _, (publisher,) = read_registry(rows)
    assert (publisher.name, publisher.time_zone) == ("Ministry of Ports", "Asia/Tokyo")
    assert "time zone Asia/Tokyo" in output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["{}/news/", "--time-zone", "Zurich"], "'Zurich' is not an IANA time zone."),
        (["{}/news/", "--time-zone", "+08:00"], "'+08:00' is not an IANA time zone."),
        (
            ["https://www.bbc.com/news", "--name", "Other"],
            "already has the name 'BBC News' and the time zone Europe/London: omit",
        ),
        (
            ["https://news.google.com/rss/search?q=trade"],
            "Google News links cannot be used: the items lead to pages of news.google.com",
        ),
        (["news.google.com"], "Add the publishers' own feeds."),
    ],
)
def test_a_wrong_publisher_or_address_is_refused(
    registry: Any, words: list[str], sentence: str
) -> None:
    """Unknown time zones, a known publisher's other name and Google News are refused offline."""
    ((code, output, _),) = run(registry, ["add", *words], routes=ROUTES)
    assert code != 0
    assert sentence in " ".join(output.split())
    assert not registry.exists()


def test_google_news_is_not_imported(registry: Any, tmp_path: Path) -> None:
    """OPML rows with links of Google News are named with the reason; the others are added."""
    urls = ["https://news.google.com/rss/topics/x?hl=en", "https://b.example/feed"]
    outlines = "".join(f'<outline text="x" xmlUrl="{url}"/>' for url in urls)
    (tmp_path / "my.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    ((code, output, _),) = run(registry, ["import", str(tmp_path / "my.opml")])
    assert code == 0
    assert f"{urls[0]}: not added. Google News links cannot be used" in " ".join(output.split())
    assert [row["url"] for row in rows_of(registry)] == urls[1:]
