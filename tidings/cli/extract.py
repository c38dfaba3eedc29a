"""``tidings extract``: extract articles from pages and write them as JSON lines."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidings.base.decode import decode
from tidings.base.owners import Owners
from tidings.base.settings import Settings, read_settings
from tidings.cli.fetch import open_unpaced
from tidings.cli.json_lines import read_lines, write_lines
from tidings.cli.terminal import UserError
from tidings.extraction import Cleaned, Page, Unclean, clean_batch, explain, read_rules
from tidings.extraction.article import describe
from tidings.extraction.batch import CPU_SECONDS, MEMORY_MB
from tidings.extraction.document import kind_of
from tidings.extraction.page_metadata import canonical_of, read_declared
from tidings.extraction.parse import parse
from tidings.stages.prepare import registry_of
from tidings.storage.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.fetch.response import Response

_BODIES = {"html", "html_base64"}
_FIELDS = [
    "id",
    "title",
    "text",
    "published_at",
    "authors",
    "section",
    "language",
    "page_kind",
    "extractor",
    "agreement",
    "extraction_confidence",
]


def extract(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[URL|FILE]...",
            help="URLs, saved pages or documents. Default: JSON lines on standard input.",
        ),
    ] = None,
    explain_choice: bool = typer.Option(
        False, "--explain", help="Explain the choice of the text instead of writing JSON lines."
    ),
    url: str | None = typer.Option(
        None, "--url", help="URL of a saved page. Default: the URL that the page declares."
    ),
    workers: int = typer.Option(
        0, "--workers", help="Number of worker processes. 0: the value of TIDINGS_WORKERS.", min=0
    ),
    timeout: float = typer.Option(
        CPU_SECONDS, "--timeout", help="Limit of CPU time per page, in seconds.", min=0.1, max=86400
    ),
    memory: int = typer.Option(
        MEMORY_MB, "--memory", help="Memory limit per page, in megabytes.", min=64
    ),
) -> None:
    """Extract articles from URLs, saved pages, PDF and Word files or JSON lines, and write one JSON
    line each in the same order.

    Input: `{"id", "url", "html"}` or `{"id", "url", "html_base64"}`, optionally with `content_type`
    from the response header.

    Output: `{"id", "title", "text", "published_at", "authors", "section", "language", "page_kind",
    "extractor", "agreement", "extraction_confidence"}`. The confidence is the probability, 0 to 1,
    that the text is right; null if a rule defines the text. If a page is unreadable, the line has
    an empty text and the fields `outcome` and `reason`. If a page is not counted as an article, the
    line has the field `excluded_reason`. A PDF file has `page_offsets`, the position of each page's
    first character in the text. A page that only leads to a document has `document_url`.

    `tidings extract --explain https://example.org/a/page.html` shows the candidates for the text
    and the reasons for the choice. Use it before you write a rule in seeds/extraction_rules.csv.
    """
    settings = read_settings()
    source = PageSource(settings)
    pages = (
        source.read_named(names, url) if names else read_lines("extract", None, source.read_line)
    )
    if explain_choice:
        for number, page in enumerate(pages):
            print(describe(str(source.ids[number]), page, explain(page)))
        return
    results = clean_batch(pages, workers or settings.workers, timeout, memory)
    rows = (_row(source.ids[number], result.found) for number, (_, result) in enumerate(results))
    write_lines(rows, "pages")


def _row(page_id: Any, result: Cleaned | Unclean) -> dict[str, Any]:
    """Return the fields for a page. If only the day of publication is known, ``published_at`` is a
    date.
    """
    row: dict[str, Any] = dict.fromkeys(_FIELDS) | {"id": page_id, "text": "", "authors": []}
    if isinstance(result, Unclean):
        return row | {"outcome": result.outcome, "reason": result.reason}
    row |= {name: getattr(result, name) for name in _FIELDS[5:]}
    at = result.published_at
    if at:
        row["published_at"] = (at.date() if result.date_quality == "day_only" else at).isoformat()
    row |= {"title": result.title or None, "text": result.body_text}
    row["authors"] = list(result.authors)
    for name in ("excluded_reason", "page_offsets", "document_url"):
        if value := getattr(result, name):
            row[name] = value
    return row


class PageSource:
    """Read pages from URLs, files or standard input, with the time zones and extraction rules of
    their publishers.

    ``ids`` contains the ID of each page that was read.
    """

    def __init__(self, settings: Settings) -> None:
        """Read publishers and extraction rules. Raises RuleError, PatternError, RegistryError or
        WarehouseError.
        """
        self.ids: list[Any] = []
        self._settings = settings
        self._rules = read_rules(read_seed("extraction_rules", settings.seeds, ("rule_id",)))
        publishers = registry_of(settings)[1]
        self._zones = {publisher.publisher_id: publisher.time_zone for publisher in publishers}
        self._owners = Owners(publishers)

    def read_named(self, names: list[str], url: str | None) -> Iterator[Page]:
        """Yield the pages of URLs and files. Raises UserError if a page is unavailable.

        ``url`` is the URL of a saved page. If it is None, the function uses the URL that the page
        declares.
        """
        for name in names:
            if name.startswith(("http://", "https://")):
                answer = asyncio.run(_fetch(name, self._settings))
                if not answer.is_ok:
                    raise UserError(f"{name}: {answer.reason or answer.outcome.value}")
                yield self._page(name, name, answer.page_url, answer.body, answer.content_type)
            else:
                try:
                    body = Path(name).read_bytes()
                except OSError as error:
                    raise UserError(
                        f"{name} is not a URL (https://…), and not a readable file:"
                        f" {error.strerror}."
                    ) from error
                page_url = url or _declared_url(body) or Path(name).resolve().as_uri()
                yield self._page(name, page_url, page_url, body, None)

    def read_line(self, fields: Any) -> Page:
        """Return the page of a JSON line. Raises ValueError or TypeError if it is invalid."""
        if not isinstance(fields, dict) or "url" not in fields or _BODIES.isdisjoint(fields):
            raise ValueError("it needs url, and html or html_base64")
        url, content_type = str(fields["url"]), fields.get("content_type")
        if "html_base64" in fields:
            body = base64.b64decode(fields["html_base64"])
        else:
            body = str(fields["html"]).encode("utf-8", "replace")
            content_type = content_type or "text/html; charset=utf-8"
        return self._page(
            fields.get("id", url), url, fields.get("final_url") or url, body, content_type
        )

    def _page(
        self, page_id: Any, url: str, final_url: str, body: bytes, content_type: str | None
    ) -> Page:
        self.ids.append(page_id)
        owner, now = self._owners.owner_of(final_url, None) or "", dt.datetime.now(dt.UTC)
        rules = tuple(rule for rule in self._rules if rule.publisher_id == owner)
        zone = self._zones.get(owner, "UTC")
        return Page(url, final_url, body, content_type, now, zone, rules)


async def _fetch(url: str, settings: Settings) -> Response:
    async with open_unpaced(settings) as client:
        return await client.fetch(url, "page")


def _declared_url(body: bytes) -> str | None:
    """Return the absolute URL that a saved page declares as its own, or None; documents declare
    none.
    """
    tree = None if kind_of(body) else parse(decode(body, None))
    url = canonical_of(read_declared(tree), "") if tree is not None else None
    return url if url and url.startswith("http") else None
