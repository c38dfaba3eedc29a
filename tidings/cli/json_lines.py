"""Read texts as JSON lines and write one JSON line of results for each: the input and output of
``tag`` and ``quote``.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from typing import TYPE_CHECKING, Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tidings.annotation.tagging import Text
from tidings.cli.terminal import SafeConsole, UserError
from tidings.extraction.language import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    Annotate = Callable[[Sequence[Text]], Iterable[dict[str, Any]]]

_BATCH = 500
_HALF = re.compile("[\ud800-\udfff]")


def annotate_lines(
    command: str, annotate: Annotate, needed: Sequence[str], path: Path | None = None
) -> None:
    """Write the ID, the language and the results of each text of a file, or of standard input, in
    the same order.

    Args:
        command: Name of the command, for the progress display and messages.
        annotate: Function that returns the results of each text of a batch.
        needed: Fields of which each line must have at least one.
        path: File to read, or None for standard input.

    Raises:
        UserError: If there is no input or a line is invalid. The results of the lines before it
            have been written.
    """
    if path is None and sys.stdin.isatty():
        raise UserError(
            f"No input: give JSON lines on standard input. See `tidings {command} --help`."
        )
    screen = SafeConsole(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed} texts"),
        TimeElapsedColumn(),
        console=screen,
        disable=not screen.is_terminal,
    ) as bar:
        job = bar.add_task(command)
        for batch in _read_batches(_read_lines(_open_lines(path), needed)):
            for (text_id, text), results in zip(
                batch, annotate([text for _, text in batch]), strict=True
            ):
                row = {"id": text_id, "language": text.language, **results}
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            bar.advance(job, len(batch))


def _open_lines(path: Path | None) -> Iterator[bytes]:
    """Yield the lines of a file or of standard input. Raises UserError if the file cannot be
    read.
    """
    if path is None:
        yield from sys.stdin.buffer
        return
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.") from error


def _read_batches(lines: Iterable[tuple[Any, Text]]) -> Iterator[list[tuple[Any, Text]]]:
    """Yield the texts in batches. If a line is invalid, yield the texts before it and then raise
    its error.
    """
    batch: list[tuple[Any, Text]] = []
    invalid: UserError | None = None
    try:
        for line in lines:
            batch.append(line)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except UserError as error:
        invalid = error
    if batch:
        yield batch
    if invalid:
        raise invalid


def _read_lines(lines: Iterable[bytes], needed: Sequence[str]) -> Iterator[tuple[Any, Text]]:
    """Yield the ID and text of each line. Raises UserError, which names the line, if one is
    invalid.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _read_line(json.loads(line), needed)
        except (ValueError, TypeError, RecursionError) as error:
            raise UserError(f"Invalid input line {number}: {error}.") from error


def _read_day(day: str) -> dt.date | None:
    """Return the day of a date or of an instant in ISO 8601; None if it is empty."""
    return dt.datetime.fromisoformat(day).date() if day else None


def _read_line(fields: Any, needed: Sequence[str]) -> tuple[Any, Text]:
    if not isinstance(fields, dict):
        raise TypeError("it is not a JSON object")
    title, body, language, day = (
        "" if fields.get(name) is None else fields[name]
        for name in ("title", "text", "language", "date")
    )
    if not all(isinstance(value, str) for value in (title, body, language, day)):
        raise TypeError("title, text, language and date must be strings")
    if any(_HALF.search(value) for value in (title, body, language)):
        raise ValueError("it contains half of a surrogate pair")
    if all(fields.get(name) is None for name in needed):
        raise ValueError(f"it has no {' or '.join(needed)}")
    return fields.get("id"), Text(
        title, body, language or language_of(body or title), _read_day(day)
    )
