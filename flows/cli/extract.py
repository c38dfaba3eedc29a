"""``tidings extract``: pages as JSON lines in, articles as JSON lines out."""

from __future__ import annotations

import base64
import binascii
import csv
import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows.settings import SettingsError, read_settings
from flows.steps.clean import Cleaned, ExtractionRule, Page, Unclean, clean_batch, explain, read_rules
from flows.steps.clean.explanation import describe
from flows.steps.pace import domain_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIELDS = ("id", "title", "text", "published_at", "authors", "section", "language", "extractor", "agreement")


def extract(
    explain_choice: bool = typer.Option(
        False, "--explain", help="Show what each candidate picked and why, instead of JSON lines."
    ),
    workers: int = typer.Option(0, "--workers", help="Processes to clean in; 0: as TIDINGS_WORKERS says.", min=0),
    timeout: float = typer.Option(20, "--timeout", help="Seconds that a page may take before it is given up."),
    memory: int = typer.Option(1024, "--memory", help="Megabytes that a page may take."),
) -> None:
    """Cleans pages given as JSON lines on standard input: a JSON line each on standard output, in order, as they are done.

    In: `{"id", "url", "html"}` or `{"id", "url", "html_base64"}`; `content_type` too where a server told it.

    Out: `{"id", "title", "text", "published_at", "authors", "section", "language", "extractor", "agreement"}`. A page that
    could not be read carries `outcome` and `reason` and an empty text. A page that is no article carries `excluded_reason`.

    `tidings extract --explain < page.jsonl` shows how the text was found, for writing a rule into seeds/extraction_rules.csv.
    """
    settings = read_settings()
    rules = _rules(settings.seeds)
    zones = _publishers(settings.seeds)
    ids: list[Any] = []
    pages = _pages(ids, rules, zones)
    if explain_choice:
        for number, page in enumerate(pages):
            print(describe(str(ids[number]), page, explain(page)))
        return
    screen = Console(stderr=True)
    with Progress(
        SpinnerColumn(), TextColumn("{task.completed} pages"), TimeElapsedColumn(), console=screen, disable=not screen.is_terminal
    ) as bar:
        job = bar.add_task("clean")
        for number, (_, found) in enumerate(clean_batch(pages, workers or settings.workers, timeout, memory)):
            sys.stdout.write(json.dumps(_row(ids[number], found), ensure_ascii=False) + "\n")
            sys.stdout.flush()
            bar.advance(job)


def _row(page_id: Any, found: Cleaned | Unclean) -> dict[str, Any]:
    """Return the line for a page; a day without a time of day is written as a day."""
    if isinstance(found, Unclean):
        row: dict[str, Any] = dict.fromkeys(_FIELDS)
        return row | {"id": page_id, "text": "", "authors": [], "outcome": found.outcome, "reason": found.reason}
    at = found.published_at
    row = {
        "id": page_id,
        "title": found.title or None,
        "text": found.body_text,
        "published_at": None if at is None else at.date().isoformat() if found.date_quality == "day_only" else at.isoformat(),
        "authors": list(found.authors),
        "section": found.section,
        "language": found.language,
        "extractor": found.extractor,
        "agreement": found.agreement,
    }
    return row | ({"excluded_reason": found.excluded_reason} if found.excluded_reason else {})


def _pages(ids: list[Any], rules: tuple[ExtractionRule, ...], publishers: dict[str, tuple[str, str]]) -> Iterator[Page]:
    """Yield the pages of standard input and note their ids; raises SettingsError naming the line that is no page."""
    now = dt.datetime.now(dt.UTC)
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
            url = str(told["url"])
            body = (
                base64.b64decode(told["html_base64"]) if "html_base64" in told else str(told["html"]).encode("utf-8", "replace")
            )
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            what = f"{type(error).__name__}: {error}"
            message = f"line {number} of the input is no page: it needs id, url and html or html_base64 ({what})."
            raise SettingsError(message) from error
        ids.append(told.get("id", url))
        content_type = told.get("content_type") or ("text/html; charset=utf-8" if "html" in told else None)
        publisher, zone = publishers.get(_domain(url), ("", "UTC"))
        yield Page(
            url,
            told.get("final_url") or url,
            body,
            content_type,
            now,
            zone,
            tuple(r for r in rules if r.publisher_id == publisher),
        )


def _domain(url: str) -> str:
    try:
        return domain_of(urlsplit(url).hostname or "")
    except ValueError:
        return ""


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


def _publishers(folders: tuple[Path, ...]) -> dict[str, tuple[str, str]]:
    """Return publisher and time zone by registrable domain."""
    found = {}
    for row in _read(folders, "publishers.csv"):
        for domain in filter(None, (row.get("domains") or "").split("|")):
            found[domain_of(domain.strip())] = (row["publisher_id"], row.get("time_zone") or "UTC")
    return found
