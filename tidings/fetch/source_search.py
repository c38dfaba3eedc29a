"""Find the sources of a web page: its feeds, its sitemaps, and the page itself as a listing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.listing_selectors import Proposal
from tidings.fetch.page_study import PageStudy, find_day_url, rank_sitemaps, study_page
from tidings.fetch.registry import read_registry
from tidings.fetch.response_body import detect_format

if TYPE_CHECKING:
    from tidings.fetch.client import Client
    from tidings.fetch.feed_reader import FeedReader
    from tidings.fetch.response import Response

_MAX_FEEDS = 5  # linked feeds that are requested
_MAX_PROBES = 4  # usual addresses of feeds that are requested
_MAX_SITEMAPS = 4  # sitemaps that are requested
_MAX_SECTIONS = 2  # news sections of a home page that are requested
_MIN_SCORE = 0.35  # a proposal with a lower score is a menu or a few single links
_STALE = dt.timedelta(days=60)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


_SOURCE_KINDS = {"feed": "feed", "json_feed": "feed", "sitemap": "sitemap"}


@dataclass(frozen=True, slots=True)
class Option:
    """A source that a nightly run or a backfill could read. ``url`` is its address after permanent
    redirects. Options with the same address and proposal are equal.

    ``proposal`` contains the selectors of a listing. ``is_linked``: the page links it, or it is the
    page itself. ``in_section`` counts the entries below the page's path.
    """

    kind: str = field(compare=False)
    url: str
    parsed: ParsedFeed = field(compare=False)
    proposal: Proposal | None = None
    day_url: str | None = None
    is_linked: bool = field(default=True, compare=False)
    in_section: int = 0

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
        dated = [entry for entry in self.parsed.entries if entry.stated_at]
        return len(dated) / max(1, len(self.parsed.entries))

    @property
    def links(self) -> set[str]:
        """The URLs of its entries."""
        return {entry.link for entry in self.parsed.entries if entry.link}


@dataclass(slots=True)
class Found:
    """The result of a search: all options, the chosen one with the reason, and the addresses that
    led to nothing.

    ``tried`` omits usual addresses at which the server has no document. ``is_page``: the URL leads
    to a page that was read. ``is_certain`` is False if a person should look at the items first.
    """

    url: str
    title: str | None = None
    options: list[Option] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    is_page: bool = False
    chosen: Option | None = None
    reason: str = ""
    is_certain: bool = False


_NO_LISTING = Option("listing", "", ParsedFeed(None, None, [], 0, "listing"))


class SourceSearch:
    """Searches the sources of a page. ``zone`` is the publisher's IANA zone and ``now`` the current
    time (UTC).

    found = await SourceSearch(client, reader, "UTC", now).search("https://ministry.example/news/")
    """

    def __init__(self, client: Client, reader: FeedReader, zone: str, now: dt.datetime) -> None:
        self._client, self._reader = client, reader
        self._zone, self._now = zone, now

    async def search(self, url: str, kind: str = "", selector: str = "") -> Found:
        """Return the sources of a URL. ``kind`` restricts the choice; ``selector`` replaces the
        proposed one of a listing.
        """
        found = Found(url)
        response = await self._fetch(found, url)
        if response is None:
            return found
        form = detect_format(response.body)
        if form in _SOURCE_KINDS:
            await self._add(found, response, _SOURCE_KINDS[form])
        else:
            kinds = {"listing"} if selector else {"feed", "listing", "sitemap"}
            kinds &= {kind} if kind else kinds
            await self._search_site(found, response, kinds, selector)
        choose(found, kind, self._now)
        return found

    async def _fetch(
        self, found: Found, url: str, expect: str = "any", *, is_linked: bool = True
    ) -> Response | None:
        """Return a response, or None after adding its failure to the addresses that were tried."""
        response = await self._client.fetch(url, expect)
        if response.is_ok:
            return response
        if is_linked or response.status != 404:
            found.tried.append(f"{url}: {response.reason}")
        return None

    async def _search_site(
        self, found: Found, response: Response, kinds: set[str], selector: str
    ) -> None:
        """Add the sources of a page; of a home page without news, also those of the news sections
        that it links.
        """
        address = response.page_url
        study = await self._search_page(found, response, kinds, selector)
        if study is None:
            return
        found.title, found.is_page = study.title, True
        if "sitemap" in kinds:
            await self._add_sitemaps(found, address)
        parts = urlsplit(address)
        if selector or parts.query or parts.path.count("/") > 1:
            return
        if not any(map(attrgetter("is_clear"), found.options)):
            for section in study.sections[:_MAX_SECTIONS]:
                if page := await self._fetch(found, section):
                    await self._search_page(found, page, kinds, "", is_section=True)

    async def _search_page(
        self,
        found: Found,
        response: Response,
        kinds: set[str],
        selector: str,
        *,
        is_section: bool = False,
    ) -> PageStudy | None:
        """Add the feeds that a page links, and the page as a listing with the best proposals or the
        given selector. Return the hints on the page, or None if it cannot be read.
        """
        address = response.page_url
        study: PageStudy | Unreadable = await self._reader.run(
            study_page, response.body, response.content_type, address, self._zone, self._now
        )
        if isinstance(study, Unreadable):
            found.tried.append(f"{address}: {study.reason}")
            return None
        if "feed" in kinds:
            await self._add_feeds(found, study.feeds, [] if is_section else study.probes)
        if "listing" in kinds:
            proposals = _best_proposals(study, selector)
            for proposal in proposals:
                await self._add(found, response, "listing", proposal=proposal)
            if not proposals:
                obstacle = study.obstacle or "no links of the same structure repeat on the page"
                found.tried.append(f"{response.url}: {obstacle}.")
        return study

    async def _add_feeds(self, found: Found, linked: list[str], probes: list[str]) -> None:
        """Add the feeds that a page links, or if none is readable, the first at a usual address."""
        before = len(found.options)
        for url in linked[:_MAX_FEEDS]:
            await self._add(found, await self._fetch(found, url, "feed"), "feed")
        for probe in probes[:_MAX_PROBES] if len(found.options) == before else ():
            response = await self._fetch(found, probe, "feed", is_linked=False)
            if await self._add(found, response, "feed", is_linked=False):
                break

    async def _add_sitemaps(self, found: Found, address: str) -> None:
        """Add the sitemap that lists most pages below the address, of those that the robots file or
        an index names.
        """
        robots = await self._client.fetch(urljoin(address, "/robots.txt"))
        text = robots.body[:500_000].decode("utf-8", "replace") if robots.is_ok else ""
        section = urlsplit(address).path
        names = {urljoin(address, name) for name in _SITEMAP_LINE.findall(text)}
        named = rank_sitemaps(names, section)
        waiting = named or [urljoin(address, "/sitemap.xml")]
        sitemaps = Found(found.url)
        for _ in range(_MAX_SITEMAPS):
            if waiting:
                url, is_linked = waiting.pop(0), bool(named)
                response = await self._fetch(sitemaps, url, "sitemap", is_linked=is_linked)
                if index := await self._add(sitemaps, response, "sitemap", is_linked=is_linked):
                    waiting = rank_sitemaps(index.links, section) + waiting
        counted = [
            dataclasses.replace(
                option,
                in_section=sum(urlsplit(link).path.startswith(section) for link in option.links),
            )
            for option in sitemaps.options
            if option.parsed.entries
        ]
        found.tried += sitemaps.tried
        found.options += sorted(
            counted, key=lambda option: (option.in_section, option.dated_share), reverse=True
        )[:1]

    async def _add(
        self,
        found: Found,
        response: Response | None,
        kind: str,
        *,
        proposal: Proposal | None = None,
        is_linked: bool = True,
    ) -> ParsedFeed | None:
        """Add a response as an option, or its failure to the addresses that were tried. Return its
        parsed form, or None.
        """
        if response is None:
            return None
        option = await self._read(response, kind, proposal, is_linked=is_linked)
        if isinstance(option, Unreadable):
            found.tried.append(f"{response.url}: {option.reason}")
            return None
        parsed = option.parsed
        is_index = parsed.links and response.url == found.url
        if parsed.entries or is_index or (kind == "feed" and is_linked):
            if option not in found.options:
                found.options.append(option)
        elif not parsed.links:
            found.tried.append(f"{response.url}: the {kind} has no entries.")
        return parsed

    async def _read(
        self, response: Response, kind: str, proposal: Proposal | None, *, is_linked: bool
    ) -> Option | Unreadable:
        """Return a response as an option, read as a run would read it."""
        final = response.page_url
        address = final if response.is_permanent_move else response.url
        row, day_url = {"feed_id": "new", "url": address, "kind": kind}, None
        if proposal:
            day_url = find_day_url(address, self._now)
            older = "" if day_url else proposal.next_selector or ""
            row |= {"item_selector": proposal.item_selector, "next_selector": older}
        feed = read_registry([row])[0][0]
        parsed = await self._reader.read(
            response.body, response.content_type, final, self._zone, self._now, feed
        )
        if isinstance(parsed, Unreadable):
            return parsed
        return Option(kind, address, parsed, proposal, day_url, is_linked)


def _best_proposals(study: PageStudy, selector: str) -> list[Proposal]:
    """Return the best proposals for a page as a listing, or the given selector as the only one."""
    proposals = [proposal for proposal in study.proposals[:2] if proposal.score >= _MIN_SCORE]
    if selector:
        older = proposals[0].next_selector if proposals else None
        return [Proposal(selector, older, items=[], score=0.0, is_certain=True)]
    is_clear = proposals and (
        proposals[0].is_certain or proposals[-1].score < 0.4 * proposals[0].score
    )
    return proposals[:1] if is_clear else proposals


def _rank(option: Option) -> tuple[int, bool, float]:
    """Return the sort key of an option: feeds, then listings with the certain and best ones first,
    then sitemaps.
    """
    score = option.proposal.score if option.proposal else 0
    return ("feed", "listing", "sitemap").index(option.kind), not option.is_clear, -score


def choose(found: Found, kind: str, now: dt.datetime) -> None:
    """Set the chosen option of a search, the reason, and whether it is certain.

    A feed has priority, unless a clear listing on the page shows other or newer items. A sitemap
    lists years of pages and only backfills read it, so it is chosen last.
    """
    found.options.sort(key=_rank)
    options = [option for option in found.options if kind in {"", option.kind}]
    if options and options[0].kind == "feed":
        _choose_feed(found, options)
    elif options and options[0].kind == "listing":
        _choose_listing(found, options[0], kind, now)
    elif options:
        found.chosen, found.is_certain = options[0], bool(kind) or options[0].url == found.url
        found.reason = "Only backfills read a sitemap: nightly runs do not collect its pages."


def _choose_listing(found: Found, listing: Option, kind: str, now: dt.datetime) -> None:
    found.chosen = listing
    found.reason = (
        f"{'T' if kind else 'There is no feed, and t'}he page's items have the same structure."
    )
    newest = listing.newest_at or now
    found.is_certain = listing.is_clear and now - newest < 6 * _STALE
    if not found.is_certain:
        found.reason += (
            " Other parts of the page look similar, or the items are few, undated or old:"
            " compare them with the page."
        )


def _choose_feed(found: Found, options: list[Option]) -> None:
    by_kind = {kind: [*group] for kind, group in groupby(options, attrgetter("kind"))}
    feeds, listing = by_kind["feed"], by_kind.get("listing", [_NO_LISTING])[0]
    shown = listing.links
    feed = max(feeds, key=lambda option: (len(option.links & shown), bool(option.parsed.entries)))
    shared = feed.links & shown
    problem = _find_problem(feed, listing) if listing.is_clear else ""
    if problem:
        found.reason = f"The feed {feed.url} is left out, because {problem}."
        found.chosen = listing
        return
    place = "The page links this feed"
    if not feed.is_linked:
        place = "The site has this feed at a usual address"
    elif feed.url == found.url:
        place = "The URL is a feed"
    agreement = f" and shows {len(shared)} of the page's {len(shown)} items" if shared else ""
    found.reason = f"{place}{agreement}."
    found.chosen, found.is_certain = feed, feed.is_linked or bool(shared)


def _find_problem(feed: Option, listing: Option) -> str:
    """Return why a feed does not show what its page shows, or an empty text."""
    newest = feed.newest_at
    if newest and (listing.newest_at or newest) - newest > _STALE:
        return f"its newest entry is from {newest:%Y-%m-%d}"
    if listing.links and feed.links and feed.links.isdisjoint(listing.links):
        return "it shows none of the page's items"
    return ""
