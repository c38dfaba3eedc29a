"""What rises is told alike by the terminal, the run's summary and the report."""

from __future__ import annotations

import io

import duckdb
import pytest
from lxml import html
from rich.console import Console

from tests.flows.report.sample_releases import write_files, write_ordinary_release
from tidings.flows.artifacts import _rising
from tidings.flows.cli.summary import print_summary
from tidings.flows.report.trends import read_trends
from tidings.warehouse.lake import Lake
from tidings.warehouse.release import open_release


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warehouse")
    write_ordinary_release(folder / "tidings.duckdb")
    with duckdb.connect(folder / "tidings.duckdb") as con:  # water rises by one article, which is within chance
        con.execute(
            "update marts.theme_outlet_daily set article_count = 1"
            " where theme_id = 'water' and publisher_id = 'daily' and published_on in ('2026-05-23', '2026-05-24')"
        )
    write_files(folder / "tidings.duckdb", folder / "report")
    return folder


def test_chance_is_parted_everywhere(warehouse):
    """Grain rises beyond chance, water within it: so says each of the three."""
    shown = io.StringIO()
    print_summary(Lake(warehouse), Console(file=shown, width=80))
    told = " ".join(shown.getvalue().split())
    assert "Food security 0.0% 35.7%" in told.partition("Rising beyond chance")[2].partition("Up, but within chance")[0]
    assert "Up, but within chance: Clean water" in told
    with open_release(Lake(warehouse)) as con:
        lines = list(_rising(read_trends(con)))
    assert "| Food security | 20 | 0.0% | 35.7% |" in lines
    assert "Up, but within chance: Clean water." in lines
    page = html.parse(warehouse / "report" / "index.html").getroot()
    assert page.xpath("string(//h1)") == "Food security rose most"
    (within,) = page.xpath("//h3[text() = 'Higher share, but not significantly']/following-sibling::ul//a/text()")
    assert within == "Clean water"
