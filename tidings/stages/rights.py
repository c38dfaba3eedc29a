"""Record what publishers state about the use of their pages, and replace the full text of reserved
pages by the title and summary of their feed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
from typing import TYPE_CHECKING, NamedTuple

from tidings.base.languages.plural import counted
from tidings.base.records import Capture, RightsFile, RightsMode, SourceRight
from tidings.base.urls import capture_key, host_of, parse_url
from tidings.fetch.feed.text import storable
from tidings.fetch.rights import MAX_TEXT, Statement, decide_page, find_reservation
from tidings.fetch.rights_reader import RightsReader, describe
from tidings.stages.land import Landing
from tidings.storage.archive import digest_of
from tidings.storage.load import merge, read_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.base.records import FeedEntry
    from tidings.base.settings import Settings
    from tidings.fetch.client import Client
    from tidings.stages.run import Run

# days after which one page of a host is requested again to read its headers and meta elements
REREAD_DAYS = 30
# days without a reading of a statement within which it counts as continued
CONTINUED_DAYS = REREAD_DAYS + 10
INHERITED = "The warehouse is older than the reading of reservations, and nobody has chosen a mode."
RECORDED = (
    "reservations of text and data mining are recorded and not obeyed ({reason})."
    " TIDINGS_RIGHTS=obey obeys them: docs/rights.md"
)


def read_mode(con: duckdb.DuckDBPyConnection) -> RightsMode | None:
    """Return the mode that the warehouse stores, or None before the first run."""
    rows = read_records(
        con, RightsMode, "true qualify row_number() over (order by since_at desc) = 1"
    )
    return next(iter(rows), None)


def store_mode(
    con: duckdb.DuckDBPyConnection, settings: Settings, now: dt.datetime, *, is_older: bool
) -> RightsMode:
    """Store the mode of a run if it differs from the stored one, and return it.

    A warehouse that is older than this table (``is_older``) starts with record, others with obey.
    The caller must have begun a transaction.
    """
    stored = read_mode(con)
    if settings.rights:
        reason = settings.rights_reason if settings.rights == "record" else None
        wanted = RightsMode(now, settings.rights, reason)
    elif stored:
        return stored
    else:
        wanted = RightsMode(now, "record", INHERITED) if is_older else RightsMode(now, "obey", None)
    if stored and (stored.mode, stored.reason) == (wanted.mode, wanted.reason):
        return stored
    merge(con, [wanted])
    return wanted


class Known(NamedTuple):
    """What the lake contains about rights at the beginning of a stage."""

    mode: RightsMode | None
    files: list[RightsFile]
    rights: list[SourceRight]

    @property
    def obeys(self) -> bool:
        """True if reservations are obeyed."""
        return self.mode is None or self.mode.mode == "obey"

    def reader(self, user_agent: str, now: dt.datetime) -> RightsReader:
        """Return a reader with the stored files and the reservations of pages."""
        since = now.date() - dt.timedelta(days=REREAD_DAYS)
        hosts = {
            row.host: Statement(row.channel, row.statement, row.meaning, "", row.location)
            for row in self.rights
            if row.scope == "page" and row.applies and row.last_on > since
        }
        return RightsReader(user_agent, self.files, hosts, obeys=self.obeys)

    def reserved_feeds(self, now: dt.datetime) -> dict[str, SourceRight]:
        """Return the reservations in the headers of feeds, by feed ID, if they are obeyed."""
        since = now.date() - dt.timedelta(days=REREAD_DAYS)
        return {
            row.feed_id: row
            for row in self.rights
            if self.obeys and row.scope == "source" and row.applies and row.last_on > since
        }


def read_known(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> Known:
    """Return the stored mode, files and the statements of the last days."""
    days = {"since": now.date() - dt.timedelta(days=CONTINUED_DAYS), "today": now.date()}
    return Known(
        read_mode(con),
        read_records(con, RightsFile),
        # not those that a run read while its clock was ahead
        read_records(con, SourceRight, "last_on between $since and $today", days),
    )


class RightsLog:
    """The statements that a stage reads, as rows that continue the stored ones."""

    def __init__(self, run: Run, client: Client, known: Known) -> None:
        self._client, self._obeys, self._today = client, known.obeys, run.now.date()
        self._rows = {_key(row): row for row in sorted(known.rights, key=_first_on)}
        self._changed: dict[tuple[str, ...], SourceRight] = {}
        self._sites: set[tuple[str, str]] = set()

    def add(
        self, feed_id: str, publisher_id: str, url: str, scope: str, found: Sequence[Statement]
    ) -> None:
        """Add the statements in a response of ``scope`` source or page, and those of the site of
        its URL.
        """
        rights, parts = self._client.rights, parse_url(url)
        robots = self._client.robots_text(parts.origin) if parts else ""
        site = rights.statements_of(parts.origin, robots) if rights and parts else []
        reserving = find_reservation(site, url) if scope == "page" else None
        for one in found:
            is_decisive = one == decide_page(found)
            self._add(feed_id, publisher_id, url, scope, one, applies=is_decisive)
        is_known = (feed_id, host_of(url)) in self._sites
        self._sites.add((feed_id, host_of(url)))
        for one in site:
            if one is reserving or not is_known:
                self._add(feed_id, publisher_id, url, "site", one, applies=one is reserving)

    def _add(
        self,
        feed_id: str,
        publisher_id: str,
        url: str,
        scope: str,
        one: Statement,
        *,
        applies: bool,
    ) -> None:
        row = SourceRight(
            feed_id=feed_id,
            publisher_id=publisher_id,
            host=host_of(url),
            scope=scope,
            channel=one.channel,
            statement=storable(one.text, MAX_TEXT) or "",
            meaning=one.meaning,
            location=one.location,
            first_on=self._today,
            last_on=self._today,
            applies=applies,
            is_obeyed=applies and self._obeys,
        )
        before = self._rows.get(_key(row))
        if before is not None:
            applies = applies or before.applies
            row = dataclasses.replace(
                row,
                first_on=before.first_on,
                location=before.location,
                applies=applies,
                is_obeyed=applies and self._obeys,
            )
        if row != before:
            self._rows[_key(row)] = self._changed[_key(row)] = row

    def drain(self) -> list[SourceRight]:
        """Return the new and changed rows since the last call."""
        changed, self._changed = list(self._changed.values()), {}
        return changed


def _key(row: SourceRight) -> tuple[str, ...]:
    return row.feed_id, row.host, row.scope, row.channel, row.statement


def _first_on(row: SourceRight) -> dt.date:
    return row.first_on


def summary_landing(
    entry: FeedEntry, publisher_id: str | None, at: dt.datetime, why: str
) -> Landing:
    """Return the landing of a feed entry's summary, or its title if it has none, which replaces the
    reserved page. ``why`` is a sentence.
    """
    url, text = entry.url or "", entry.summary or entry.title or ""
    body = f"<p>{html.escape(text)}</p>".encode()
    capture = Capture(
        capture_id=capture_key(f"{url}#summary", at),
        url=url,
        final_url=url,
        kind="entry",
        feed_id=entry.feed_id,
        publisher_id=publisher_id,
        fetched_at=at,
        outcome="ok",
        reason=why,
        status=None,
        content_type="text/html; charset=utf-8",
        digest=digest_of(body),
        byte_count=len(body),
        warc_file=None,
        warc_offset=None,
        warc_length=None,
        is_revisit=False,
        origin="live",
        covers_from=None,
        covers_until=None,
    )
    return Landing(capture, b"", body)


def why_reserved(row: SourceRight) -> str:
    """Return the sentence about a page of a source that reserves text and data mining."""
    return describe(Statement(row.channel, row.statement, row.meaning, "", row.location))


LISTED = """
    with rights as (
        select publisher_id, min(first_on) as since_on, min_by(statement, first_on) as statement,
            min_by(location, first_on) as location
        from ops.source_rights
        where applies and last_on >= $day::date - 30
        group by publisher_id
    )
    select coalesce(p.name, r.publisher_id) as name, r.publisher_id, r.since_on, r.statement,
        r.location,
        (select count(*) from core.articles as a
            where a.publisher_id = r.publisher_id and a.extractor != 'summary') as text_count
    from rights as r left join ref.publishers as p using (publisher_id)
    order by r.since_on desc, 1
"""


def list_reserved(con: duckdb.DuckDBPyConnection, day: dt.date) -> dict[str, dt.date]:
    """Return a sentence for each outlet that reserves text and data mining, with the first day. It
    states the words, and the stored full texts with the command that removes them.
    """
    sentences = {}
    for name, publisher_id, since, words, place, texts in con.execute(
        LISTED, {"day": day}
    ).fetchall():
        removal = (
            f" {counted(texts, 'full text')} stored: `tidings forget --outlet {publisher_id}`"
            " removes them."
            if texts
            else ""
        )
        sentences[f"{name}: since {since}, {words} in {place}.{removal}"] = since
    return sentences
