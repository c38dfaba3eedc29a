"""Rows become CSV and Excel files that run nothing and lose neither digits nor data."""

import csv
import datetime as dt
import io
import re
import uuid
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from tidings.base import tables

NAMES = ["day", "time", "title", "share", "hits", "huge", "is_gap", "themes", "nothing"]
NOON = dt.datetime(2099, 3, 1, 14, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
ROW = [dt.date(2099, 3, 1), NOON, "新质生产力", 0.25, 3, 2**63, True, ["a", "b"], None]
ATTACKS = [
    "=1+1",
    "{=1+1}",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=HYPERLINK(0)",
    "＝1+1",
    "http://a.example",
]


def _csv(names: list[str], rows: Any) -> list[list[str]]:
    file = io.BytesIO()
    tables.write_csv(file, names, rows)
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def _xlsx(names: list[str], rows: Any, **citation: str) -> tuple[list[str], dict[str, str]]:
    """Return the notes and the parts of a workbook, as XML."""
    file = io.BytesIO()
    notes = tables.write_xlsx(file, names, rows, citation)
    with zipfile.ZipFile(file) as book:
        return notes, {
            name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")
        }


def test_a_csv_file_states_its_encoding_and_keeps_each_value() -> None:
    """CSV has a byte order mark; times are in UTC, lists JSON, null is an empty cell."""
    expected = [
        "2099-03-01",
        "2099-03-01T12:30:00Z",
        "新质生产力",
        "0.25",
        "3",
        str(2**63),
        "true",
        '["a", "b"]',
        "",
    ]
    assert _csv(NAMES, [ROW]) == [NAMES, expected]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_a_formula_or_a_link(attack: str) -> None:
    """An apostrophe precedes a formula in CSV; text cells of a workbook stay texts."""
    shown = _csv(["title"], [[attack]])[1][0]
    assert shown == attack if attack.startswith(("{", "http")) else shown == f"'{attack}"
    _, parts = _xlsx([attack], [[attack]], Query=attack)
    for number in (1, 2):
        assert re.search("<(f|hyperlink)[ >/]", parts[f"xl/worksheets/sheet{number}.xml"]) is None


def test_a_workbook_has_numbers_dates_and_a_citation() -> None:
    """Numbers and days can be added and sorted; an integer above 2**53 is text."""
    notes, parts = _xlsx(NAMES, [ROW], Release="r1", Query="from theme_monthly")
    assert notes == []
    data, citation = parts["xl/worksheets/sheet1.xml"], parts["xl/worksheets/sheet2.xml"]
    cells = re.findall(r'<c r="(\w2)"[^>]*>(.*?)</c>', data)
    values = {name: re.sub("<.*?>", "", text) for name, text in cells}
    assert values["A2"] == str((dt.date(2099, 3, 1) - dt.date(1899, 12, 30)).days)
    assert float(values["B2"]) == pytest.approx(int(values["A2"]) + 12.5 / 24)
    found = (values["C2"], values["D2"], values["E2"], values["F2"])
    assert found == ("新质生产力", "0.25", "3", str(2**63))
    assert values["H2"] == '["a", "b"]'
    assert "I2" not in values
    assert "from theme_monthly" in citation
    assert 'name="citation"' in parts["xl/workbook.xml"]


def test_values_that_a_sheet_cannot_store_become_text() -> None:
    """Not-a-number, days before March 1900, IDs and nested times appear as text."""
    row = [
        float("nan"),
        dt.date(1850, 1, 2),
        uuid.UUID(int=7),
        {1: NOON},
        Decimal("1.5"),
        float("inf"),
    ]
    _, parts = _xlsx(list("abcdef"), [row])
    texts = re.findall(r"<t[^>]*>(.*?)</t>", parts["xl/worksheets/sheet1.xml"])
    expected = ["nan", "1850-01-02", str(uuid.UUID(int=7)), '{"1": "2099-03-01T12:30:00Z"}', "inf"]
    assert texts[6:] == expected
    assert _csv(list("abcdef"), [row])[1][3] == '{"1": "2099-03-01T12:30:00Z"}'


def test_limits_of_excel_are_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, characters and columns beyond Excel's limits are counted, also beside the citation."""
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    notes, parts = _xlsx(["text"], [["短" * 40_000], ["a"], ["b"], ["c"]], Release="r1")
    assert notes == [
        "The sheet has only the first 3 of 4 rows, as many as Excel opens.",
        "Cells cut to their first 32,767 characters, as many as Excel opens: 1.",
    ]
    assert parts["xl/worksheets/sheet1.xml"].count("短") == 32_767
    assert 'r="A5"' not in parts["xl/worksheets/sheet1.xml"]
    assert notes[0] in parts["xl/worksheets/sheet2.xml"]
    with pytest.raises(ValueError, match=r"has 16,385 columns; Excel opens at most 16,384"):
        _xlsx([str(number) for number in range(16_385)], [])
