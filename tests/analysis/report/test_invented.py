"""Every output of a release with sample data states that they are invented, no other does."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
from lxml import etree, html
from pyarrow import parquet

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tidings.analysis.report import write_report
from tidings.analysis.report.export import export_release
from tidings.analysis.report.release import (
    ALL,
    NONE,
    PART,
    PUBLISHERS,
    cite,
    read_facts,
    read_invented,
)
from tidings.analysis.report.write import ATOM
from tidings.demo.outlets import OUTLETS
from tidings.storage.release import open_release


def test_the_publishers_are_those_of_the_sample() -> None:
    """The list of publishers whose articles are invented is that of the sample newsroom."""
    assert sorted(PUBLISHERS) == sorted(outlet.publisher_id for outlet in OUTLETS.values())


def test_articles_decide_what_is_invented(sample_night: Any, tmp_path: Path) -> None:
    """Copies of the sample are invented; with one article of another publisher, a part is."""
    copy = shutil.copy(sample_night.lake.release_file, tmp_path / "copy.duckdb")
    with open_release(sample_night.lake, sample_night.release.release_id) as con:
        assert read_invented(con) == ALL
    with duckdb.connect(copy) as con:
        assert read_facts(con).invented == ALL
        con.execute("update core.articles set publisher_id = 'real' where rowid = 0")
        assert read_facts(con).invented == PART
        con.execute("delete from core.articles where publisher_id != 'real'")
        assert read_facts(con).invented == NONE


def test_every_page_and_feed_states_it(demo_report: Path) -> None:
    """The notice is on each page and in its title, the label at each source, feed and entry."""
    pages = sorted(demo_report.rglob("*.html"))
    assert {"index.html", "method.html", "candidates.html", "food.html"} <= {
        path.name for path in pages
    }
    for path in pages:
        page = html.parse(path).getroot()
        assert page.xpath("string(//header/p[@class='invented'])") == ALL.notice, path
        assert ALL.label in page.xpath("string(//title)"), path
        for source in page.xpath("//p[@class='source']"):
            assert source.text_content().startswith("Invented sample data. "), path
    assert ALL.label in html.parse(demo_report / "method.html").getroot().xpath("string(//cite)")
    for path in demo_report.rglob("*.xml"):
        titles = [title.text or "" for title in etree.parse(path).iter(f"{{{ATOM}}}title")]
        assert len(titles) > 1, path
        assert all(ALL.label in title for title in titles), path


def test_an_export_with_author_and_doi_states_it(sample_night: Any, tmp_path: Path) -> None:
    """Citation, README and each description name it in title, description and keywords."""
    with open_release(sample_night.lake) as con:
        bundle = export_release(
            con, tmp_path / "out", doi="10.5281/zenodo.1", authors=["Doe, Jane"]
        ).bundle
        assert ALL.label in cite(read_facts(con))["Source"]
    assert bundle.citation.startswith(
        "Doe, Jane (2026): Tidings: policy themes in the news, release 2026-08-30T000000Z (invented"
    )
    for name in ("README.md", "CITATION.cff", "datapackage.json"):
        text = " ".join((tmp_path / "out" / name).read_text(encoding="utf-8").split())
        assert f"({ALL.label})" in text, name
        assert ALL.notice in text, name
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["keywords"] == [ALL.label]
    metadata = parquet.read_schema(
        tmp_path / "out" / "parquet" / "marts.theme_monthly.parquet"
    ).metadata
    assert ALL.label in metadata[b"cite_as"].decode()


def test_a_real_release_does_not_state_it(
    ordinary_report: Path, ordinary_release: Path, tmp_path: Path
) -> None:
    """Neither the report nor the export of a release without sample articles contains the word."""
    with duckdb.connect(ordinary_release, read_only=True) as con:
        export_release(con, tmp_path / "out")
    files = [
        path
        for path in (*ordinary_report.rglob("*"), *(tmp_path / "out").iterdir())
        if path.is_file()
    ]
    assert len(files) > 20
    for path in files:
        if path.suffix not in {".js", ".css"}:
            assert "invented" not in path.read_text(encoding="utf-8").lower().replace(
                'class="invented"', ""
            ), path


def test_every_page_changes_with_the_first_sample_article(tmp_path: Path) -> None:
    """The first sample article changes every page, even where its rows remain the same."""
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    write_files(release, tmp_path / "report")
    with duckdb.connect(release) as con:
        con.execute("update core.articles set publisher_id = 'sample_daily' where rowid = 0")
        write_report(con, tmp_path / "report")
    for path in (tmp_path / "report").rglob("*.html"):
        assert PART.notice in path.read_text(encoding="utf-8"), path
