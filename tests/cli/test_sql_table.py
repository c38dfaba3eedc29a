"""The results of ``tidings sql`` are readable in a terminal of any width, and no column is
missing.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len

from tidings.cli.sql_table import show_rows
from tidings.cli.terminal import SafeConsole

NAMES = ["month_start_on", "publisher_id", "title", "article_count", "share_of_all_articles"]
ROWS: list[list[Any]] = [
    [
        "2099-01-01",
        "government_operations",
        "A long title of many words about the harbour and its quay",
        12,
        0.123456,
    ],
    ["2099-02-01", "daily", "关于港口和码头的很长的标题需要很多字才能写完所有的内容", 3, 0.000004],
    ["2099-03-01", "daily", None, None, None],
]


def _show(names: list[str], rows: list[list[Any]], width: int, most_rows: int = 200) -> list[str]:
    file = io.StringIO()
    show_rows(SafeConsole(file=file, width=width), names, rows, most_rows)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_width_hides_a_column(width: int) -> None:
    """Every name and value is shown at every width, no line is longer, and no word of a usual
    length is broken.
    """
    lines = _show(NAMES, ROWS, width)
    assert max(cell_len(line) for line in lines) <= width
    together = "".join("".join(lines).split())
    for shown in ("share_", "article_", "government_operations", "0.123", "4.0e-06", "12", "NULL"):
        assert shown in together
    words = " ".join(lines).split()
    assert {"harbour", "government_operations"} <= set(words)
    assert lines[-1] == "3 rows"


def test_wide_results_have_one_line_per_column() -> None:
    """If the columns do not fit side by side, each row is a block of names and values."""
    lines = [
        line.split()
        for line in _show([f"column_{number}" for number in range(40)], [list(range(40))], 80)
    ]
    assert lines[0] == ["row", "1"]
    assert lines[1:41] == [[f"column_{number}", str(number)] for number in range(40)]
    assert lines[-1] == ["1", "row"]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.073529, 0.5], ["0.074", "0.500"]),
        ([1234.5678, 2.5], ["1235", "2"]),
        ([3.0, 0.0, None], ["3", "0", "NULL"]),
        ([float("nan"), float("inf"), 0.25], ["nan", "inf", "0.250"]),
        ([12345678901234567890], ["12345678901234567890"]),
        ([["a", "b"], []], ["a, b", ""]),
        (["two\nlines  here"], ["two lines here"]),
        ([True, False], ["true", "false"]),
    ],
)
def test_numbers_are_rounded(values: list[Any], shown: list[str]) -> None:
    """The largest number of a column has three significant digits; whole numbers and texts are
    complete.
    """
    lines = _show(["value"], [[value] for value in values], 80)
    assert [line.strip() for line in lines[2:-1]] == shown


def test_long_results_are_cut_with_a_notice() -> None:
    """Only the first rows and the first 300 characters of a text are shown; an empty result shows
    its columns.
    """
    lines = _show(["text"], [["x" * 400], ["y"], ["z"]], 500, most_rows=2)
    assert lines[2].strip() == "x" * 299 + "…"
    assert lines[-1] == "first 2 rows; the other formats have all rows"
    assert _show(["one", "two"], [], 80)[-1] == "0 rows"
    assert (
        "long_name_0, long_name_1"
        in _show([f"long_name_{number}" for number in range(20)], [], 60)[0]
    )


def test_texts_do_not_control_the_terminal() -> None:
    """Escape characters and Rich's markup in a result are shown, not interpreted."""
    lines = _show(["a[red]"], [["\x1b[31mred [bold]x[/bold]"]], 80)
    assert "\x1b" not in "".join(lines)
    assert "[bold]x[/bold]" in lines[2]
    assert "a[red]" in lines[0]
