"""``tidings tag``: find the themes and policy areas of texts and write them as JSON lines."""

from __future__ import annotations

import datetime as dt
import json
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tidings.flows.cli.terminal import SafeConsole, UserError
from tidings.flows.extract.language import language_of
from tidings.flows.settings import read_settings
from tidings.transforms.tagging import Tagger, Text
from tidings.warehouse.reference import check_salience, read_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

_BATCH = 500


def tag(
    about: bool = typer.Option(False, "--about", help="Write only the themes that the text is about, and the main areas."),
) -> None:
    """Find the policy themes and policy areas of texts, with the word lists and rules of the nightly run.

    Input: JSON lines `{"id", "title", "text", "language", "date"}`. Only `text` or `title` is required. Without a language it is
    identified from the text. Without a title, the first 200 characters of the text take its place.

    Output: JSON lines `{"id", "language", "themes", "areas"}` in the same order. A theme has `theme_id`, `mention_count`,
    `is_about` (true: the text is about it; false: it only mentions it) and `mentions` (`phrase_id`, `field`, `start_offset`,
    `end_offset`, in characters from 0, end exclusive). An area is a major topic of the Comparative Agendas Project: `area_id`,
    `cap_code`, `area_rank`, `is_main`, `assigned_by` (title, lead or body: the first place that mentions it), `mention_count`.

    Example: `echo '{"id": 1, "title": "New tariffs on steel", "text": "…", "language": "en"}' | tidings tag`
    """
    if sys.stdin.isatty():
        raise UserError("No input: give JSON lines on standard input. See `tidings tag --help`.")
    folders = read_settings().seeds
    phrases = read_seed("theme_phrases", folders, ("phrase_id",))
    check_salience(phrases)
    tagger = Tagger(phrases, read_seed("themes", folders, ("theme_id",)))
    screen = SafeConsole(stderr=True)
    with Progress(
        SpinnerColumn(), TextColumn("{task.completed} texts"), TimeElapsedColumn(), console=screen, disable=not screen.is_terminal
    ) as bar:
        job = bar.add_task("tag")
        lines = _read_lines()
        while batch := list(islice(lines, _BATCH)):
            found = tagger.tag([text for _, text in batch])
            for (text_id, text), tags in zip(batch, found, strict=True):
                row = {"id": text_id, "language": text.language, **(_main(tags) if about else tags)}
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            bar.advance(job, len(batch))


def _main(tags: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        "themes": [theme for theme in tags["themes"] if theme["is_about"]],
        "areas": [area for area in tags["areas"] if area["is_main"]],
    }


def _read_lines() -> Iterator[tuple[Any, Text]]:
    """Yield the ID and text of each line. Raises UserError, which names the line, if one is invalid."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            yield _read_line(json.loads(line))
        except (ValueError, TypeError) as error:
            raise UserError(f"Invalid input line {number}: {error}.") from error


def _read_line(fields: Any) -> tuple[Any, Text]:
    if not isinstance(fields, dict):
        raise TypeError("it is not a JSON object")
    title, body, language, day = (fields.get(name) or "" for name in ("title", "text", "language", "date"))
    if not all(isinstance(value, str) for value in (title, body, language, day)):
        raise TypeError("title, text, language and date must be strings")
    if fields.get("title") is None and fields.get("text") is None:
        raise ValueError("it has neither text nor title")
    return fields.get("id"), Text(
        title, body, language or language_of(body or title), dt.date.fromisoformat(day[:10]) if day else None
    )
