"""Keep the publisher of a source that changes its domain, by a new URL in the feed list or by
redirects.
"""

from __future__ import annotations

import dataclasses
from collections import ChainMap
from typing import TYPE_CHECKING

from tidings.base.owners import Owners, site_of
from tidings.storage import pending
from tidings.storage.load import changed_records, merge
from tidings.storage.writer_lock import retry_on_conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.base.records import Feed, Publisher
    from tidings.stages.run import Run
    from tidings.storage.lake import Connection

LINKS = """
    select s.feed_id, list(distinct e.url) from raw.feed_states as s
    inner join raw.feed_entries as e
        on s.feed_id = e.feed_id and list_contains(s.entry_ids, e.entry_id)
    where s.feed_id in (select unnest($feeds::varchar[])) and e.url is not null group by all
"""


def keep_publishers(
    feeds: Sequence[Feed], publishers: Sequence[Publisher], con: Connection
) -> tuple[list[Feed], list[Publisher]]:
    """Return the feed list and its publishers, in which a source with a new URL keeps its stored
    publisher, also one that was derived from the domain of the old URL.

    It also owns the new domain, unless the row names a publisher, or a list an owner.
    """
    stored_feeds, stored = pending.feeds(con), pending.publishers(con)
    by_id = {publisher.publisher_id: publisher for publisher in publishers}
    known, kept = ChainMap(by_id, stored), []
    for feed in feeds:
        owner = by_id[feed.publisher_id]
        former = known.get(stored_feeds.get(feed.feed_id, feed).publisher_id, owner)
        if former is not owner and owner.publisher_id in owner.domains:
            domains = list(dict.fromkeys((*former.domains, *owner.domains)))
            owner = dataclasses.replace(former, domains=domains)
            by_id[owner.publisher_id] = owner
        kept.append(dataclasses.replace(feed, publisher_id=owner.publisher_id))
    replaced = {feed.publisher_id for feed in feeds} - {feed.publisher_id for feed in kept}
    return kept, [
        publisher for publisher in by_id.values() if publisher.publisher_id not in replaced
    ]


def claim_domains(
    con: Connection, feeds: Sequence[Feed], publishers: Sequence[Publisher]
) -> list[Publisher]:
    """Return the publishers, with the domains to which their sources have moved by a new URL or by
    permanent redirects, if most links of the source are there, which excludes hosts of feeds, and
    no list names the domain.
    """
    owners = Owners(publishers)
    urls = dict(
        con.execute("select feed_id, coalesce(moved_to, url) from raw.feed_states").fetchall()
    )
    by_id = {publisher.publisher_id: publisher for publisher in publishers}
    unowned = {
        feed.feed_id: (feed.publisher_id, site_of(url))
        for feed in feeds
        if (url := urls.get(feed.feed_id)) and not owners.is_named(url)
    }
    found = con.execute(LINKS, {"feeds": list(unowned)}).fetchall() if unowned else []
    for feed_id, links in found:
        publisher_id, site = unowned[feed_id]
        publisher = by_id[publisher_id]
        if 2 * sum(site_of(link) == site for link in links) > len(links):
            domains = list(dict.fromkeys((*publisher.domains, site)))
            by_id[publisher_id] = dataclasses.replace(publisher, domains=domains)
    return list(by_id.values())


@retry_on_conflict
def store_domains(run: Run, feeds: Sequence[Feed]) -> None:
    """Store the domains to which sources moved in this run."""
    with run.reading() as con:
        changed = _changed(con, feeds)
    if changed:
        with run.writing() as con:
            merge(con, changed := _changed(con, feeds))
        for publisher in changed:
            run.log(
                f"{publisher.publisher_id} also publishes on {publisher.domains[-1]}, because"
                f" its source moved there"
            )


def _changed(con: Connection, feeds: Sequence[Feed]) -> list[Publisher]:
    stored = pending.publishers(con)
    known = [feed for feed in feeds if feed.publisher_id in stored]
    return changed_records(claim_domains(con, known, list(stored.values())), stored)
