"""``tidings tag`` and ``quote``: read texts as JSON lines, find themes or statements, and write one
JSON line of results for each.
"""

from __future__ import annotations

import datetime as dt
import re
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tidings import api
from tidings.annotation.tagging import Text
from tidings.base.settings import read_settings
from tidings.cli.json_lines import read_lines, write_lines
from tidings.cli.terminal import UserError
from tidings.extraction.language import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Annotate = Callable[[Sequence[Text]], Iterable[dict[str, Any]]]

_BATCH = 500
_HALF = re.compile("[\ud800-\udfff]")


def tag(
    file: Path | None = typer.Argument(
        None, help="File with JSON lines; without it, the command reads standard input."
    ),
    about: bool = typer.Option(
        False, "--about", help="Write only the themes that the text is about, and the main areas."
    ),
) -> None:
    """Find the policy themes and policy areas of texts, with the word lists and rules of the
    nightly run.

    Input: JSON lines `{"id", "title", "text", "language", "date"}`. Only `text` or `title` is
    required. Without a language it is identified from the text. Without a title, the first 200
    characters of the text take its place.

    Output: JSON lines `{"id", "language", "themes", "areas"}` in the same order. A theme has
    `theme_id`, `mention_count`, `is_about` (true: the text is about it; false: it only mentions it)
    and `mentions` (`phrase_id`, `field`, `start_offset`, `end_offset`, in characters from 0, end
    exclusive). An area is a major topic of the Comparative Agendas Project: `area_id`, `cap_code`,
    `area_rank`, `is_main`, `assigned_by` (title, lead or body: the first place that mentions it),
    `mention_count`.

    Example: `echo '{"id": 1, "title": "New tariffs on steel", "text": "…", "language": "en"}' |
    tidings tag`
    """
    tagger = api.tagger(read_settings().seeds)
    _write(
        "tag",
        lambda texts: [_main(tags) if about else tags for tags in tagger.tag(texts)],
        ("text", "title"),
        file,
    )


def _main(tags: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        "themes": [theme for theme in tags["themes"] if theme["is_about"]],
        "areas": [area for area in tags["areas"] if area["is_main"]],
    }


def quote(
    file: Path | None = typer.Argument(
        None, help="File with JSON lines; without it, the command reads standard input."
    ),
) -> None:
    """Find the statements in texts and their speakers, with the lists and rules of the nightly run.

    Input: JSON lines `{"id", "text", "language", "date"}`. Only `text` is required. Without a
    language it is identified from the text. On the `date`, a listed person must hold an office that
    the text mentions without a name; without a date, on any day.

    Output: JSON lines `{"id", "language", "statements"}` in the same order. A statement has `start`
    and `end` (the sentence, with its whole quotation), `speaker` (name or noun as written; for a
    pronoun, the name to which it refers), `speaker_start`, `speaker_end`, `kind` (person, body,
    role, collective or unnamed), `gender` (female or male, if the text states it), `person_id` and
    `office` (if `speakers.csv` identifies the person), and `verb` as written. Unknown values are
    null. Offsets are characters of `text` from 0, end exclusive.

    An invalid line ends the command with status 1, after the results of the lines before it.

    Example: `echo '{"id": 1, "text": "“Growth is slow,” said Christine Lagarde.", "language":
    "en"}' | tidings quote`
    """
    quoter = api.quoter(read_settings().seeds)
    _write(
        "quote",
        lambda texts: [{"statements": quoter.quote(text)} for text in texts],
        ("text",),
        file,
    )


def _write(command: str, annotate: Annotate, needed: Sequence[str], path: Path | None) -> None:
    """Write the ID, the language and the results of each text, in order.

    ``annotate`` returns the results of each text of a batch, and ``needed`` are the fields of which
    each line must have at least one.
    """
    lines = read_lines(command, path, lambda fields: _read_text(fields, needed))
    rows = (
        {"id": text_id, "language": text.language, **results}
        for batch in _batches(lines)
        for (text_id, text), results in zip(batch, annotate([t for _, t in batch]), strict=True)
    )
    write_lines(rows, "texts")


def _batches(lines: Iterable[tuple[Any, Text]]) -> Iterator[list[tuple[Any, Text]]]:
    """Yield the texts in batches. If a line is invalid, yield the texts before it, and then raise
    its error.
    """
    batch: list[tuple[Any, Text]] = []
    try:
        for line in lines:
            batch.append(line)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except UserError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _read_text(fields: Any, needed: Sequence[str]) -> tuple[Any, Text]:
    if not isinstance(fields, dict):
        raise TypeError("it is not a JSON object")
    values = {name: value for name, value in fields.items() if value is not None}
    names = ("title", "text", "language", "date")
    title, body, language, day = texts = list(map(values.get, names, repeat("")))
    if set(map(type, texts)) != {str}:
        raise TypeError("title, text, language and date must be strings")
    if _HALF.search(title + body + language):
        raise ValueError("it contains half of a surrogate pair")
    if values.keys().isdisjoint(needed):
        raise ValueError(f"it has no {' or '.join(needed)}")
    date = dt.datetime.fromisoformat(day).date() if day else None
    return fields.get("id"), Text(title, body, language or language_of(body or title), date)
