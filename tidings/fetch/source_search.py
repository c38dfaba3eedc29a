"""Find the sources of a web page: its feeds, usual addresses of its software, news sections, and
the page itself as a listing.
"""

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

from tidings.base.decode import decode
from tidings.base.languages.words import read_patterns
from tidings.base.urls import prepare_url
from tidings.fetch.client import Client
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.listing_selectors import Proposal, propose_selectors
from tidings.fetch.registry import read_registry
from tidings.fetch.response import Response
from tidings.fetch.response_body import detect_format
from tidings.fetch.sources.listing import base_url, page_title
from tidings.fetch.sources.listing_dates import link_text

_MAX_LINKS = 3_000
_FEW_LINKS = 5  # fewer links, little text and scripts: a page that a browser builds
# The addresses at which software offers feeds: WordPress, Drupal, TYPO3, Plone, Joomla, and others
_USUAL = (
    "feed/", "rss.xml", "/feed/", "/rss.xml", "/feed.xml", "?type=9818", "RSS",
    "?format=feed&type=rss",
)  # fmt: skip
_SECTION = re.compile(read_patterns()["news_pages"], re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:(?:rss|atom|rdf)\+xml|feed\+json|xml)|text/xml")
_FEED_HREF = re.compile(
    r"\b(?:rss|feeds?|atom|rdf)(?:[/?]|\.(?:xml|php|aspx)|$)|feed\.json$",
    re.IGNORECASE,
)
_DATE_IN_URL = re.compile(r"(?<!\d)(20\d\d)([-/_.]?)(\d\d)\2(\d\d)(?!\d)")
_RECENT = dt.timedelta(days=400)


@dataclass(frozen=True, slots=True)
class PageStudy:
    """The hints on a page. ``probes`` are usual addresses of feeds, by priority; ``obstacle``
    states why the page may contain no items.
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
    """Return the hints on a page. ``zone`` is the publisher's IANA zone, ``now`` is in UTC."""
    page = BeautifulSoup(decode(body, content_type), "lxml")
    title = page_title(page)
    section = f"{urlsplit(url).path.rstrip('/')}/"
    paths = (path if path[0] in "/?" else section + path for path in _USUAL)
    probes = (prepare_url(urljoin(url, path)) for path in paths)
    return PageStudy(
        title[:200] if title is not None else None,
        find_feeds(page, url),
        list(dict.fromkeys(filter(None, probes))),
        _find_sections(page, url),
        propose_selectors(page, url, zone, now),
        _find_obstacle(page),
    )


def find_feeds(page: BeautifulSoup, url: str) -> list[str]:
    """Return the feeds that a page links: declared ones, then links that look like feeds, and
    comment feeds last.
    """
    base = base_url(page, url)
    feeds: dict[str, tuple[bool, bool]] = {}
    for link in page.find_all(["link", "a"], href=True):
        href, is_anchor = str(link["href"]), link.name == "a"
        kind = str(link.get("type", "")).partition(";")[0].strip().lower()
        is_declared = (
            _FEED_TYPE.fullmatch(kind) and "alternate" in " ".join(link.get("rel", ())).lower()
        )
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


def _find_sections(page: BeautifulSoup, url: str) -> list[str]:
    """Return the pages of the same host whose link text or path means news or press, the shortest
    texts first.
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
    """Return the pattern for ``day_url`` of a URL with a date of the last months, else None."""
    for match in _DATE_IN_URL.finditer(url):
        year, mark, month, day = match.groups()
        with suppress(ValueError):
            date = dt.date(int(year), int(month), int(day))
            if dt.timedelta(days=-2) <= now.date() - date <= _RECENT:
                return f"{url[: match.start()]}{{yyyy}}{mark}{{mm}}{mark}{{dd}}{url[match.end() :]}"
    return None


_MAX_FEEDS = 5  # linked feeds that are requested
_MAX_SECTIONS = 2  # news sections of a home page that are requested
_MIN_SCORE = 0.35  # a proposal with a lower score is a menu or a few single links
_STALE = dt.timedelta(days=60)
_SOURCE_KINDS = {"feed": "feed", "json_feed": "feed", "sitemap": "sitemap"}


@dataclass(frozen=True, slots=True)
class Option:
    """A source that a run could read. Options with the same address and proposal are equal.
    ``is_linked``: the page links it, or it is the page.
    """

    kind: str = field(compare=False)
    url: str
    parsed: ParsedFeed = field(compare=False)
    proposal: Proposal | None = None
    day_url: str | None = None
    is_linked: bool = field(default=True, compare=False)

    @property
    def is_clear(self) -> bool:
        """True for a feed, and for a listing whose selectors are certain."""
        return self.kind == "feed" or bool(self.proposal and self.proposal.is_certain)

    @property
    def newest_at(self) -> dt.datetime | None:
        """The newest date of an entry (UTC), or None without dates."""
        return max(filter(None, (entry.stated_at for entry in self.parsed.entries)), default=None)

    @property
    def dated_share(self) -> float:
        """The share of entries with a date."""
        entries = self.parsed.entries
        return sum(bool(entry.stated_at) for entry in entries) / max(1, len(entries))

    @property
    def links(self) -> set[str]:
        """The URLs of its entries."""
        return {entry.link for entry in self.parsed.entries if entry.link}


@dataclass(slots=True)
class SourceSearch:
    """Searches the sources of a page. ``tried`` are the addresses that led to nothing.

    ``zone`` is an IANA zone and ``now`` in UTC. ``kind`` restricts the choice; ``selector``
    replaces the proposed one. ``is_certain`` is False if a person should look at the items first.
    """

    client: Client
    reader: FeedReader
    zone: str
    now: dt.datetime
    url: str
    kind: str = ""
    selector: str = ""
    title: str | None = None
    options: list[Option] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    is_page: bool = False
    chosen: Option | None = None
    reason: str = ""
    is_certain: bool = False

    async def run(self) -> None:
        """Search the URL, and choose among its sources."""
        if response := await self._fetch(self.url):
            if kind := _SOURCE_KINDS.get(detect_format(response.body)):
                await self._add(response, kind)
            else:
                await self._search_site(response)
            self._choose()

    def _wants(self, kind: str) -> bool:
        return self.kind in {"", kind} and (kind == "listing" or not self.selector)

    async def _fetch(
        self, url: str, expect: str = "any", *, is_linked: bool = True
    ) -> Response | None:
        response = await self.client.fetch(url, expect)
        if response.is_ok:
            return response
        if is_linked or response.status != 404:
            self.tried.append(f"{url}: {response.reason}")
        return None

    async def _search_site(self, response: Response) -> None:
        study = await self._search_page(response)
        if study is None:
            return
        self.title, self.is_page = study.title, True
        parts = urlsplit(response.page_url)
        if self.selector or parts.query or parts.path.count("/") > 1:
            return
        if not any(map(attrgetter("is_clear"), self.options)):
            for section in study.sections[:_MAX_SECTIONS]:
                if page := await self._fetch(section):
                    await self._search_page(page, is_section=True)

    async def _search_page(
        self, response: Response, *, is_section: bool = False
    ) -> PageStudy | None:
        """Add the feeds that a page links, and the page as a listing. Return its hints, or None."""
        address = response.page_url
        study: PageStudy | Unreadable = await self.reader.run(
            study_page, response.body, response.content_type, address, self.zone, self.now
        )
        if isinstance(study, Unreadable):
            self.tried.append(f"{address}: {study.reason}")
            return None
        if self._wants("feed"):
            await self._add_feeds(study.feeds, [] if is_section else study.probes)
        if self._wants("listing"):
            proposals = _best_proposals(study, self.selector)
            for proposal in proposals:
                await self._add(response, "listing", proposal=proposal)
            if not proposals:
                obstacle = study.obstacle or "no links of the same structure repeat on the page"
                self.tried.append(f"{response.url}: {obstacle}.")
        return study

    async def _add_feeds(self, linked: list[str], probes: list[str]) -> None:
        before = len(self.options)
        for url in linked[:_MAX_FEEDS]:
            await self._add(await self._fetch(url, "feed"), "feed")
        for probe in probes if len(self.options) == before else ():
            response = await self._fetch(probe, "feed", is_linked=False)
            if await self._add(response, "feed", is_linked=False):
                break

    async def _add(
        self,
        response: Response | None,
        kind: str,
        *,
        proposal: Proposal | None = None,
        is_linked: bool = True,
    ) -> ParsedFeed | None:
        """Add a response as an option, or its failure to the tried addresses. Return its parsed
        form.
        """
        if response is None:
            return None
        final = response.page_url
        address = final if response.is_permanent_move else response.url
        row, day_url = {"feed_id": "new", "url": address, "kind": kind}, None
        if proposal:
            day_url = find_day_url(address, self.now)
            older = "" if day_url else proposal.next_selector or ""
            row |= {"item_selector": proposal.item_selector, "next_selector": older}
        feed = read_registry([row])[0][0]
        parsed = await self.reader.read(
            response.body, response.content_type, final, self.zone, self.now, feed
        )
        if isinstance(parsed, Unreadable):
            self.tried.append(f"{response.url}: {parsed.reason}")
            return None
        self._keep(Option(kind, address, parsed, proposal, day_url, is_linked), response.url)
        return parsed

    def _keep(self, option: Option, url: str) -> None:
        parsed, is_feed = option.parsed, option.kind == "feed" and option.is_linked
        if parsed.entries or is_feed or (parsed.links and url == self.url):
            if option not in self.options:
                self.options.append(option)
        elif not parsed.links:
            self.tried.append(f"{url}: the {option.kind} has no entries.")

    def _choose(self) -> None:
        """Choose a feed, unless a clear listing on the page shows other or newer items."""
        self.options.sort(key=_rank)
        options = [option for option in self.options if self.kind in {"", option.kind}]
        first = {kind: [*group] for kind, group in groupby(options, attrgetter("kind"))}
        listing = first.get("listing", [None])[0]
        if "feed" in first:
            self._choose_feed(first["feed"], listing)
        elif listing:
            self._choose_listing(listing)
        elif options:
            self.chosen, self.is_certain = options[0], True
            self.reason = "Only backfills read a sitemap: nightly runs do not collect its pages."

    def _choose_listing(self, listing: Option) -> None:
        self.chosen = listing
        start = "T" if self.kind else "There is no feed, and t"
        self.reason = f"{start}he page's items have the same structure."
        newest = listing.newest_at or self.now
        self.is_certain = listing.is_clear and self.now - newest < 6 * _STALE
        if not self.is_certain:
            doubt = "Other parts of the page look similar, or the items are few, undated or old"
            self.reason += f" {doubt}: compare them with the page."

    def _choose_feed(self, feeds: list[Option], listing: Option | None) -> None:
        shown = listing.links if listing else set()
        feed = max(feeds, key=lambda feed: (len(feed.links & shown), bool(feed.parsed.entries)))
        shared = feed.links & shown
        if listing and listing.is_clear and (problem := _find_problem(feed, listing)):
            self.reason = f"The feed {feed.url} is left out, because {problem}."
            self.chosen = listing
            return
        place = "The page links this feed"
        if not feed.is_linked:
            place = "The site has this feed at a usual address"
        elif feed.url == self.url:
            place = "The URL is a feed"
        agreement = f" and shows {len(shared)} of the page's {len(shown)} items" if shared else ""
        self.reason = f"{place}{agreement}."
        self.chosen, self.is_certain = feed, feed.is_linked or bool(shared)


def _best_proposals(study: PageStudy, selector: str) -> list[Proposal]:
    proposals = [proposal for proposal in study.proposals[:2] if proposal.score >= _MIN_SCORE]
    if selector:
        older = proposals[0].next_selector if proposals else None
        return [Proposal(selector, older, items=[], score=0.0, is_certain=True)]
    best = proposals[:1]
    is_clear = best and (best[0].is_certain or proposals[-1].score < 0.4 * best[0].score)
    return best if is_clear else proposals


def _rank(option: Option) -> tuple[int, bool, float]:
    """Return the sort key of an option: feeds, then listings, the certain and best ones first."""
    score = option.proposal.score if option.proposal else 0
    return ("feed", "listing", "sitemap").index(option.kind), not option.is_clear, -score


def _find_problem(feed: Option, listing: Option) -> str:
    newest = feed.newest_at
    if newest and (listing.newest_at or newest) - newest > _STALE:
        return f"its newest entry is from {newest:%Y-%m-%d}"
    if listing.links and feed.links and feed.links.isdisjoint(listing.links):
        return "it shows none of the page's items"
    return ""
