"""Read from a page what may lead to its source: feeds, usual addresses of its software, news
sections, and a listing.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

from tidings.base.decode import decode
from tidings.base.urls import prepare_url
from tidings.fetch.listing_selectors import Proposal, propose_selectors
from tidings.fetch.sources.listing import base_url, page_title
from tidings.fetch.sources.listing_dates import link_text

_MAX_LINKS = 3_000
_FEW_LINKS = 5  # fewer links, little text and scripts: a page that a browser builds
# The addresses at which software offers feeds: WordPress, Drupal, TYPO3, Plone, Joomla, and others
_USUAL = (
    "feed/", "rss.xml", "/feed/", "/rss.xml", "/feed.xml", "?type=9818", "RSS",
    "?format=feed&type=rss",
)  # fmt: skip
_SECTION = re.compile(
    r"press(?! ?book)|news|presse|medien(?:mitteilung|information)?|aktuell|meldung|actualit|"
    r"communiqu|comunicat|notizi|sala stampa|notici|prensa|nieuws|nyheter|uutiset|aktualno|"
    r"新闻|新聞|要闻|动态|通知公告|报道|お知らせ|新着|報道|プレス|보도자료|뉴스|소식|공지|"
    r"новост|пресс|أخبار|الأخبار|بيانات",
    re.IGNORECASE,
)
_FEED_TYPES = {
    f"application/{name}" for name in ("rss+xml", "atom+xml", "rdf+xml", "feed+json", "xml")
} | {"text/xml"}
_FEED_HREF = re.compile(
    r"(?:/|\b)(?:rss|feeds?|atom|rdf)(?:/|\.xml|\.php|\.aspx|$|\?)|\.(?:rss|atom)$|feed\.json$",
    re.IGNORECASE,
)
_DATE_IN_URL = re.compile(r"(?<!\d)(20\d\d)([-/_.]?)(\d\d)\2(\d\d)(?!\d)")
_RECENT = dt.timedelta(days=400)


@dataclass(frozen=True, slots=True)
class PageStudy:
    """The hints on a page. ``probes`` are usual addresses of feeds, by priority.

    ``obstacle`` states why the page may contain no items, or is None.
    """

    title: str | None
    feeds: list[str]
    probes: list[str]
    sections: list[str]
    proposals: list[Proposal]
    obstacle: str | None


def study_page(
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime
) -> PageStudy:
    """Return the hints on a page. ``zone`` is the publisher's IANA zone, ``now`` the current time
    (UTC).
    """
    page = BeautifulSoup(decode(body, content_type), "lxml")
    title = page_title(page)
    return PageStudy(
        title[:200] if title is not None else None,
        find_feeds(page, url),
        list(dict.fromkeys(filter(None, (_find_probe(url, path) for path in _USUAL)))),
        _find_sections(page, url),
        propose_selectors(page, url, zone, now),
        _find_obstacle(page),
    )


def find_feeds(page: BeautifulSoup, url: str) -> list[str]:
    """Return the feeds that a page links: declared feeds first, then links that look like feeds,
    and comment feeds last.
    """
    base = base_url(page, url)
    feeds: dict[str, tuple[bool, bool]] = {}
    for link in page.find_all(["link", "a"], href=True):
        href, is_anchor = str(link["href"]), link.name == "a"
        kind = str(link.get("type", "")).partition(";")[0].strip().lower()
        is_declared = kind in _FEED_TYPES and "alternate" in " ".join(link.get("rel", ())).lower()
        is_feed = _FEED_HREF.search(href) if is_anchor else is_declared
        if is_feed and (target := prepare_url(href, base)):
            text = f"{target} {link.get('title') or link_text(link)}".lower()
            feeds.setdefault(target, (is_anchor, "comment" in text))
    return sorted(feeds, key=feeds.__getitem__)


def _find_obstacle(page: BeautifulSoup) -> str | None:
    if page.select_one("input[type=password]"):
        return "the page requires a login"
    has_few_links = len(page.find_all("a", href=True, limit=_FEW_LINKS)) < _FEW_LINKS
    if has_few_links and page.select_one("script[src]") and len(link_text(page)) < 500:
        return "scripts build the page in the browser, and Tidings does not run them"
    return None


def _find_probe(url: str, path: str) -> str | None:
    section = urlsplit(url).path
    if not path.startswith("?"):
        section = f"{section.rstrip('/')}/"
    return prepare_url(urljoin(url, path if path.startswith("/") else f"{section or '/'}{path}"))


def _find_sections(page: BeautifulSoup, url: str) -> list[str]:
    """Return the pages of the same host whose link text or path means news or press, those with the
    shortest texts first.
    """
    base, host, own = base_url(page, url), urlsplit(url).hostname, prepare_url(url)
    sections: dict[str, int] = {}
    for link in page.find_all("a", href=True, limit=_MAX_LINKS):
        text, target = link_text(link), prepare_url(str(link["href"]), base)
        parts = urlsplit(target or "")
        if target == own or parts.hostname != host or len(text) > 40:
            continue
        is_named = _SECTION.search(text) is not None
        if is_named or (text and _SECTION.search(parts.path)):
            page_url = str(target).partition("#")[0]
            sections.setdefault(page_url, len(text) + 20 * (not is_named))
    return sorted(sections, key=sections.__getitem__)


def find_day_url(url: str, now: dt.datetime) -> str | None:
    """Return the pattern for ``day_url`` of a listing whose URL contains a date of the last months,
    else None.
    """
    for match in _DATE_IN_URL.finditer(url):
        year, mark, month, day = match.groups()
        try:
            date = dt.date(int(year), int(month), int(day))
        except ValueError:
            continue
        if dt.timedelta(days=-2) <= now.date() - date <= _RECENT:
            return f"{url[: match.start()]}{{yyyy}}{mark}{{mm}}{mark}{{dd}}{url[match.end() :]}"
    return None
