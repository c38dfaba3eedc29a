"""``tidings quote``: find the statements in texts and their speakers, and write them as JSON
lines.
"""

from __future__ import annotations

from pathlib import Path

import typer

from tidings import api
from tidings.base.settings import read_settings
from tidings.cli.json_lines import annotate_lines


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
    annotate_lines(
        "quote",
        lambda texts: [{"statements": quoter.quote(text)} for text in texts],
        ("text",),
        file,
    )
