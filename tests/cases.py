"""Tables of cases: one test function runs with the values of each row."""

import re
from typing import Any

import pytest

VALUES = {"None": None, "True": True, "False": False}


def cases(names: str, *rows: Any, **options: Any) -> pytest.MarkDecorator:
    """Return a decorator that runs a test with each row of values of its named arguments."""
    return pytest.mark.parametrize(names, rows, **options)


def table(text: str) -> pytest.MarkDecorator:
    """Return a decorator that runs a test with each row of a table, whose first line has the names.

    A line that is indented further continues a row, and a number sign begins a comment. Cells are
    texts, integers, None, True or False.
    """
    lines = (line.strip() for line in re.sub(r"\n {8}", " ", text).splitlines())
    kept = (line for line in lines if line and not line.startswith("#"))
    names, *rows = ([cell.strip() for cell in line.split(" | ")] for line in kept)
    if any(len(row) != len(names) for row in rows):
        raise ValueError(f"Each row needs the columns {names}.")
    return pytest.mark.parametrize(names, [tuple(map(_value, row)) for row in rows])


def _value(cell: str) -> Any:
    return int(cell) if re.fullmatch(r"-?\d+", cell, re.ASCII) else VALUES.get(cell, cell)
