"""``tidings index`` computes indices from counts; published figures are compared if available."""

import calendar
import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tidings.cli.compare import index
from tidings.cli.terminal import UserError

ORACLES = Path(__file__).parents[3] / "shared" / "oracles"
HEADER = "series,outlet,month,n_all,n_hit\n"


def write_index(path: Path, **options: object) -> None:
    """Run the command with these options, and the defaults of others."""
    defaults = {"method": "standardised", "baseline_from": "", "baseline_until": ""}
    index(path, **(defaults | {"missing": "null", "unscaled": "drop"} | options))  # type: ignore[arg-type]


def run(path: Path, capsys: pytest.CaptureFixture[str], **options: object) -> list[dict[str, str]]:
    """Run the command and return its rows."""
    write_index(path, **options)
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_pooled_index_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The pooled index adds up outlets; a month without articles is empty, or zero by option."""
    path = tmp_path / "counts.csv"
    path.write_text(
        HEADER + "s,a,2020-01,100,10\ns,b,2020-01,100,30\ns,a,2020-02,100,10\ns,a,2020-03,0,0\n"
    )
    rows = run(path, capsys, method="pooled")
    assert [row["index"] for row in rows][2] == ""
    assert math.isclose(float(rows[0]["index"]), 100 * 0.2 / 0.15)
    zero = run(path, capsys, method="pooled", missing="zero")
    assert float(zero[2]["index"]) == 0.0
    assert math.isclose(float(zero[0]["index"]), 100 * 0.2 / 0.1)


PLAIN = HEADER + "".join(
    f"s,{outlet},2020-{month:02},{100 + 7 * month},{(3 * month + shift) % 11}\n"
    for outlet, shift in (("a", 0), ("b", 4))
    for month in range(1, 13)
)


def write(path: Path, rewrite: Callable[[list[str]], list[str]], separator: str = ",") -> Path:
    """Write the plain counts with rewritten rows to a file and return its path."""
    rows = [
        rewrite(line.split(",")) if number else line.split(",")
        for number, line in enumerate(PLAIN.splitlines())
    ]
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding="utf-8")
    return path


def at(place: int, form: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    """Return a function that rewrites one cell of a row."""
    return lambda row: [form(cell) if number == place else cell for number, cell in enumerate(row)]


@pytest.mark.parametrize(
    "rewrite",
    [
        at(2, lambda month: f"{month}-01"),
        at(2, lambda month: f"{month}-01T00:00:00"),
        at(3, lambda count: f" {count}.0 "),
    ],
)
def test_months_and_counts_as_people_write_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rewrite: Callable[[list[str]], list[str]]
) -> None:
    """All accepted formats of months and counts yield the same index."""
    plain = run(write(tmp_path / "plain.csv", list), capsys)
    assert [row["month"] for row in plain] == [f"2020-{month:02}-01" for month in range(1, 13)]
    assert run(write(tmp_path / "counts.csv", rewrite), capsys) == plain


def test_form_of_the_file_does_not_matter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Byte order mark, line ends, separators, quotes, capitals and order do not change an index."""
    plain = run(write(tmp_path / "plain.csv", list), capsys)
    path = tmp_path / "counts.csv"
    lines = [line.split(",") for line in PLAIN.splitlines()]
    head, body = lines[0], sorted(lines[1:], key=lambda row: row[4])
    other = [[*(f'"{cell}"' for cell in reversed(row)), '"a, note"'] for row in body]
    rows = [[*(name.upper() for name in reversed(head)), "note"], *other]
    path.write_bytes(("\ufeff" + "\r\n".join(",".join(row) for row in rows)).encode())
    assert run(path, capsys) == plain
    assert run(write(tmp_path / "semicolons.csv", list, separator=";"), capsys) == plain


def test_any_day_represents_its_month(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """First days and last days represent the same months, also in the limits of the baseline."""
    days = {"baseline_from": "2020-02-01", "baseline_until": "2020-06-30"}
    plain = run(write(tmp_path / "plain.csv", list), capsys, **days)

    def ends(row: list[str]) -> list[str]:
        last = calendar.monthrange(2020, int(row[2][5:]))[1]
        return [*row[:2], f"{row[2]}-{last}" if row[1] == "b" else row[2], *row[3:]]

    mixed = write(tmp_path / "mixed.csv", ends)
    for first, last in (("2020-02", "2020-06"), ("2020-02-17", "2020-06-01")):
        assert run(mixed, capsys, baseline_from=first, baseline_until=last) == plain


def test_unknown_counts_are_not_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row with an unknown count has the same effect as a missing row, in both indices."""
    path, short = tmp_path / "counts.csv", tmp_path / "short.csv"
    rows = PLAIN.splitlines()
    for cell in ("", "NA", '""', "NaN"):
        path.write_text(
            "\n".join([*rows[:5], f"s,a,2020-05,135,{cell}", f"s,a,2020-06,{cell},", *rows[7:]])
        )
        short.write_text("\n".join([*rows[:5], *rows[7:]]))
        for method in ("standardised", "pooled"):
            assert run(path, capsys, method=method) == run(short, capsys, method=method)


def test_outlet_with_equal_shares_is_dropped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A constant share has no standard deviation, rather than a tiny one of rounding errors."""
    path = tmp_path / "counts.csv"
    flat = "".join(
        f"s,flat,{1900 + month // 12}-{month % 12 + 1:02},{10 * (month % 7 + 1)},{month % 7 + 1}\n"
        for month in range(1452)
    )
    path.write_text(PLAIN + flat)
    found = {row["month"]: row for row in run(path, capsys)}
    for row in run(write(tmp_path / "plain.csv", list), capsys):
        assert found[row["month"]] == row
    assert [*found["1900-01-01"].values()] == ["s", "1900-01-01", "", ""]


def test_pooled_baseline_is_the_mean_of_its_months(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Months weigh equally in the baseline whatever their articles; the outlet is optional."""
    path = tmp_path / "counts.csv"
    path.write_text(
        "series,month,n_all,n_hit\ns,2020-01,1000,100.5\ns,2020-02,10,5\ns,2020-03,50,10\n"
    )
    rows = run(path, capsys, method="pooled", baseline_until="2020-02")
    expected = [100 * share / ((0.1005 + 0.5) / 2) for share in (0.1005, 0.5, 0.2)]
    assert all(
        math.isclose(float(row["index"]), value, rel_tol=1e-14)
        for row, value in zip(rows, expected, strict=True)
    )
    with pytest.raises(UserError, match="missing column outlet"):
        write_index(path)


def test_series_without_baseline_yields_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A series without counts in the baseline has an empty index, and a warning names it."""
    path = tmp_path / "counts.csv"
    path.write_text(PLAIN + "late,a,2021-01,10,1\nlate,a,2021-02,10,2\n")
    write_index(path, baseline_until="2020-12")
    output = capsys.readouterr()
    assert output.err == ("tidings: The baseline of these series yields no index: late\n")
    assert output.out.splitlines()[1:3] == ["late,2021-01-01,,", "late,2021-02-01,,"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("series,outlet,month,n_all\n", "missing column n_hit"),
        (HEADER, "no rows"),
        ("", "header|missing"),
        (HEADER + "s,a,soon,1,1\n", "invalid or ambiguous"),
        (HEADER + "s,a,2020-13,1,1\n", "invalid or ambiguous"),
        (HEADER + "s,a,1/2/2020,1,1\n", "invalid or ambiguous"),
        (HEADER + "s,a,2020-01-01,1,1\ns,a,2020-01-02,1,1\n", "duplicate series"),
        (HEADER + ",a,2020-01,1,1\n", "is empty"),
        (HEADER + "s,a,2020-01,1,2\n", r"from 0 to n_all in the row s,a,2020-01,1,2\."),
        (HEADER + "s,a,2020-01,1,-1\n", "n_hit is not a number"),
        (HEADER + "s,a,2020-01,-1,0\n", "n_all is not a count"),
        (HEADER + "s,a,2020-01,1e999,0\n", "n_all is not a count"),
        (HEADER + "s,a,2020-01,x,2\n", "n_all is not a count"),
        (HEADER + 2 * "s,a,2020-01,1,1\n", "duplicate series, outlet and month in the row s,a"),
    ],
)
def test_invalid_counts_are_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """An invalid file yields one sentence and no index."""
    path = tmp_path / "counts.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=sentence):
        write_index(path)


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("soon", "", "invalid date"),
        ("2021", "", "invalid date"),
        ("", "2020-02-30", "invalid date"),
        ("2021-01", "2020-12", "is after"),
    ],
)
def test_invalid_baselines_are_refused(
    tmp_path: Path, first: str, last: str, sentence: str
) -> None:
    """An invalid limit of the baseline yields one sentence."""
    with pytest.raises(UserError, match=sentence):
        write_index(write(tmp_path / "counts.csv", list), baseline_from=first, baseline_until=last)


@pytest.mark.skipif(not ORACLES.exists(), reason="the published figures are not available")
def test_published_series_are_reproduced(capsys: pytest.CaptureFixture[str]) -> None:
    """The weighted and unweighted indices of 14 series equal the published values within 1e-9."""
    options = {"baseline_until": "2020-12-31", "missing": "zero", "unscaled": "zero"}
    ours = {
        (row["series"], row["month"]): row
        for row in run(ORACLES / "epu_counts.csv", capsys, **options)
    }
    with (ORACLES / "epu_published.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    assert len(published) == len(ours)
    for row in published:
        for column in ("unweighted", "weighted"):
            found = ours[row["series"], row["month"]][column]
            assert (found == "") == (row[column] == "")
            assert found == "" or abs(float(found) - float(row[column])) < 1e-9
