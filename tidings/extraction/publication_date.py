"""Choose the dates of publication and last change."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from htmldate import find_date as guess_date
from lxml import etree

from tidings.base.dates import Moment, date_in_url, read_instant, zone_of
from tidings.extraction.parse import squeeze
from tidings.extraction.visible_dates import (
    BESIDE,
    CHANGED,
    MARKED,
    MARKED_BESIDE,
    NAMED,
    PROSE,
    shown_dates,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidings.extraction.page_metadata import Declared
    from tidings.extraction.parse import Element
    from tidings.extraction.records import Page
    from tidings.extraction.visible_dates import Shown

_META_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "pubdate", "publishdate",
    "publish-date", "publish_date", "dc.date.issued", "dcterms.created", "dcterms.issued",
    "dc.date.created", "parsely-pub-date", "sailthru.date", "article.published",
    "cxenseparse:recs:publishtime", "originalpublicationdate", "publication_date",
    "citation_publication_date", "rnews:datepublished", "dc.date", "dcterms.date", "bt:pubdate",
    "article:published", "creation_date", "datecreated", "firstpublishedtime", "article.created",
    "article_date_original", "weibo: article:create_at", "apub:time", "og:article:published_time",
    "release_date",
)  # fmt: skip
_META_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified",
    "lastmod",
)  # fmt: skip
_SKEW = dt.timedelta(hours=26)  # allows for days in the easternmost time zone and fast clocks
_FARTHEST = dt.timedelta(hours=14)  # largest offset of a time zone from UTC
UNKNOWN_ZONE = zone_of("UTC")  # the time zone of a publisher whose zone is unknown
# Names that may also mean the date of a file, an event or the visit.
_VAGUE = ("date", "created")
_BERLIN = "de at ch li fr it es nl be lu dk no se pl cz sk hu si hr rs mt"
_ZONES = dict.fromkeys(_BERLIN.split(), "Europe/Berlin")
_ZONES |= dict.fromkeys(["fi", "ee", "lv", "lt", "gr", "ro", "bg", "ua", "cy"], "Europe/Athens")
_ZONES |= dict.fromkeys(["fi", "ee", "lv", "lt", "gr", "ro", "bg", "ua", "cy"], "Europe/Athens")
_ONE_DAY = dt.timedelta(days=1)
_GUESS_ERRORS = (
    ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError,
    etree.LxmlError,
)  # fmt: skip
_MOMENT = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Dated:
    """The dates of a page, aware and with its own offset; ``quality``: see Cleaned.date_quality."""

    published_at: dt.datetime | None
    modified_at: dt.datetime | None
    quality: str


def read_dates(
    page: Page,
    tree: Element,
    declared: Declared,
    by_rule: tuple[str | None, str | None],
    title: str = "",
) -> Dated:
    """Return the dates of publication and last change; dates after the capture are ignored."""
    zone, latest = zone_of(page.zone), page.fetched_at + _SKEW
    modified = _modified(declared, zone, latest)
    sources = _Sources(page, tree, declared, title, zone, modified)
    rule = _by_format(*by_rule, zone)
    by_rules = [("rule", rule)] if rule else []
    is_future = False
    for quality, (stated, has_time, _) in chain(by_rules, sources.ranked()):
        if stated > latest:
            is_future = True
            continue
        is_declared = has_time and quality in {"page_jsonld", "page_meta"}
        at = _in_local_day(stated, page.final_url, zone) if is_declared else stated
        changed = modified if modified and modified >= at else None
        return Dated(at, changed, quality if has_time else "day_only")
    return Dated(None, modified, "future_refused" if is_future else "unknown")


@dataclass(frozen=True)
class _Sources:
    """The dates of a page; its methods yield the names and dates of sources."""

    page: Page
    tree: Element
    declared: Declared
    title: str
    zone: dt.tzinfo
    modified: dt.datetime | None

    def ranked(self) -> Iterator[tuple[str, Moment]]:
        """Yield the dates from the most to the least reliable source."""
        yield from self._stated()
        marked = [hit for hit in self._shown if hit.rank in {MARKED, MARKED_BESIDE}]
        if len({hit.value.at.date() for hit in marked}) == 1:
            yield from self._as_shown(marked[:1])
        yield from self._in_meta(_VAGUE)
        yield from self._near_url()
        yield from self._ranked_as(0, NAMED)
        yield from self._in_feed()
        yield from self._ranked_as(NAMED + 1, BESIDE - 1)
        yield from self._guessed(self.declared.scripted)
        yield from self._ranked_as(BESIDE, PROSE + BESIDE)
        yield from self._guessed(_guess_day(self.page, self.tree))

    @cached_property
    def _shown(self) -> list[Shown]:
        return shown_dates(self.tree, self.zone, self.title, self.page.final_url)

    def _ranked_as(self, first: int, last: int) -> Iterator[tuple[str, Moment]]:
        return self._as_shown([hit for hit in self._shown if first <= hit.rank <= last])

    def _in_feed(self) -> list[tuple[str, Moment]]:
        feed = self.page.hint.published_at
        return [("feed", Moment(feed, has_time=True))] if feed else []

    def _guessed(self, text: str | None) -> list[tuple[str, Moment]]:
        value = read_instant(text or "", self.zone)
        return [("page_guess", value)] if value else []

    def _stated(self) -> Iterator[tuple[str, Moment]]:
        """Yield the dates of publication in JSON-LD and meta elements, after the visible one if the
        first is later than the last change, because that is a new time stamp.
        """
        stated = [*self._declared_dates()]
        first = dict(stated[:1]).get("page_meta")
        if self.modified and first and first.at > self.modified + _MOMENT:
            for hit in self._shown[:1]:
                if hit.rank <= NAMED and hit.value.at.date() < first.at.date():
                    yield "page_text", hit.value
        yield from stated

    def _declared_dates(self) -> Iterator[tuple[str, Moment]]:
        meta = self._in_meta(_META_PUBLISHED)
        names = ("datePublished", "dateCreated", "uploadDate")[: 1 + 2 * self.declared.is_article]
        for name in names:
            if value := _declared(self.declared.article.get(name), self.zone):
                # on some sites JSON-LD has the creation date
                if meta and meta[0][1].at.date() != value.at.date():
                    yield meta[0]
                yield "page_jsonld", value
        yield from meta

    def _in_meta(self, names: Iterable[str]) -> list[tuple[str, Moment]]:
        values = (read_instant(self.declared.first(name) or "", self.zone) for name in names)
        return [("page_meta", value) for value in values if value]

    def _near_url(self) -> Iterator[tuple[str, Moment]]:
        """Yield visible and feed dates within a day of the day in the URL, and that day."""
        day = date_in_url(self.page.final_url)
        if day is None:
            return
        days = {day - _ONE_DAY, day, day + _ONE_DAY}
        yield from self._as_shown(
            [hit for hit in self._shown if hit.rank < CHANGED and hit.value.at.date() in days]
        )
        for name, value in self._in_feed():  # the feed adds the time of day
            if value.at.astimezone(self.zone).date() in days:
                yield name, value
        midnight = dt.datetime.combine(day, dt.time(), self.zone)
        yield "page_guess", Moment(midnight, has_time=False)

    def _as_shown(self, hits: list[Shown]) -> Iterator[tuple[str, Moment]]:
        """Yield visible dates with their time, another date's on that day, or the feed's."""
        timed = [hit.value for hit in self._shown if hit.value.has_time and hit.rank < CHANGED]
        for hit in hits:
            same_day = (value for value in timed if value.at.date() == hit.value.at.date())
            value = hit.value if hit.value.has_time else next(same_day, hit.value)
            yield "page_text", _refined(value, self.page.hint.published_at, self.zone)


def _in_local_day(at: dt.datetime, url: str, zone: dt.tzinfo) -> dt.datetime:
    """Return a UTC time with the offset of the intended local day if that is known.

    The day in the URL shows the offset if at most six hours move the time into it. So does
    midnight: systems that store only a day write its local midnight, 22:00 or 23:00 UTC of the
    previous day.
    """
    if at.utcoffset() != dt.timedelta(0):
        return at
    if (at.hour, at.minute, at.second) in {(22, 0, 0), (23, 0, 0)}:
        country = (urlsplit(url).hostname or "").rsplit(".", 1)[-1]
        local = at.astimezone(zone_of(_ZONES[country]) if country in _ZONES else zone)
        if local.hour == 0:
            return local
    if (day := date_in_url(url)) is None:
        return at
    for hours in (0, 1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6):
        local = at.astimezone(dt.timezone(dt.timedelta(hours=hours)))
        if local.date() == day:
            return local if hours else at
    return at


def _refined(value: Moment, feed: dt.datetime | None, zone: dt.tzinfo) -> Moment:
    """Return a visible date, or the feed's time if it is in the same minute, or on the same day if
    no time is visible, or within a zone's offset if the publisher's zone is unknown.
    """
    at, has_time, _ = value
    if feed is None:
        return value
    if not has_time:
        is_same = feed.astimezone(zone).date() == at.date()
    elif at.tzinfo is UNKNOWN_ZONE and abs(feed - at) <= _FARTHEST:
        return Moment(feed, has_time=True)
    else:
        is_same = abs(feed - at) < _MOMENT
    return Moment(feed.astimezone(at.tzinfo), has_time=True) if is_same else value


def _declared(value: Any, zone: dt.tzinfo) -> Moment | None:
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("@value") if isinstance(value, dict) else value
    return read_instant(str(value), zone) if isinstance(value, (str, int)) else None


def _by_format(text: str | None, date_format: str | None, zone: dt.tzinfo) -> Moment | None:
    if date_format is None or not text:
        return read_instant(text or "", zone)
    try:
        value = dt.datetime.strptime(squeeze(text), date_format)  # noqa: DTZ007 # the time zone is added below
    except ValueError:
        return None
    has_time = any(part in date_format for part in ("%H", "%I", "%T", "%X", "%c"))
    return Moment(value if value.tzinfo else value.replace(tzinfo=zone), has_time)


def _modified(declared: Declared, zone: dt.tzinfo, latest: dt.datetime) -> dt.datetime | None:
    value = _declared(declared.article.get("dateModified"), zone)
    stated = map(declared.first, () if value else _META_MODIFIED)
    values = (value, *(read_instant(text or "", zone) for text in stated))
    return next((value.at for value in values if value and value.at <= latest), None)


def _guess_day(page: Page, tree: Element) -> str | None:
    """Return the day that htmldate finds, or None; a 1 January comes from a copyright year."""
    latest = (page.fetched_at + _SKEW).strftime("%Y-%m-%d")
    options = {"original_date": True, "extensive_search": False, "max_date": latest}
    try:  # htmldate changes the tree
        day = guess_date(copy.deepcopy(tree), url=page.final_url, **options)
    except _GUESS_ERRORS:
        return None
    return day if day and not day.endswith("-01-01") else None
