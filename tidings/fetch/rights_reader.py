"""Read and obey the statements about rights of the hosts that a client requests.

Robots files, headers and meta elements need no further request. The client requests the files
``/.well-known/tdmrep.json`` and the licences that a robots file names before the first page of a
host: once a day, or once a week while the host has no such file.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tidings.base.records import RightsFile
from tidings.base.urls import host_of, parse_url, prepare_url
from tidings.fetch.feed.text import storable
from tidings.fetch.response import Outcome
from tidings.fetch.rights import (
    MAX_FILE_BYTES,
    Statement,
    decide_page,
    find_reservation,
    licence_urls,
    read_header_statements,
    read_licence,
    read_meta_statements,
    read_robots_statements,
    read_tdmrep,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidings.fetch.response import Response

TDMREP = "/.well-known/tdmrep.json"
FRESH_FOR = dt.timedelta(days=1)
ABSENT_FOR = dt.timedelta(days=7)


class RightsReader:
    """The statements about rights that one client reads.

    ``files_seen`` are copies of files by URL: from earlier runs, and new ones. ``reserved_hosts``
    are hosts of which a page reserved text and data mining. ``obeys`` is False if statements are
    only recorded.
    """

    def __init__(
        self,
        user_agent: str,
        files: Iterable[RightsFile] = (),
        reserved_hosts: Mapping[str, Statement] | None = None,
        *,
        obeys: bool = True,
    ) -> None:
        self._agent = user_agent.partition("/")[0].strip()
        self.obeys = obeys
        self.files_seen = {file.url: file for file in files}
        self.reserved_hosts = dict(reserved_hosts or {})
        self._by_origin: dict[tuple[str, str], list[Statement]] = {}

    def files_of(self, origin: str, robots: str) -> list[str]:
        """Return the URLs of the files that state the rights of an origin."""
        return [origin + TDMREP, *self._licences(origin, robots)]

    def is_due(self, url: str, now: dt.datetime) -> bool:
        """Return whether a file must be requested."""
        file = self.files_seen.get(url)
        if file is None:
            return True
        age = now - file.asked_at
        return not dt.timedelta(0) <= age < (ABSENT_FOR if file.text == "" else FRESH_FOR)

    @staticmethod
    def _licences(origin: str, robots: str) -> list[str]:
        named = licence_urls(robots)
        return [url for text in named if (url := prepare_url(urljoin(f"{origin}/", text)))]

    def store(self, url: str, response: Response, now: dt.datetime) -> None:
        """Store the response to the request of a file. A failed request keeps the last copy."""
        before, text = self.files_seen.get(url), None
        if response.is_ok and response.byte_count <= MAX_FILE_BYTES:
            text = response.body.decode("utf-8-sig", "replace")
            # Many hosts respond with a page to any path.
            text = "" if url.endswith(TDMREP) and text.lstrip()[:1] == "<" else text
        elif response.is_ok or 400 <= (response.status or 0) < 500:
            text = ""
        elif before:
            text = before.text
        self.files_seen[url] = RightsFile(url, now, str(response.outcome), text)
        self._by_origin.clear()

    def statements_of(self, origin: str, robots: str) -> list[Statement]:
        """Return the statements of an origin's robots file and of the files that were read."""
        known = self._by_origin.get((origin, robots))
        if known is None:
            location = f"{origin}/robots.txt"
            known = [
                one._replace(location=location)
                for one in read_robots_statements(robots, self._agent)
            ]
            if text := self._text(origin + TDMREP):
                known += read_tdmrep(text.encode(), origin + TDMREP)
            for url in self._licences(origin, robots):
                if text := self._text(url):
                    known += read_licence(text.encode(), url, host_of(origin))
            self._by_origin[origin, robots] = known
        return known

    def _text(self, url: str) -> str | None:
        file = self.files_seen.get(url)
        return file.text if file else None

    def reservation_of(self, url: str, robots: str) -> Statement | None:
        """Return the statement that reserves a page before it is requested, or None."""
        parts = parse_url(url)
        site = find_reservation(self.statements_of(parts.origin, robots), url) if parts else None
        return site or self.reserved_hosts.get(host_of(url))

    def refuse(self, url: str, robots: str) -> str | None:
        """Return the reason why a page is not requested, or None."""
        statement = self.reservation_of(url, robots) if self.obeys else None
        return describe(statement) if statement else None

    def observe(self, response: Response, expect: str) -> Response:
        """Return a response with the statements in its headers and, of a page, in its meta
        elements. The body of a page that reserves its text is dropped.
        """
        if response.outcome not in {Outcome.OK, Outcome.NOT_MODIFIED}:
            return response
        found = read_header_statements(response.headers)
        if expect == "page":
            found += read_meta_statements(response.body)
        if not found:
            return response
        found = [one._replace(location=response.page_url) for one in found]
        response = response._replace(rights=tuple(found))
        reservation = decide_page(found) if expect == "page" else None
        if reservation is None:
            return response
        self.reserved_hosts[host_of(response.page_url)] = reservation
        if not self.obeys:
            return response
        return response._replace(
            outcome=Outcome.RESERVED, reason=describe(reservation), body=b"", etag=None
        )


def describe(statement: Statement) -> str:
    """Return the sentence about a page whose publisher reserves its text."""
    text = storable(statement.text) or ""
    return f"The publisher reserves text and data mining ({text} in {statement.location})."
