"""Write rows as CSV or as an Excel workbook.

A spreadsheet must run no text as a formula: in CSV, an apostrophe precedes such a text (as OWASP
recommends); a workbook stores it as a text cell. Lists and maps become JSON, times are in UTC, and
an empty cell is unknown.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

# without it, Excel reads a CSV file in the encoding of the user's country
BOM = "\ufeff"
# spreadsheets in East Asian locales also run full-width characters
FORMULA = "^[=+\\-@\\t\\r\\n＝＋－＠]"
MAX_ROWS = 1_048_576 - 1  # of a sheet, below the header
MAX_COLUMNS = 16_384
MAX_CHARACTERS = 32_767  # of a cell, in UTF-16 units
MAX_EXACT = 2**53  # a cell is a double: larger integers would lose digits
FIRST_DAY = dt.date(1900, 3, 1)  # Excel counts a day that did not exist, 29 February 1900
_STARTS_FORMULA = re.compile(FORMULA)
_CUT = -2  # returned by XlsxWriter for a text that it has cut


def write_csv(file: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as CSV in UTF-8 with a byte order mark and a header line."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    text.write(BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([*map(_csv_cell, row)] for row in rows)
    text.detach()


def write_xlsx(
    file: BinaryIO,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    citation: Mapping[str, str],
    created_at: dt.datetime | None = None,
) -> list[str]:
    """Write an Excel workbook and return a sentence for each limit of Excel that removes data,
    which the sheet ``citation`` has after the labels and texts of ``citation``. ``created_at`` is
    in UTC (None: now). Raises ValueError for too many columns.
    """
    if len(columns) > MAX_COLUMNS:
        limit = f"Excel opens at most {MAX_COLUMNS:,}. Use CSV or Parquet."
        raise ValueError(f"The result has {len(columns):,} columns; {limit}")
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        book.set_properties({"created": created_at} if created_at else {})
        sheet = _DataSheet(book)
        notes = sheet.write(columns, rows)
        lines = dict(citation) | ({"Incomplete": "\n".join(notes)} if notes else {})
        page = book.add_worksheet("citation")
        label = book.add_format({"bold": True, "valign": "top"})
        text = book.add_format({"text_wrap": True, "quote_prefix": True})
        page.set_column(0, 0, 20)
        page.set_column(1, 1, 100)
        for row, (name, value) in enumerate(lines.items()):
            page.write_string(row, 0, name, label)
            page.write_string(row, 1, value, text)
    return notes


class _DataSheet:
    """The sheet ``data`` of a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.sheet: Worksheet = book.add_worksheet("data")
        self.header: Format = book.add_format({"bold": True})
        self.date: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.time: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        # stays a text when a user edits the cell
        self.quoted: Format = book.add_format({"quote_prefix": True})
        self.cut_count = 0

    def write(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
        for column, name in enumerate(columns):
            self.sheet.set_column(column, column, min(max(len(name) + 3, 11), 40))
            self._write_text(0, column, name, self.header)
        self.sheet.freeze_panes(1, 0)
        count = 0
        for row in rows:
            count += 1
            if count <= MAX_ROWS:
                for column, value in enumerate(row):
                    self._write_cell(count, column, value)
        self.sheet.autofilter(0, 0, min(count, MAX_ROWS), max(len(columns) - 1, 0))
        notes = []
        if count > MAX_ROWS:
            rows_shown = f"the first {MAX_ROWS:,} of {count:,} rows"
            notes.append(f"The sheet has only {rows_shown}, as many as Excel opens.")
        if self.cut_count:
            shown = f"their first {MAX_CHARACTERS:,} characters, as many as Excel opens"
            notes.append(f"Cells cut to {shown}: {self.cut_count:,}.")
        return notes

    def _write_cell(self, row: int, column: int, value: Any) -> None:
        if isinstance(value, bool):
            self.sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float | Decimal) and abs(number := float(value)) <= MAX_EXACT:
            self.sheet.write_number(row, column, number)
        elif isinstance(value, dt.datetime) and value.date() >= FIRST_DAY:
            self.sheet.write_datetime(row, column, _in_utc(value), self.time)
        elif type(value) is dt.date and value >= FIRST_DAY:
            self.sheet.write_datetime(row, column, value, self.date)
        elif value is not None:
            self._write_text(row, column, as_text(value))

    def _write_text(self, row: int, column: int, text: str, style: Format | None = None) -> None:
        if style is None and _STARTS_FORMULA.match(text):
            style = self.quoted
        self.cut_count += self.sheet.write_string(row, column, text, style) == _CUT


def _csv_cell(value: Any) -> Any:
    if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
        return value
    text = as_text(value)
    return f"'{text}" if isinstance(value, str) and _STARTS_FORMULA.match(text) else text


def as_text(value: Any) -> str:
    """Return a value as text: times as ISO 8601 in UTC, lists and maps as JSON."""
    if isinstance(value, dt.datetime):
        return f"{_in_utc(value).isoformat()}{'Z' if value.tzinfo else ''}"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        value = {str(key): item for key, item in value.items()}
    is_nested = isinstance(value, dict | list | tuple)
    return json.dumps(value, ensure_ascii=False, default=as_text) if is_nested else str(value)


def _in_utc(value: dt.datetime) -> dt.datetime:
    """Return a time in UTC without its zone, as spreadsheets store it; without a zone unchanged."""
    return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
