"""Recognise an article that its publisher now shows under another domain, so that it is not counted
twice.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tidings.base.owners import site_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from tidings.base.records import Publisher

KNOWN = """
    select publisher_id, title, url, content_hash, published_at from core.articles
    where publisher_id in (select unnest($publishers::varchar[]))
        and title in (select unnest($titles::varchar[]))
    order by first_seen_at, url
"""
MAX_APART = dt.timedelta(days=3)  # dates of one article on two sites


class Appearance(NamedTuple):
    """An article as a page shows it: publisher, title, identifying URL, hash of the text, and date
    if the page states it.
    """

    publisher_id: str
    title: str | None
    url: str
    content_hash: str
    published_at: dt.datetime | None = None

    def is_same(self, other: Appearance) -> bool:
        """Return whether two articles of a publisher with the same title are one, shown under two
        of its domains.

        Different texts with dates that are far apart are issues of a series, such as a daily
        briefing at a fixed path.
        """
        if site_of(self.url) == site_of(other.url):
            return False
        dates = self.published_at, other.published_at
        is_series = (
            dates[0] is not None and dates[1] is not None and abs(dates[0] - dates[1]) > MAX_APART
        )
        has_same_place = urlsplit(self.url)[2:4] == urlsplit(other.url)[2:4] and not is_series
        return has_same_place or self.content_hash == other.content_hash


def find_earlier_urls(
    con: duckdb.DuckDBPyConnection, shown: Sequence[Appearance], publishers: Mapping[str, Publisher]
) -> dict[str, str]:
    """Return the earlier URL of each article that was collected from another domain of its
    publisher, by its present URL.

    Title and publisher are the same, and also the whole text, or the path with its query and about
    the date. ``shown`` is in order of capture; an earlier one may also be in ``shown``.
    """
    moving = [new for new in shown if new.title and _has_sites(publishers.get(new.publisher_id))]
    if not moving:
        return {}
    ids, titles, *_ = map(list, zip(*moving, strict=True))
    values = {"publishers": ids, "titles": titles}
    known = defaultdict[tuple[str, str | None], list[Appearance]](list)
    for row in con.execute(KNOWN, values).fetchall():
        known[row[0], row[1]].append(Appearance(*row))
    earlier = {}
    for new in moving:
        others = known[new.publisher_id, new.title]
        if new.url in map(attrgetter("url"), others):
            continue
        if same := next(filter(new.is_same, others), None):
            earlier[new.url] = same.url
        else:
            others.append(new)
    return earlier


def _has_sites(publisher: Publisher | None) -> bool:
    names = publisher.domains if publisher else []
    return len({site_of(f"http://{name.partition(' ')[0]}/") for name in names}) > 1
