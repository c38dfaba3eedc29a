"""Find the sources of a web page: its feeds, its sitemaps, and the page itself as a listing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Option:
    """A source that a nightly run or a backfill could read. ``url`` is its address after permanent
    redirects.

    ``proposal`` contains the selectors of a listing. ``is_linked``: the page links it, or it is the
    page itself. ``in_section`` counts the entries below the page's path.
    """

    kind: str
    url: str
    parsed: ParsedFeed
    proposal: Proposal | None = None
    day_url: str | None = None
    is_linked: bool = True
    in_section: int = 0

    @property
    def newest_at(self) -> dt.datetime | None:
        """The newest date of an entry (UTC), or None without dates."""
        return max(filter(None, (entry.stated_at for entry in self.parsed.entries)), default=None)

    @property
    def dated_share(self) -> float:
        """The share of entries with a date."""
        return sum(entry.stated_at is not None for entry in self.parsed.entries) / max(
            1, len(self.parsed.entries)
        )

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
        response = await self._client.fetch(url)
        found = Found(url)
        if not response.is_ok:
            found.tried.append(f"{url}: {response.reason}")
            return found
        form = detect_format(response.body)
        if form in {"feed", "json_feed", "sitemap"}:
            await self._add(found, response, "sitemap" if form == "sitemap" else "feed")
        else:
            await self._search_page(found, response, kind, selector)
        choose(found, kind, self._now)
        return found

    async def _search_page(
        self,
        found: Found,
        response: Response,
        kind: str,
        selector: str,
        *,
        is_section: bool = False,
    ) -> None:
        """Add the sources of a page; of a home page without news, also those of the news sections
        that it links.
        """
        address = response.final_url or response.url
        study = await self._reader.run(
            study_page, response.body, response.content_type, address, self._zone, self._now
        )
        if isinstance(study, Unreadable):
            found.tried.append(f"{address}: {study.reason}")
            return
        if kind in {"", "feed"} and not selector:
            await self._add_feeds(found, study.feeds, [] if is_section else study.probes)
        if kind in {"", "listing"}:
            await self._add_listings(found, response, study, selector)
        if is_section:
            return
        found.title, found.is_page = study.title, True
        if kind in {"", "sitemap"} and not selector:
            await self._add_sitemaps(found, address)
        is_home = urlsplit(address).path.count("/") <= 1 and not urlsplit(address).query
        has_news = any(
            option.kind == "feed" or (option.proposal and option.proposal.is_certain)
            for option in found.options
        )
        for section in (
            study.sections[:_MAX_SECTIONS] if is_home and not has_news and not selector else ()
        ):
            response = await self._client.fetch(section)
            if response.is_ok:
                await self._search_page(found, response, kind, "", is_section=True)
            else:
                found.tried.append(f"{section}: {response.reason}")

    async def _add_feeds(self, found: Found, linked: list[str], probes: list[str]) -> None:
        """Add the feeds that a page links, or if none is readable, the first at a usual address."""
        before = len(found.options)
        for url in linked[:_MAX_FEEDS]:
            await self._add(found, await self._client.fetch(url, "feed"), "feed")
        for probe in probes[:_MAX_PROBES] if len(found.options) == before else ():
            if await self._add(
                found, await self._client.fetch(probe, "feed"), "feed", is_linked=False
            ):
                break

    async def _add_listings(
        self, found: Found, response: Response, study: PageStudy, selector: str
    ) -> None:
        """Add the page as a listing, with the best proposals or the given selector."""
        proposals = [proposal for proposal in study.proposals[:2] if proposal.score >= _MIN_SCORE]
        if selector:
            older = proposals[0].next_selector if proposals else None
            proposals = [Proposal(selector, older, items=[], score=0.0, is_certain=True)]
        elif not proposals:
            found.tried.append(
                f"{response.url}:"
                f" {study.obstacle or 'no links of the same structure repeat on the page'}."
            )
        elif proposals[0].is_certain or proposals[-1].score < 0.4 * proposals[0].score:
            proposals = proposals[:1]
        for proposal in proposals:
            await self._add(found, response, "listing", proposal=proposal)

    async def _add_sitemaps(self, found: Found, address: str) -> None:
        """Add the sitemap that lists most pages below the address, of those that the robots file or
        an index names.
        """
        robots = await self._client.fetch(urljoin(address, "/robots.txt"))
        text = robots.body[:500_000].decode("utf-8", "replace") if robots.is_ok else ""
        section = urlsplit(address).path
        named = rank_sitemaps(
            {urljoin(address, name) for name in _SITEMAP_LINE.findall(text)}, section
        )
        waiting = named or [urljoin(address, "/sitemap.xml")]
        sitemaps = Found(found.url)
        for _ in range(_MAX_SITEMAPS):
            if not waiting:
                break
            url = waiting.pop(0)
            children = await self._add(
                sitemaps, await self._client.fetch(url, "sitemap"), "sitemap", is_linked=bool(named)
            )
            waiting = rank_sitemaps(children.links, section) + waiting if children else waiting
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
        response: Response,
        kind: str,
        *,
        proposal: Proposal | None = None,
        is_linked: bool = True,
    ) -> ParsedFeed | None:
        """Add a response as an option, or its failure to the addresses that were tried. Return its
        parsed form, or None.
        """
        final = response.final_url or response.url
        address = final if response.is_permanent_move else response.url
        if not response.is_ok:
            if is_linked or response.status != 404:
                found.tried.append(f"{response.url}: {response.reason}")
            return None
        day_url = find_day_url(address, self._now) if kind == "listing" else None
        next_selector = None if day_url or not proposal else proposal.next_selector
        row = {"feed_id": "new", "url": address, "kind": kind}
        if proposal:
            row |= {"item_selector": proposal.item_selector, "next_selector": next_selector or ""}
        feed = read_registry([row])[0][0]
        parsed = await self._reader.read(
            response.body, response.content_type, final, self._zone, self._now, feed
        )
        if isinstance(parsed, Unreadable):
            found.tried.append(f"{response.url}: {parsed.reason}")
            return None
        is_index = bool(parsed.links) and response.url == found.url
        if parsed.entries or is_index or (kind == "feed" and is_linked):
            if all(
                option.url != address or option.proposal != proposal for option in found.options
            ):
                found.options.append(Option(kind, address, parsed, proposal, day_url, is_linked))
        elif not parsed.links:
            found.tried.append(f"{response.url}: the {kind} has no entries.")
        return parsed


def _rank(option: Option) -> tuple[int, bool, float]:
    """Return the sort key of an option: feeds, then listings with the certain and best ones first,
    then sitemaps.
    """
    proposal = option.proposal
    return (
        ("feed", "listing", "sitemap").index(option.kind),
        not (proposal and proposal.is_certain),
        -(proposal.score if proposal else 0),
    )


def choose(found: Found, kind: str, now: dt.datetime) -> None:
    """Set the chosen option of a search, the reason, and whether it is certain.

    A feed has priority, unless a clear listing on the page shows other or newer items. A sitemap
    lists years of pages and only backfills read it, so it is chosen last.
    """
    found.options.sort(key=_rank)
    feeds, listings, sitemaps = (
        [option for option in found.options if option.kind == name and kind in {"", name}]
        for name in ("feed", "listing", "sitemap")
    )
    listing = listings[0] if listings else None
    is_clear = bool(listing and listing.proposal and listing.proposal.is_certain)
    if feeds:
        shown = listing.links if listing else set()
        feed = max(
            feeds, key=lambda option: (len(option.links & shown), bool(option.parsed.entries))
        )
        is_old = bool(
            feed.newest_at
            and listing
            and listing.newest_at
            and listing.newest_at - feed.newest_at > _STALE
        )
        if not is_clear or not (is_old or (shown and feed.links and not feed.links & shown)):
            agreement = (
                f" and shows {len(feed.links & shown)} of the page's {len(shown)} items"
                if feed.links & shown
                else ""
            )
            place = "The site has this feed at a usual address"
            if feed.is_linked:
                place = "The page links this feed" if feed.url != found.url else "The URL is a feed"
            found.reason = f"{place}{agreement}."
            found.chosen, found.is_certain = feed, feed.is_linked or bool(agreement)
            return
        problem = (
            f"its newest entry is from {feed.newest_at:%Y-%m-%d}"
            if is_old and feed.newest_at
            else "it shows none of the page's items"
        )
        found.reason = f"The feed {feed.url} is left out, because {problem}."
        found.chosen, found.is_certain = listing, False
    elif listing:
        found.reason = (
            f"{'There is no feed, and t' if not kind else 'T'}he page's items have the"
            f" same structure."
        )
        is_recent = listing.newest_at is None or now - listing.newest_at < 6 * _STALE
        found.chosen, found.is_certain = listing, is_clear and is_recent
        if not found.is_certain:
            found.reason += (
                " Other parts of the page look similar, or the items are few, undated or old:"
                " compare them with the page."
            )
    elif sitemaps:
        found.chosen, found.is_certain = sitemaps[0], bool(kind) or sitemaps[0].url == found.url
        found.reason = "Only backfills read a sitemap: nightly runs do not collect its pages."
