"""Prepare a run: update the lake's schema, the reference data and the feed registry, in which a
source that changes its domain, by a new URL in the feed list or by redirects, keeps its publisher.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from tidings.base.languages.plural import counted
from tidings.base.owners import Owners, read_domain, site_of
from tidings.base.records import Feed, FeedState, Publisher, RightsMode
from tidings.base.settings import Settings
from tidings.extraction import read_rules
from tidings.fetch.registry import RegistryError, read_publishers, read_registry
from tidings.stages.rights import RECORDED, store_mode
from tidings.stages.run import Run
from tidings.storage.archive import leftover_parts
from tidings.storage.lake import Connection, open_lake, refuse, transaction
from tidings.storage.load import changed_records, merge, read_by_key
from tidings.storage.migrate import (
    VERSION,
    add_statistics,
    export_entries,
    migrate,
    schema_version,
)
from tidings.storage.reference import load_reference, read_csv, read_seed
from tidings.storage.writer_lock import retry_on_conflict

LINKS = """
    select s.feed_id, list(distinct e.url) from raw.feed_states as s
    inner join raw.feed_entries as e
        on s.feed_id = e.feed_id and list_contains(s.entry_ids, e.entry_id)
    where s.feed_id in (select unnest($feeds::varchar[])) and e.url is not null group by all
"""
_BUNDLED = ". This is the whole bundled list: `tidings feeds pack` lists smaller selections."


def registry_of(settings: Settings) -> tuple[list[Feed], list[Publisher]]:
    """Return the enabled sources of the feed list, and all publishers. Raises RegistryError or
    WarehouseError if a file is invalid.
    """
    feeds, all_publishers = _whole_registry(settings)
    return [feed for feed in feeds if feed.is_enabled], all_publishers


def known_publishers(settings: Settings) -> list[Publisher]:
    """Return the publishers of ``publishers.csv``."""
    return read_publishers(read_seed("publishers", settings.seeds))


def _whole_registry(settings: Settings) -> tuple[list[Feed], list[Publisher]]:
    for folder in settings.missing_seeds:
        raise RegistryError(f"TIDINGS_SEEDS: the folder {folder} does not exist.")
    known = known_publishers(settings)
    feeds, used = read_registry(read_csv(settings.feeds, ("feed_id", "url")), known)
    all_publishers = {publisher.publisher_id: publisher for publisher in (*known, *used)}
    return feeds, list(all_publishers.values())


def _moved_states(
    known: Mapping[str, Feed],
    states: Mapping[str, FeedState],
    feeds: Sequence[Feed],
    now: dt.datetime,
) -> list[FeedState]:
    """Return the reset states of sources with another URL: validators belong to a URL."""
    return [
        dataclasses.replace(states[feed.feed_id].at(feed.url), retired_at=None, next_poll_at=now)
        for feed in feeds
        if feed.feed_id in states and known[feed.feed_id].url != feed.url
    ]


def _former_publishers(
    stored: Iterable[Publisher], publishers: Sequence[Publisher]
) -> list[Publisher]:
    """Return the publishers that left the registry, without domains that it names."""
    current_ids = {publisher.publisher_id for publisher in publishers}
    owned_domains = {
        read_domain(text).name for publisher in publishers for text in publisher.domains
    }
    return [
        dataclasses.replace(
            publisher,
            domains=[text for text in publisher.domains if text.split(" ")[0] not in owned_domains],
        )
        for publisher in stored
        if publisher.publisher_id not in current_ids
    ]


def _keep_publishers(
    feeds: Sequence[Feed],
    publishers: Sequence[Publisher],
    stored_feeds: Mapping[str, Feed],
    stored: dict[str, Publisher],
) -> tuple[list[Feed], list[Publisher]]:
    """Return the feed list and its publishers, in which a source with a new URL keeps its stored
    publisher, also one that was derived from the domain of the old URL.

    It also owns the new domain, unless the row names a publisher, or a list an owner.
    """
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
    stored = read_by_key(con, Publisher)
    known = [feed for feed in feeds if feed.publisher_id in stored]
    return changed_records(claim_domains(con, known, list(stored.values())), stored)


def migrate_lake(run: Run, con: Connection) -> RightsMode:
    """Update the lake's schema, and store and return how reservations of rights are treated. The
    caller holds the writer lock.
    """
    before = schema_version(con)
    export_entries(con, run.lake.raw)
    if migrate(con):
        run.log(f"schema {VERSION} applied")
    with transaction(con):
        return store_mode(con, run.settings, run.now, is_older=0 < before < VERSION)


@retry_on_conflict
def prepare(run: Run) -> list[Feed]:
    """Update the schema, the reference data and the registry, and return the enabled sources.

    Raises WarehouseError if the lake is missing but its archive exists: else an empty lake would be
    released. Raises RuleError or PatternError for an invalid extraction rule.
    """
    refuse(run.lake.is_lost, run.lake.why_missing())
    listed, publishers = _whole_registry(run.settings)
    read_rules(read_seed("extraction_rules", run.settings.seeds))
    with run.lock(), open_lake(run.lake) as con:
        mode = migrate_lake(run, con)
        if mode.mode == "record":
            run.log(RECORDED.format(reason=str(mode.reason).rstrip(".")))
        for part in leftover_parts(run.lake.raw):
            part.unlink(missing_ok=True)
        changed = load_reference(con, run.settings.seeds, run.lake.work / "reference.state")
        known, stored = read_by_key(con, Feed), read_by_key(con, Publisher)
        listed, publishers = _keep_publishers(listed, publishers, known, stored)
        feeds = [feed for feed in listed if feed.is_enabled]
        publishers = claim_domains(con, feeds, publishers)
        moved = _moved_states(known, read_by_key(con, FeedState), feeds, run.now)
        publishers += _former_publishers(stored.values(), publishers)
        used = [feed for feed in listed if feed.is_enabled or feed.feed_id in known]
        with transaction(con):
            merge(con, changed_records(publishers, stored))
            merge(con, changed_records(used, known))
            merge(con, moved)
        add_statistics(con)
    names = set(map(attrgetter("publisher_id"), feeds))
    run.log(
        f"{counted(len(feeds), 'source')} from {counted(len(names), 'publisher')}"
        f"{_BUNDLED * run.settings.is_bundled}"
    )
    if changed:
        run.log(f"reference data written: {', '.join(changed)}")
    return feeds
