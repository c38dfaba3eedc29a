"""Build each outlet's response to a path at a time of the sample's clock, without sockets."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from tidings.demo import feeds
from tidings.demo.outlets import OUTLETS, is_down
from tidings.demo.pages import write_page
from tidings.demo.records import Article, Truth

RSS = "application/rss+xml; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
HTML = "text/html; charset=utf-8"
ROBOTS = {"daily": "User-agent: *\nDisallow: /premium/\nDisallow: /search\n"}
WEEK_SECONDS = 7 * 86400
RSS_PATHS = {  # path: outlet, language
    "/en/rss.xml": ("gazette", "en"),
    "/zh/rss.xml": ("gazette", "zh"),
    "/de/rss.xml": ("gazette", "de"),
    "/feeds/zh.xml": ("agency", "zh"),
    "/en/feed.xml": ("daily", "en"),
    "/zh/feed.xml": ("daily", "zh"),
    "/feed/volltext.xml": ("bulletin", "de"),
}


@dataclass(frozen=True, slots=True)
class Response:
    """A response without its validators."""

    status: int
    content_type: str
    body: bytes
    modified_at: dt.datetime | None = None


NOT_FOUND = Response(
    404,
    HTML,
    b"<!DOCTYPE html><html><head><title>404</title></head><body><p>Not found</p></body></html>",
)
DOWN = Response(
    503,
    HTML,
    b"<!DOCTYPE html><html><head><title>503</title></head><body><p>Back soon</p></body></html>",
)


class Site:
    """One outlet's pages and feeds; their URLs start with `home`."""

    def __init__(self, outlet: str, home: str, planted: Truth) -> None:
        self.outlet = OUTLETS[outlet]
        self.home = home
        self.truth = planted
        self.articles = [article for article in self.truth.articles if article.outlet == outlet]
        self.by_path = {article.path: article for article in self.articles}

    def respond(self, path: str, now: dt.datetime) -> Response:
        """Return the outlet's response to `path` at `now`: 503 for all paths on a day on which it
        is down.
        """
        if is_down(self.outlet.name, now.astimezone(self.outlet.zone).date()):
            return DOWN
        if path == "/robots.txt":
            rules = ROBOTS.get(self.outlet.name, "User-agent: *\nDisallow: /private/\n")
            if self.outlet.name == "gazette":
                rules += f"Sitemap: {self.home}/sitemap.xml\n"
            return Response(200, "text/plain; charset=utf-8", rules.encode())
        article = self.by_path.get(path)
        if article:
            return self._page(article, now)
        visible = [a for a in self.articles if a.published_at <= now]
        return self._feed(path, visible, now)

    def _page(self, article: Article, now: dt.datetime) -> Response:
        if article.published_at > now:
            return NOT_FOUND
        versions: list[Article] = []
        if article.translation_key:
            versions = [a for a in self.articles if a.translation_key == article.translation_key]
        others = self._list_week(article) if article.excluded_reason == "round_up" else []
        kind = "text/html" if self.outlet.name == "ministry" else HTML
        edited = article.modified_at if article.modified_at and article.modified_at <= now else None
        return Response(
            200, kind, write_page(article, now, versions, others), edited or article.published_at
        )

    def _list_week(self, roundup: Article) -> list[Article]:
        """Return the items of a round-up: the items in its language since the previous round-up."""
        week = [
            a
            for a in self.articles
            if a.language == roundup.language and a.excluded_reason != "round_up"
        ]
        return [
            a
            for a in week
            if 0 <= (roundup.published_at - a.published_at).total_seconds() < WEEK_SECONDS
        ]

    def _feed(self, path: str, visible: list[Article], now: dt.datetime) -> Response:
        newest = max((a.published_at for a in visible), default=None)
        name = self.outlet.name
        if RSS_PATHS.get(path, ("",))[0] == name:
            language = RSS_PATHS[path][1]
            shown = [a for a in visible if a.page_language == language and a.is_in_feed]
            refusals = [
                r
                for r in self.truth.refusals
                if name == r.outlet and language == "en" and r.published_at <= now
            ]
            return Response(
                200,
                RSS,
                feeds.write_rss(name, language, shown, refusals, home=self.home, now=now),
                newest,
            )
        if name == "agency":
            return self._atom(path, [a for a in visible if a.language == "en"], now)
        if name == "gazette":
            return self._sitemap(path, visible, newest)
        if name == "ministry":
            return self._listing(path, visible, newest)
        return NOT_FOUND

    def _sitemap(self, path: str, visible: list[Article], newest: dt.datetime | None) -> Response:
        if path == "/sitemap.xml":
            return Response(
                200, "application/xml", feeds.write_sitemap_index(visible, self.home), newest
            )
        if match := re.fullmatch(r"/sitemap-(\d{4}-\d\d)\.xml(\.gz)?", path):
            month = [a for a in visible if f"{a.published_at:%Y-%m}" == match[1]]
            if bool(match[2]) != match[1].endswith("07") or not month:
                return NOT_FOUND
            kind = "application/gzip" if match[2] else "application/xml"
            return Response(200, kind, feeds.write_sitemap(month, is_gzip=bool(match[2])), newest)
        return NOT_FOUND

    def _atom(self, path: str, visible: list[Article], now: dt.datetime) -> Response:
        edits = [a.modified_at for a in visible if a.modified_at and a.modified_at <= now]
        newest = max([*edits, *(a.published_at for a in visible)], default=None)
        months = sorted({f"{a.published_at:%Y-%m}" for a in visible})
        names = [f"/feeds/en-{month}.atom" for month in months]
        if path == "/feeds/en.atom":
            older = names[-2] if len(names) > 1 else None
            return Response(
                200,
                ATOM,
                feeds.write_atom(visible, self.home, path, older, now, is_archive=False),
                newest,
            )
        if path in names[:-1]:  # a month is archived when the next month has started
            at = names.index(path)
            shown = [a for a in visible if f"{a.published_at:%Y-%m}" == months[at]]
            older = names[at - 1] if at else None
            return Response(
                200,
                ATOM,
                feeds.write_atom(shown, self.home, path, older, now, is_archive=True),
                newest,
            )
        return NOT_FOUND

    def _listing(self, path: str, visible: list[Article], newest: dt.datetime | None) -> Response:
        if match := re.fullmatch(r"/list(?:_(\d{1,3}))?\.html", path):
            page = int(match[1] or 1)
            if page < 1 or (page > 1 and (page - 1) * feeds.LIST_SIZE >= len(visible)):
                return NOT_FOUND
            return Response(200, "text/html", feeds.write_listing(visible, page, "要闻"), newest)
        if match := re.fullmatch(r"/day/(\d{4})(\d\d)(\d\d)\.html", path):
            shown = [a for a in visible if f"{a.published_at:%Y%m%d}" == "".join(match.groups())]
            if shown:
                return Response(200, "text/html", feeds.write_listing(shown, None, "要闻"), newest)
        return NOT_FOUND
