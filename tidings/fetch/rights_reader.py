"""Read, record and obey the statements about rights of the hosts that a client requests.

The client requests ``/.well-known/tdmrep.json`` and the licences that a robots file names before
the first page of a host: once a day, or once a week while the host has no such file.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from tidings.base.records import RightsFile, Robots, SourceRight
from tidings.base.urls import host_of, prepare_url
from tidings.fetch.feed.text import storable
from tidings.fetch.response import Outcome, Response
from tidings.fetch.rights import (
    MAX_FILE_BYTES,
    MAX_TEXT,
    Statement,
    decide_page,
    find_reservation,
    licence_urls,
    origin_of,
    read_header_statements,
    read_licence,
    read_meta_statements,
    read_robots_statements,
    read_tdmrep,
)

TDMREP = "/.well-known/tdmrep.json"
FRESH_FOR = dt.timedelta(days=1)
ABSENT_FOR = dt.timedelta(days=7)
# time after which one page of a host is requested again to read its headers and meta elements
REREAD_AFTER = dt.timedelta(days=30)
_KEY = attrgetter("feed_id", "host", "scope", "channel", "statement")


class RightsReader:
    """The statements about rights that one client reads: ``files_seen`` by URL, and ``rights_seen``
    of earlier runs, ordered by day, and of ``today``. Without ``obeys`` they are only recorded.
    ``reserved`` are reasons by ("page", host) and ("source", feed ID).
    """

    def __init__(
        self,
        user_agent: str,
        robots: Mapping[str, Robots],
        files: Iterable[RightsFile],
        rights: Sequence[SourceRight],
        today: dt.date,
        *,
        obeys: bool,
    ) -> None:
        self._agent = user_agent.partition("/")[0].strip()
        self._robots, self._today, self._obeys = robots, today, obeys
        self.files_seen = {file.url: file for file in files}
        self.rights_seen = {_KEY(row): row for row in rights}
        self.reserved = {
            (row.scope, row.host if row.scope == "page" else row.feed_id): _describe(
                row.statement, row.location
            )
            for row in rights
            if obeys and row.applies and today - row.last_on < REREAD_AFTER
        }
        self._by_origin: dict[tuple[str, str], list[Statement]] = {}

    def _origin_of(self, url: str) -> tuple[str, str]:
        copy = self._robots.get(origin := origin_of(url))
        return origin, (copy and copy.text) or ""

    def files_of(self, url: str) -> list[str]:
        """Return the URLs of the files that state the rights of a URL's origin."""
        origin, robots = self._origin_of(url)
        named = [prepare_url(text, f"{origin}/") for text in licence_urls(robots, self._agent)]
        return [origin + TDMREP, *filter(None, named)]

    def is_due(self, url: str, now: dt.datetime) -> bool:
        """Return whether a file must be requested."""
        file = self.files_seen.get(url)
        if file is None:
            return True
        age = now - file.asked_at
        return not dt.timedelta(0) <= age < (ABSENT_FOR if file.text == "" else FRESH_FOR)

    def store(self, url: str, response: Response, now: dt.datetime) -> None:
        """Store the response to the request of a file. A failed request keeps the last copy."""
        before = self.files_seen.get(url)
        text = before.text if before else None
        if response.is_ok and response.byte_count <= MAX_FILE_BYTES:
            text = response.body.decode("utf-8-sig", "replace")
            if url.endswith(TDMREP) and text.lstrip()[:1] == "<":
                text = ""  # many hosts respond with a page to any path
        elif response.is_ok or response.status in range(400, 500):
            text = ""
        self.files_seen[url] = RightsFile(url, now, str(response.outcome), text)
        self._by_origin.clear()

    def _statements_of(self, url: str) -> list[Statement]:
        origin, robots = self._origin_of(url)
        known = self._by_origin.get((origin, robots))
        if known is None:
            known = _located(f"{origin}/robots.txt", read_robots_statements(robots, self._agent))
            for file in self.files_of(url):
                copy = self.files_seen.get(file)
                if copy and copy.text:
                    is_tdmrep = file == origin + TDMREP
                    found = read_tdmrep(copy.text) if is_tdmrep else read_licence(copy.text, origin)
                    known += _located(file, found)
            self._by_origin[origin, robots] = known
        return known

    def refuse(self, url: str, found: Sequence[Statement] = ()) -> str | None:
        """Return why a page is not requested, or its text with the statements ``found`` not used,
        or None.
        """
        if not self._obeys:
            return None
        if one := decide_page(found) or find_reservation(self._statements_of(url), url):
            return _describe(one.text, one.location)
        return self.reserved.get(("page", host_of(url)))

    def observe(self, response: Response, expect: str) -> Response:
        """Return a response with the statements in its headers and, of a page, in its meta
        elements. A reserved page loses its body.
        """
        if response.outcome not in {Outcome.OK, Outcome.NOT_MODIFIED}:
            return response
        found = read_header_statements(response.headers)
        if expect == "page":
            found += read_meta_statements(response.body)
        found = _located(response.page_url, found)
        response = response._replace(rights=tuple(found))
        one = decide_page(found) if expect == "page" and self._obeys else None
        if one is None:
            return response
        reason = _describe(one.text, one.location)
        self.reserved["page", host_of(response.page_url)] = reason
        return response._replace(outcome=Outcome.RESERVED, reason=reason, body=b"", etag=None)

    def add(
        self, feed_id: str, publisher_id: str, url: str, scope: str, found: Sequence[Statement]
    ) -> None:
        """Record the statements in a response (``scope``: source or page) and of its site."""
        site, deciding = self._statements_of(url), decide_page(found)
        reserving = find_reservation(site, url) if scope == "page" else None
        rows = [(scope, one, one == deciding) for one in found]
        rows += [("site", one, one is reserving) for one in site]
        for place, one, is_deciding in rows:
            key = feed_id, host_of(url), place, one.channel, storable(one.text, MAX_TEXT) or ""
            location, first_on, applies = one.location, self._today, is_deciding
            if before := self.rights_seen.get(key):
                location, first_on = before.location, before.first_on
                applies |= before.applies
            self.rights_seen[key] = SourceRight(
                feed_id,
                publisher_id,
                *key[1:],
                one.meaning,
                location,
                first_on,
                self._today,
                applies,
                applies and self._obeys,
            )


def _located(url: str, statements: Iterable[Statement]) -> list[Statement]:
    return [one._replace(location=url) for one in statements]


def _describe(text: str, location: str) -> str:
    words = storable(text) or ""
    return f"The publisher reserves text and data mining ({words} in {location})."
