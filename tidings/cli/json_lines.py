"""Read JSON lines from a file or from standard input, and write JSON lines to standard output."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tidings.cli.terminal import SafeConsole, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    Parsed = TypeVar("Parsed")


def read_lines(command: str, path: Path | None, parse: Callable[[Any], Parsed]) -> Iterator[Parsed]:
    """Yield the parsed value of each line of a file, or of standard input if there is no path.

    Raises:
        UserError: If there is no input, or ``parse`` raises ValueError, TypeError or KeyError; the
            message names the line.
    """
    if path is None and sys.stdin.isatty():
        raise UserError(
            f"No input: give JSON lines on standard input, or a file. See `tidings {command}"
            " --help`."
        )
    try:
        opened = path.open("rb") if path else contextlib.nullcontext(sys.stdin.buffer)
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.") from error
    with opened as lines:
        for number, line in enumerate(lines, start=1):
            try:
                parsed = parse(json.loads(line)) if line.strip() else None
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise UserError(f"Invalid input line {number}: {error}.") from error
            if parsed is not None:
                yield parsed


def write_lines(rows: Iterable[Mapping[str, Any]], noun: str) -> None:
    """Write each row as soon as it is complete, and show their number on a terminal."""
    screen = SafeConsole(stderr=True)
    columns = (SpinnerColumn(), TextColumn(f"{{task.completed}} {noun}"), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        for row in bar.track(rows, total=None):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            sys.stdout.flush()
