"""``tidings extract``: pages in, articles as JSON lines out."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tidings.flows.cli.page_source import PageSource
from tidings.flows.cli.screen import Screen
from tidings.flows.extract import Cleaned, Unclean, clean_batch, explain
from tidings.flows.extract.batch import CPU_SECONDS, MEMORY_MB
from tidings.flows.extract.rules import describe
from tidings.flows.settings import read_settings

_FIELDS = ("id", "title", "text", "published_at", "authors", "section", "language", "extractor", "agreement")


def extract(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[URL|FILE]...", help="Addresses or saved pages; none: JSON lines on standard input."),
    ] = None,
    explain_choice: bool = typer.Option(
        False, "--explain", help="Show what each candidate picked and why, instead of JSON lines."
    ),
    url: str | None = typer.Option(None, "--url", help="The address of a saved page; else the one that it declares."),
    workers: int = typer.Option(0, "--workers", help="Processes to clean in; 0: as TIDINGS_WORKERS says.", min=0),
    timeout: float = typer.Option(CPU_SECONDS, "--timeout", help="Limit of CPU time per page, in seconds.", min=0.1, max=86400),
    memory: int = typer.Option(MEMORY_MB, "--memory", help="Memory limit per page, in megabytes.", min=64),
) -> None:
    """Cleans pages: addresses, saved files, or JSON lines on standard input. A JSON line each on standard output, in order.

    In: `{"id", "url", "html"}` or `{"id", "url", "html_base64"}`; `content_type` too where a server told it.

    Out: `{"id", "title", "text", "published_at", "authors", "section", "language", "extractor", "agreement"}`. A page that
    could not be read carries `outcome` and `reason` and an empty text. A page that is no article carries `excluded_reason`.

    `tidings extract --explain https://example.org/a/page.html` shows how the text was found, for writing a rule into
    seeds/extraction_rules.csv.
    """
    settings = read_settings()
    source = PageSource(settings)
    pages = source.named(names, url) if names else source.lines()
    if explain_choice:
        for number, page in enumerate(pages):
            print(describe(str(source.ids[number]), page, explain(page)))
        return
    screen = Screen(stderr=True)
    with Progress(
        SpinnerColumn(), TextColumn("{task.completed} pages"), TimeElapsedColumn(), console=screen, disable=not screen.is_terminal
    ) as bar:
        job = bar.add_task("clean")
        for number, (_, result) in enumerate(clean_batch(pages, workers or settings.workers, timeout, memory)):
            sys.stdout.write(json.dumps(_row(source.ids[number], result.found), ensure_ascii=False) + "\n")
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
