"""`tidings index` on counts by hand, and on published figures where they lie beside the checkout."""

from __future__ import annotations

import csv
import io
import math
import statistics
from pathlib import Path

import pytest

from flows.cli.index import Method, Missing, Unscaled, index
from flows.cli.places import UserError

ORACLES = Path(__file__).parents[4] / "shared" / "oracles"
HEADER = "series,outlet,month,n_all,n_hit\n"


def run(path: Path, capsys: pytest.CaptureFixture[str], **options: object) -> list[dict[str, str]]:
    """Return what the command prints, a dict a row."""
    given = {
        "method": Method.standardised,
        "baseline_from": "",
        "baseline_until": "",
        "missing": Missing.null,
        "unscaled": Unscaled.drop,
        **options,
    }
    index(path, **given)  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_standardised_index_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each outlet's shares are put over their own deviation, averaged, and set to 100 over the baseline."""
    path = tmp_path / "counts.csv"
    path.write_text(
        HEADER
        + "s,a,2020-01,100,10\ns,a,2020-02,100,20\ns,b,2020-01,50,5\ns,b,2020-02,50,20\ns,b,2020-03,0,0\ns,a,2020-03,100,30\n"
    )
    rows = run(path, capsys, baseline_until="2020-02-29")
    a, b = statistics.stdev([0.1, 0.2]), statistics.stdev([0.1, 0.4])
    z = [(0.1 / a + 0.1 / b) / 2, (0.2 / a + 0.4 / b) / 2, 0.3 / a]
    expected = [100 * value / ((z[0] + z[1]) / 2) for value in z]
    assert [row["month"] for row in rows] == ["2020-01-01", "2020-02-01", "2020-03-01"]
    assert all(math.isclose(float(row["unweighted"]), value, rel_tol=1e-12) for row, value in zip(rows, expected, strict=True))
    weighted = (100 * 0.1 / a + 50 * 0.1 / b) / 150 / ((100 * 0.1 / a + 50 * 0.1 / b + 100 * 0.2 / a + 50 * 0.4 / b) / 300) * 100
    assert math.isclose(float(rows[0]["weighted"]), weighted, rel_tol=1e-12)


def test_pooled_index_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All outlets count as one; a month without articles is empty, or zero when told so."""
    path = tmp_path / "counts.csv"
    path.write_text(HEADER + "s,a,2020-01,100,10\ns,b,2020-01,100,30\ns,a,2020-02,100,10\ns,a,2020-03,0,0\n")
    rows = run(path, capsys, method=Method.pooled)
    assert [row["index"] for row in rows][2] == ""
    assert math.isclose(float(rows[0]["index"]), 100 * 0.2 / 0.15)
    zero = run(path, capsys, method=Method.pooled, missing=Missing.zero)
    assert float(zero[2]["index"]) == 0.0
    assert math.isclose(float(zero[0]["index"]), 100 * 0.2 / 0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("series,outlet,month,n_all\n", "n_hit is missing"),
        (HEADER + "s,a,soon,1,1\n", "no date"),
        (HEADER + "s,a,2020-01,1,2\n", "n_hit is no number"),
        (HEADER + "s,a,2020-01,x,2\n", "n_all is no number"),
        (HEADER + "s,a,2020-01,1,1\ns,a,2020-01,1,1\n", "twice"),
    ],
)
def test_counts_that_cannot_be_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """A wrong file is one clear sentence, never an index."""
    path = tmp_path / "counts.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=said):
        index(path)


@pytest.mark.skipif(not ORACLES.exists(), reason="the published figures are not beside this checkout")
def test_published_series_come_out_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Every published value of 14 series, weighted and unweighted, is met within 1e-9."""
    options = {"baseline_until": "2020-12-31", "missing": Missing.zero, "unscaled": Unscaled.zero}
    ours = {(row["series"], row["month"]): row for row in run(ORACLES / "epu_counts.csv", capsys, **options)}
    with (ORACLES / "epu_published.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    assert len(published) == len(ours)
    for row in published:
        for column in ("unweighted", "weighted"):
            found = ours[row["series"], row["month"]][column]
            assert (found == "") == (row[column] == "")
            assert found == "" or abs(float(found) - float(row[column])) < 1e-9
