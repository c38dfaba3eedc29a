"""The pages that ``tidings extract`` is given: addresses, saved files or JSON lines, with their publishers' zones and rules."""

from __future__ import annotations

import asyncio
import base64
import binascii
import csv
import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidings.flows.cli.places import UserError
from tidings.flows.decode import decode
from tidings.flows.extract import ExtractionRule, Page, read_rules
from tidings.flows.extract.page_metadata import canonical_of, read_declared
from tidings.flows.extract.parse import parse
from tidings.flows.fetch.client import ClientSettings, open_client
from tidings.flows.fetch.registry import RegistryError, read_publishers
from tidings.flows.owners import Owners
from tidings.flows.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.flows.fetch.response import Response
    from tidings.warehouse.records import Publisher


class PageSource:
    """Pages with the zone and rules of their publishers, as the seeds and the user's own tables have them.

    ``ids`` grows by the name of each page as it is drawn.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the tables; raises SettingsError where one cannot be read."""
        self.ids: list[Any] = []
        self._settings = settings
        self._rules = _rules(settings.seeds)
        self._publishers = {one.publisher_id: one for one in _publishers(settings.seeds)}
        self._owners = Owners(self._publishers.values())

    def named(self, names: list[str], url: str | None) -> Iterator[Page]:
        """Yield the pages at these addresses and in these files; raises UserError where there is none.

        ``url`` is the address of a saved file; else the one that the file declares.
        """
        for name in names:
            if name.startswith(("http://", "https://")):
                response = asyncio.run(_fetch(name, self._settings))
                if not response.is_ok:
                    raise UserError(f"{name}: {response.reason or response.outcome.value}")
                yield self._page(name, name, response.final_url or name, response.body, response.content_type)
            else:
                try:
                    body = Path(name).read_bytes()
                except OSError as error:
                    raise UserError(
                        f"{name} is no address (https://…), and no file can be read there: {error.strerror}."
                    ) from error
                address = url or _declared_address(body) or Path(name).resolve().as_uri()
                yield self._page(name, address, address, body, None)

    def lines(self) -> Iterator[Page]:
        """Yield the pages of the JSON lines of standard input; raises SettingsError naming the line that is no page."""
        if sys.stdin.isatty():
            raise UserError("give addresses or saved pages, or JSON lines on standard input; tidings extract --help tells more.")
        for number, line in enumerate(sys.stdin.buffer, start=1):
            if not line.strip():
                continue
            try:
                told = json.loads(line)
                url = str(told["url"])
                is_text = "html_base64" not in told
                body = str(told["html"]).encode("utf-8", "replace") if is_text else base64.b64decode(told["html_base64"])
            except (ValueError, KeyError, TypeError, binascii.Error) as error:
                what = f"{type(error).__name__}: {error}"
                message = f"line {number} of the input is no page: it needs id, url and html or html_base64 ({what})."
                raise SettingsError(message) from error
            content_type = told.get("content_type") or ("text/html; charset=utf-8" if "html" in told else None)
            yield self._page(told.get("id", url), url, told.get("final_url") or url, body, content_type)

    def _page(self, page_id: Any, url: str, final_url: str, body: bytes, content_type: str | None) -> Page:
        self.ids.append(page_id)
        now = dt.datetime.now(dt.UTC)
        publisher = self._publishers.get(self._owners.owner_of(final_url, None) or "")
        rules = tuple(rule for rule in self._rules if publisher and rule.publisher_id == publisher.publisher_id)
        return Page(url, final_url, body, content_type, now, publisher.time_zone if publisher else "UTC", rules)


async def _fetch(url: str, settings: Settings) -> Response:
    options = ClientSettings(user_agent=settings.user_agent, allow_hosts=settings.allow_hosts, host_gap=0.0, is_paced=False)
    async with open_client(options, lambda: dt.datetime.now(dt.UTC)) as client:
        return await client.fetch(url, "page")


def _declared_address(body: bytes) -> str | None:
    """Return the absolute address that a saved page declares for itself, or None."""
    tree = parse(decode(body, None))
    found = canonical_of(read_declared(tree), "") if tree is not None else None
    return found if found and found.startswith("http") else None


def _read(folders: tuple[Path, ...], name: str) -> Iterator[dict[str, str]]:
    for folder in folders:
        path = folder / name
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                yield from csv.DictReader(file)


def _rules(folders: tuple[Path, ...]) -> tuple[ExtractionRule, ...]:
    rows = {row.get("rule_id"): row for row in _read(folders, "extraction_rules.csv")}
    try:
        return read_rules(list(rows.values()))
    except ValueError as error:
        raise SettingsError(f"{error}.") from error


def _publishers(folders: tuple[Path, ...]) -> list[Publisher]:
    rows = {row["publisher_id"]: row for row in _read(folders, "publishers.csv")}
    try:
        return read_publishers(rows.values())
    except RegistryError as error:
        raise SettingsError(str(error)) from error
