"""Write the sample's feed list, and the feeds, listings and sitemaps of its outlets."""

from __future__ import annotations

import csv
import datetime as dt
import email.utils
import gzip
import io
from collections.abc import Sequence

from tidings.demo.outlets import OUTLETS
from tidings.demo.pages import esc, write_byline
from tidings.demo.records import Article, Refusal

COLUMNS = (
    "feed_id",
    "url",
    "publisher_id",
    "kind",
    "language",
    "topics",
    "has_full_text",
    "item_selector",
    "next_selector",
    "day_url",
    "publisher_name",
    "country",
    "publisher_type",
    "time_zone",
)
SOURCES = (  # feed_id, outlet, path, kind, language
    ("gazette_en", "gazette", "/en/rss.xml", "feed", "en"),
    ("gazette_zh", "gazette", "/zh/rss.xml", "feed", "zh"),
    ("gazette_de", "gazette", "/de/rss.xml", "feed", "de"),
    ("gazette_sitemap", "gazette", "/sitemap.xml", "sitemap", ""),
    ("agency_en", "agency", "/feeds/en.atom", "feed", "en"),
    ("agency_zh", "agency", "/feeds/zh.xml", "feed", "zh"),
    ("daily_en", "daily", "/en/feed.xml", "feed", "en"),
    ("daily_zh", "daily", "/zh/feed.xml", "feed", "zh"),
    ("ministry_list", "ministry", "/list.html", "listing", "zh"),
    ("bulletin_de", "bulletin", "/feed/volltext.xml", "feed", "de"),
)
LISTING = {"item_selector": "ul.list a", "next_selector": "a.next"}


def write_feed_list(port: int) -> str:
    """Return the feed list as CSV; the country is empty, since an invented country has no code."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for feed_id, name, path, kind, language in SOURCES:
        outlet = OUTLETS[name]
        home = f"http://{outlet.address}:{port}"
        row = {
            "feed_id": f"sample_{feed_id}",
            "url": home + path,
            "publisher_id": outlet.publisher_id,
            "kind": kind,
            "language": language,
            "topics": "sample",
            "has_full_text": "true" if name == "bulletin" else "false",
            "publisher_name": outlet.title,
            "publisher_type": outlet.publisher_type,
            "time_zone": outlet.time_zone,
        }
        if kind == "listing":
            row |= LISTING | {"day_url": home + "/day/{yyyy}{mm}{dd}.html"}
        rows.writerow(row)
    return text.getvalue()


XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
LIST_SIZE = 30  # items per page of the ministry's listing


def _format_rfc822(at: dt.datetime) -> str:
    return email.utils.format_datetime(at)


def _write_html(article: Article, now: dt.datetime) -> str:
    return "".join(f"<p>{esc(paragraph)}</p>" for paragraph in article.text_at(now).paragraphs)


def write_rss(
    outlet: str,
    language: str,
    articles: Sequence[Article],
    refusals: Sequence[Refusal],
    *,
    home: str,
    now: dt.datetime,
) -> bytes:
    """Return an RSS 2.0 feed, newest first; the daily has tracking links, and the bulletin has full
    texts.
    """
    rows: list[tuple[dt.datetime, str]] = []
    for article in articles:
        link = article.url + ("?utm_source=rss&utm_medium=feed" if outlet == "daily" else "")
        lead = article.text_at(now).paragraphs[:1]
        row = (
            f"<item><title>{esc(article.title)}</title><link>{esc(link)}</link><guid"
            f' isPermaLink="false">{article.key}</guid>'
            f"<pubDate>{_format_rfc822(article.published_at)}</pubDate><category>{esc(article.section)}</category>"
        )
        if outlet == "bulletin":
            row += f"<dc:creator>{esc(write_byline(article).removeprefix('Von '))}</dc:creator>"
            row += f"<content:encoded><![CDATA[{_write_html(article, now)}]]></content:encoded>"
        row += "".join(f"<description>{esc(paragraph)}</description>" for paragraph in lead)
        rows.append((article.published_at, row + "</item>\n"))
    for number, refusal in enumerate(refusals):
        row = (
            f"<item><title>Island notes, part {number + 1}</title><link>{esc(refusal.link)}</link>"
            f"<pubDate>{_format_rfc822(refusal.published_at)}</pubDate></item>\n"
        )
        rows.append((refusal.published_at, row))
    items = "".join(row for _, row in sorted(rows, key=lambda row: row[0], reverse=True))
    title = esc(OUTLETS[outlet].site_name(language))
    return (
        f'{XML}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{title}</title><link>{home}/</link>'
        f"<description>{title}</description><language>{language}</language><ttl>60</ttl>\n{items}</channel></rss>\n"
    ).encode()


def write_atom(  # RFC 4287, with archived pages as in RFC 5005
    articles: Sequence[Article],
    home: str,
    path: str,
    older: str | None,
    now: dt.datetime,
    *,
    is_archive: bool,
) -> bytes:
    """Return the agency's Atom feed, or one month of it; `older` is the path of the previous
    month.
    """
    rows, newest = "", dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    for article in sorted(articles, key=lambda a: a.published_at, reverse=True):
        edited = article.modified_at if article.modified_at and article.modified_at <= now else None
        updated = edited or article.published_at
        newest = max(newest, updated)
        names = "".join(f"<author><name>{esc(name)}</name></author>" for name in article.authors)
        lead = article.text_at(now).paragraphs[0]
        rows += (
            f"<entry><id>urn:sample:{article.key}</id><title>{esc(article.title)}</title><link"
            f' href="{article.url}"/>'
            f"<published>{article.published_at.isoformat()}</published><updated>{updated.isoformat()}</updated>{names}"
            f'<category term="{esc(article.section)}"/><summary>{esc(lead)}</summary></entry>\n'
        )
    links = f'<link rel="self" href="{home}{path}"/>'
    if is_archive:
        links += f'<fh:archive/><link rel="current" href="{home}/feeds/en.atom"/>'
    if older:
        links += f'<link rel="prev-archive" href="{home}{older}"/>'
    return (
        f'{XML}<feed xmlns="http://www.w3.org/2005/Atom"'
        f' xmlns:fh="http://purl.org/syndication/history/1.0" xml:lang="en">'
        f"<id>urn:sample:agency</id><title>Meridian"
        f" News</title><updated>{newest.isoformat()}</updated>{links}\n{rows}</feed>\n"
    ).encode()


def write_sitemap_index(articles: Sequence[Article], home: str) -> bytes:
    """Return the gazette's sitemap index: one sitemap per month; July's is gzipped."""
    months = sorted({f"{article.published_at:%Y-%m}" for article in articles})
    names = [f"sitemap-{month}.xml" + (".gz" if month.endswith("07") else "") for month in months]
    rows = "".join(f"<sitemap><loc>{home}/{name}</loc></sitemap>" for name in names)
    return f"{XML}<sitemapindex {SITEMAP}>{rows}</sitemapindex>\n".encode()


def write_sitemap(articles: Sequence[Article], *, is_gzip: bool) -> bytes:
    """Return one month's sitemap."""
    rows = "".join(
        f"<url><loc>{a.url}</loc><lastmod>{a.published_at.isoformat()}</lastmod></url>"
        for a in sorted(articles, key=lambda a: (a.published_at, a.key))
    )
    text = f"{XML}<urlset {SITEMAP}>{rows}</urlset>\n".encode()
    return gzip.compress(text, mtime=0) if is_gzip else text


def write_listing(articles: Sequence[Article], page: int | None, title: str) -> bytes:
    """Return one page of the ministry's listing, newest first, or a day's listing if `page` is
    None.
    """
    shown = sorted(articles, key=lambda a: a.published_at, reverse=True)
    older = ""
    if page is not None:
        start = (page - 1) * LIST_SIZE
        if start + LIST_SIZE < len(shown):
            older = f'<a class="next" href="/list_{page + 1}.html">下一页</a>'
        shown = shown[start : start + LIST_SIZE]
    rows = "".join(
        f'<li><a href="{a.path}">{esc(a.title)}</a> <span>{a.published_at:%Y-%m-%d}</span></li>\n'
        for a in shown
    )
    return (
        '<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" content="text/html;'
        ' charset=gb2312" />'
        f'<title>{title}-水路部</title></head><body><div class="nav"><a href="/">首页</a> <a'
        f' href="/list.html">要闻</a></div>'
        f'<h1>{title}</h1><ul class="list">\n{rows}</ul><div class="pages">{older}</div>'
        '<div class="footer">版权所有 水路部</div></body></html>\n'
    ).encode("gb18030")
