"""Show the rows of a query in a terminal of any width: as a table, with wrapped texts, or one
column per line.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from tidings.base.languages.plural import counted
from tidings.base.messages import printable
from tidings.base.tables import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.cli.terminal import SafeConsole


MAX_CHARACTERS = 300  # of a cell; the other formats have the whole text
MIN_WIDTH = 12  # of a column of texts
MAX_WORD_WIDTH = 30  # longer words, such as URLs, continue on the next line
MAX_LINES = 6  # of a row; with more lines, the columns are shown one per line
_NUMBERS = {int, float, Decimal}
_SHORT = {*_NUMBERS, bool, dt.date, dt.datetime, dt.time}  # types whose texts do not wrap
GAP = 2
MAX_DECIMALS = 6
SIGNIFICANT = 3


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as it is shown: its name, a text for each row, the narrowest useful width, and the
    width of its longest cell.
    """

    name: str
    cells: list[str]
    is_number: bool
    least: int
    longest: int


def show_rows(
    console: SafeConsole, names: Sequence[str], rows: Sequence[Sequence[Any]], most_rows: int
) -> None:
    """Print up to ``most_rows`` rows and their number; numbers are rounded to three significant
    digits.

    Args:
        console: Its width decides how the rows are shown.
        names: Names of the columns.
        rows: Rows of any Python values that DuckDB returns. More than ``most_rows`` rows mean that
            the result has more.
        most_rows: Number of rows to print.
    """
    shown = rows[:most_rows]
    columns = [
        _column(printable(name), [row[number] for row in shown])
        for number, name in enumerate(names)
    ]
    widths = _fit(columns, console.width)
    if widths and all(_line_count(columns, widths, n) <= MAX_LINES for n in range(len(shown))):
        console.print(_table(columns, widths, len(shown)))
    elif shown:
        _print_lines(console, columns, len(shown))
    else:
        console.print(Text(", ".join(names)))
    count = counted(len(shown), "row")
    count = f"first {count}; the other formats have all rows" if len(rows) > most_rows else count
    console.print(count, style="dim")


def _column(name: str, values: list[Any]) -> _Column:
    kinds = set(map(type, values)) - {type(None)}
    decimals = _decimals([abs(value) for value in values if isinstance(value, float)])
    cells = [_cell(value, decimals) for value in values]
    least = longest = max(map(cell_len, cells), default=0)
    if not kinds <= _SHORT:
        # Chinese wraps anywhere
        words = [len(word) for word in " ".join(cells).split() if len(word) == cell_len(word)]
        word = min(max(words, default=0), MAX_WORD_WIDTH)
        least = max(min(longest, MIN_WIDTH), word)
    least = max(1, least, *map(cell_len, _parts(name)))
    return _Column(name, cells, set() < kinds <= _NUMBERS, least, longest)


def _decimals(sizes: Sequence[float]) -> int:
    """Return the number of decimals with which the largest value of a column has three significant
    digits.
    """
    finite = list(filter(math.isfinite, sizes))
    if all(map(float.is_integer, finite)):
        return 0
    return max(0, min(MAX_DECIMALS, SIGNIFICANT - 1 - math.floor(math.log10(max(finite)))))


def _cell(value: Any, decimals: int) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float):
        text = f"{value:.{decimals}f}"
        # a small value does not become zero
        return text if value == 0 or float(text) else f"{value:.1e}"
    text = ", ".join(as_text(item) for item in value) if isinstance(value, list) else as_text(value)
    text = printable(" ".join(text.split()))
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"


def _parts(name: str) -> list[str]:
    """Return the parts between which the name of a column may continue on the next line."""
    *first, last = name.split("_")
    return [f"{part}_" for part in first] + [last]


def _fit(columns: Sequence[_Column], width: int) -> list[int] | None:
    """Return the widths of the columns, or None if they do not fit: columns with long texts receive
    most of the space.
    """
    widths = [column.least for column in columns]
    space = width - GAP * (len(columns) - 1) - sum(widths)
    if space < 0:
        return None
    # cells before names
    for wanted in (
        [column.longest for column in columns],
        [cell_len(column.name) for column in columns],
    ):
        while space and max(need / given for need, given in zip(wanted, widths, strict=True)) > 1:
            narrowest = max(range(len(columns)), key=lambda number: wanted[number] / widths[number])
            widths[narrowest] += 1
            space -= 1
    return widths


def _line_count(columns: Sequence[_Column], widths: Sequence[int], row: int) -> int:
    return max(
        math.ceil(cell_len(column.cells[row]) / width)
        for column, width in zip(columns, widths, strict=True)
        if width
    )


def _table(columns: Sequence[_Column], widths: Sequence[int], row_count: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, GAP - 1, 0, 0), pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        justify: Any = "right" if column.is_number else "left"
        table.add_column(
            Text(_wrap_name(column.name, width)), width=width, justify=justify, overflow="fold"
        )
    for row in range(row_count):
        table.add_row(*(Text(column.cells[row]) for column in columns))
    return table


def _wrap_name(name: str, width: int) -> str:
    lines = [""]
    for part in _parts(name):
        if cell_len(lines[-1] + part) > width and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _print_lines(console: SafeConsole, columns: Sequence[_Column], row_count: int) -> None:
    """Print each row as a block with one line per column, or more lines for a long text."""
    longest = max(cell_len(column.name) for column in columns)
    parts = [cell_len(part) for column in columns for part in _parts(column.name)]
    width = min(longest, max(console.width // 3, *parts))
    for row in range(row_count):
        console.print(Text(f"row {row + 1}", style="bold"))
        block = Table(box=None, show_header=False, padding=(0, GAP, 0, 0), pad_edge=False)
        block.add_column(width=width, overflow="fold", style="dim")
        block.add_column(overflow="fold")
        for column in columns:
            block.add_row(Text(_wrap_name(column.name, width)), Text(column.cells[row]))
        console.print(block)
        console.print()
