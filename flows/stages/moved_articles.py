"""Recognise an article that its publisher now shows under another domain, so that it is not counted twice."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tidings.flows.owners import site_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from tidings.warehouse.records import Publisher

KNOWN = """
    select publisher_id, title, url, content_hash from core.articles
    where publisher_id in (select unnest($publishers::varchar[])) and title in (select unnest($titles::varchar[]))
    order by first_seen_at, url
"""


class Appearance(NamedTuple):
    """An article as a page shows it: its publisher, its title, the URL that identifies it, and the hash of its text."""

    publisher_id: str
    title: str | None
    url: str
    content_hash: str

    def is_same(self, other: Appearance) -> bool:
        """Return whether two articles of a publisher with the same title are one, shown under two of its domains."""
        has_same_place = urlsplit(self.url)[2:4] == urlsplit(other.url)[2:4]
        return (has_same_place or self.content_hash == other.content_hash) and site_of(self.url) != site_of(other.url)


def find_earlier_urls(
    con: duckdb.DuckDBPyConnection, shown: Sequence[Appearance], publishers: Mapping[str, Publisher]
) -> dict[str, str]:
    """Return the earlier URL of each article that was collected from another domain of its publisher, by its present URL.

    Title and publisher are the same, and also the path with its query, or the whole text. ``shown`` is in order of capture;
    an earlier one may also be in ``shown``.
    """
    moving = [new for new in shown if new.title and _has_sites(publishers.get(new.publisher_id))]
    if not moving:
        return {}
    values = {"publishers": list({new.publisher_id for new in moving}), "titles": list({new.title for new in moving})}
    known = defaultdict[tuple[str, str | None], list[Appearance]](list)
    for row in con.execute(KNOWN, values).fetchall():
        known[row[0], row[1]].append(Appearance(*row))
    earlier = {}
    for new in moving:
        others = known[new.publisher_id, new.title]
        if not any(new.url == other.url for other in others):
            if same := next((other for other in others if new.is_same(other)), None):
                earlier[new.url] = same.url
            else:
                others.append(new)
    return earlier


def _has_sites(publisher: Publisher | None) -> bool:
    names = publisher.domains if publisher else []
    return len({site_of(f"http://{name.partition(' ')[0]}/") for name in names}) > 1
