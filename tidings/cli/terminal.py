"""Terminal output, in which external text cannot control the terminal."""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.segment import Segment
from rich.table import Table
from rich.text import Text
from typer import Option

from tidings.analysis import inputs
from tidings.base.messages import printable

RunTime = Annotated[
    str, Option(help="Run time (ISO 8601 with time zone). Default: the current time.")
]
ReleaseName = Annotated[
    str | None, Option(help="Release ID, or a date: the last release on or before that day.")
]
FeedList = Annotated[
    Path | None,
    Option(help="Feed list (CSV with columns feed_id and url). Default: the list in use."),
]


def group(text: str, **options: Any) -> typer.Typer:
    """Return a command with subcommands, and its help."""
    return typer.Typer(add_completion=False, rich_markup_mode="markdown", help=text, **options)


UserError = inputs.InputError
refuse = inputs.refuse


class SafeConsole(Console):
    """A rich console that reads no markup or emoji codes and escapes control characters. Use
    ``rich.text.Text`` for bold and colours.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, "highlight": False} | options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text, escaped before its width is measured, so that a cell is not cut."""
        return super().render_str(printable(text), **options)

    def render(self, *args: Any, **kwargs: Any) -> Iterable[Segment]:
        """Yield the segments of a renderable, with control characters escaped."""
        for segment in super().render(*args, **kwargs):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


def display(*objects: Any, **options: Any) -> None:
    """Print texts and tables to standard output, as a ``SafeConsole`` does."""
    SafeConsole().print(*objects, **options)


def headed(heading: str, text: str = "") -> Text:
    """Return a text that begins with a bold heading."""
    return Text.assemble((heading, "bold"), text)


def table_of(columns: Iterable[str], rows: Iterable[Iterable[Any]], title: str = "") -> Table:
    """Return a table. A column whose name starts with ``>`` is aligned right."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in columns:
        justify: Any = "right" if name.startswith(">") else "left"
        table.add_column(name.removeprefix(">"), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(value: Any) -> Any:
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, Text) else str("" if value is None else value)


class PrintableStream:
    """A stream that makes text printable for another stream. Rich bypasses it: see SafeConsole."""

    def __init__(self, stream: Any) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Write a text and return its length."""
        self.rich_proxied_file.write(printable(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def guard_output() -> None:
    """Escape control and unencodable characters on standard output and standard error."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if not isinstance(stream, PrintableStream):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, PrintableStream(stream))


def use_feeds(path: Path | None) -> None:
    """Let this process use a feed list, if any is given. Raises UserError if it does not exist."""
    if path:
        refuse(not path.is_file(), f"Feed list not found: {path}.")
        os.environ["TIDINGS_FEEDS"] = str(path.resolve())


@contextlib.contextmanager
def file_errors(
    action: str, path: Path, invalid: type[Exception] | tuple[()] = ()
) -> Iterator[None]:
    """Raise UserError if the block cannot ``read`` or ``write`` a file, or finds it ``invalid``."""
    try:
        yield
    except invalid as error:
        raise UserError(f"{path}: {error}") from error
    except OSError as error:
        raise UserError(f"Cannot {action} {path}: {error.strerror or error}.") from error


def note(text: str) -> None:
    """Print a line that is no result to standard error."""
    print(text, file=sys.stderr)


def print_progress(text: str) -> None:
    """Print a progress line to standard error."""
    note(f"tidings: {text}")
